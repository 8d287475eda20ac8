"""One partner's detector: its lanes, and what they conclude together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

from exporter.detect.history import MIN_DAYS
from exporter.detect.judgements import Direction, Judgements, Spend
from exporter.detect.moment import Moment
from exporter.detect.observations import Counts, Day, History, Increments
from exporter.detect.rate_lane import RateLane
from exporter.detect.spike import Spike
from exporter.detect.state import StateError, dump, restore
from exporter.detect.thresholds import Thresholds
from exporter.detect.traffic import Traffic

MAX_LANES = 32
"""Of a kind: no more are judged, whatever names the API invents."""
MAX_TIMESTAMP = 1e11
"""The year 5138: a clock beyond it is broken."""
OUTBOUND = "outbound"
"""The direction that fraud uses."""

Lane = TypeVar("Lane", RateLane, Traffic, Spike)
_NONE = Counts()


class Detector:
    """Judges one partner from its polls. Not thread-safe: one poll of one partner at a time.

    ``interval`` is the seconds between polls as configured: windows follow it. Nothing it is given raises.
    """

    def __init__(self, *, interval: float = 60.0, thresholds: Thresholds | None = None) -> None:
        self._interval = interval / 60
        self._thresholds = thresholds or Thresholds()
        self._judgements = Judgements()
        self._history = History()
        self._has_news = False
        """Whether there are days or lanes that were not brought together yet."""
        self._directions: dict[str, RateLane] = {}
        self._products: dict[str, RateLane] = {}
        self._traffic: dict[str, Traffic] = {}
        self._minutes: dict[str, Spike] = {}
        self._spend: dict[str, Spike] = {}

    @property
    def judgements(self) -> Judgements:
        """What the last observation led to."""
        return self._judgements

    def learn(self, history: History) -> None:
        """Take in the complete days before today, from the next observation on; the same days again change nothing."""
        if history != self._history:
            self._history, self._has_news = history, True

    def observe(self, increments: Increments) -> None:
        """Weigh what a good poll brought. Failed polls are simply not observed."""
        if not 0 <= increments.timestamp <= MAX_TIMESTAMP or not isfinite(increments.minute_of_day):
            return
        moment = Moment.of(increments, self._interval)
        directions = _less_late(increments.directions, increments.late_directions)
        products = _less_late(increments.products, increments.late_products)
        self._add_lanes(directions, products, increments.cost)
        if self._has_news:
            self._learn(self._history, moment)
            self._has_news = False
        wanted = self._thresholds.answer_drop_evidence
        for name, counts in directions.items():
            if name in self._directions:
                self._directions[name].collect(moment.minute, counts, min_days=MIN_DAYS)
                self._directions[name].observe(moment, counts, wanted)
                self._traffic[name].observe(moment, counts.calls)
        for name, counts in products.items():
            if name in self._products:
                if any(lane.judged for lane in self._directions.values()):
                    self._products[name].collect(moment.minute, counts, min_days=0)
                self._products[name].observe(moment, counts, wanted)
        outbound = directions.get(OUTBOUND, _NONE)
        if OUTBOUND in self._minutes and OUTBOUND in directions:
            self._minutes[OUTBOUND].observe(moment, outbound.seconds / 60, outbound.answered)
        for currency, cost in increments.cost.items():
            if currency in self._spend:
                late = _amount(increments.late_cost.get(currency, 0.0))
                self._spend[currency].observe(moment, max(_amount(cost) - late, 0.0), outbound.seconds / 60)
        self._judgements = self._judge(moment)

    def accept_usual(self, lane: str) -> bool:
        """Take the answer rate of the last hours of a direction or product as usual from now on; False if unknown."""
        found = self._directions.get(lane) or self._products.get(lane)
        if found is None or not found.begun:
            return False
        found.rate.accept_usual()
        return True

    def dump(self) -> dict[str, Any]:
        """All that is remembered, as data for JSON."""
        return {kind: {name: dump(lane) for name, lane in lanes.items()} for kind, lanes in self._lanes().items()}

    def load(self, saved: object) -> tuple[str, ...]:
        """Go on from what :meth:`dump` returned. Returns the names of lanes that were damaged and start afresh."""
        damaged: list[str] = []
        self._directions = _restored("directions", RateLane, saved, damaged)
        self._products = _restored("products", RateLane, saved, damaged)
        self._traffic = _restored("traffic", Traffic, saved, damaged)
        self._minutes = _restored("minutes", Spike, saved, damaged)
        self._spend = _restored("spend", Spike, saved, damaged)
        return tuple(damaged)

    def _lanes(self) -> dict[str, Mapping[str, Any]]:
        return {
            "directions": self._directions,
            "products": self._products,
            "traffic": self._traffic,
            "minutes": self._minutes,
            "spend": self._spend,
        }

    def _add_lanes(
        self, directions: Mapping[str, Counts], products: Mapping[str, Counts], cost: Mapping[str, float]
    ) -> None:
        added = _add(self._directions, directions, RateLane) | _add(self._products, products, RateLane)
        added |= _add(self._traffic, directions, Traffic) | _add(self._spend, cost, Spike)
        added |= _add(self._minutes, [name for name in directions if name == OUTBOUND], Spike)
        self._has_news |= added

    def _learn(self, history: History, moment: Moment) -> None:
        for name, lane in self._directions.items():
            lane.learn(history.directions.get(name, ()), moment.minute)
            self._traffic[name].learn(history.directions.get(name, ()))
        for name, lane in self._products.items():
            lane.learn(history.products.get(name, ()), moment.minute)
        outbound = history.directions.get(OUTBOUND, ())
        minutes = [day.seconds / 60 for day in outbound]
        for spike in self._minutes.values():
            spike.learn(minutes, [day.answered for day in outbound])
        for currency, spike in self._spend.items():
            spike.learn(_costs(history.total, currency), minutes)

    def _judge(self, moment: Moment) -> Judgements:
        limits = self._thresholds
        return Judgements(
            directions={
                name: Direction(
                    answer_rate=lane.judge(limits.answer_drop_evidence),
                    calls_per_hour_expected=self._traffic[name].expected(moment),
                    traffic_drop_score=self._traffic[name].score(
                        moment,
                        silent_calls=limits.no_traffic_minimum_calls,
                        low_calls=limits.traffic_low_minimum_calls,
                    ),
                    minutes_spike_score=self._minutes[name].judge(moment, limits.outbound_minutes_spike_minimum, limits)
                    if name in self._minutes
                    else None,
                )
                for name, lane in self._directions.items()
            },
            products={name: lane.judge(limits.answer_drop_evidence) for name, lane in self._products.items()},
            currencies={
                currency: Spend(
                    cost_per_hour_expected=spike.expected(moment),
                    spend_spike_score=spike.judge(moment, limits.spend_spike_minimum, limits),
                )
                for currency, spike in self._spend.items()
            },
        )


def _add(lanes: dict[str, Lane], names: Sequence[str] | Mapping[str, Any], kind: Callable[[], Lane]) -> bool:
    """Begin the lanes that are not there yet; whether there were any."""
    before = len(lanes)
    for name in names:
        if name not in lanes and len(lanes) < MAX_LANES:
            lanes[name] = kind()
    return len(lanes) > before


def _restored(kind: str, make: Callable[[], Lane], saved: object, damaged: list[str]) -> dict[str, Lane]:
    lanes: dict[str, Lane] = {}
    of_kind = saved.get(kind) if isinstance(saved, Mapping) else None
    if not isinstance(of_kind, Mapping):
        damaged.append(kind)
        return lanes
    for name, state in of_kind.items():
        try:
            lanes[str(name)] = restore(make(), state)
        except StateError:
            damaged.append(f"{kind}/{name}")
    return lanes


def _less_late(counts: Mapping[str, Counts], late: Mapping[str, Counts]) -> dict[str, Counts]:
    """What belongs to now, with nothing below 0 or endless in it."""
    result = {}
    for name, all_of_it in counts.items():
        less = late.get(name, _NONE)
        calls = max(_amount(all_of_it.calls) - _amount(less.calls), 0.0)
        result[name] = Counts(
            calls=calls,
            answered=min(max(_amount(all_of_it.answered) - _amount(less.answered), 0.0), calls),
            seconds=max(_amount(all_of_it.seconds) - _amount(less.seconds), 0.0),
        )
    return result


def _amount(value: float) -> float:
    return value if 0 < value < 1e12 else 0.0


def _costs(days: Sequence[Day], currency: str) -> list[float]:
    return [day.cost.get(currency, 0.0) for day in days]
