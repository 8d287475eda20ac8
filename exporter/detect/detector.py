"""One partner's detector: its lanes, and what they conclude together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import inf, isfinite
from typing import Any

from exporter.detect.answer_rate import AnswerRateLane
from exporter.detect.judgements import Direction, Judgements, Spend
from exporter.detect.observations import Counts, History, Increments, Moment, Thresholds
from exporter.detect.profile import MIN_DAYS
from exporter.detect.spike import Spike
from exporter.detect.state import StateError, dump, restore
from exporter.detect.traffic import Traffic

MAX_LANES = 32
"""Of a kind: no more are judged, whatever names the API invents."""
MAX_TIMESTAMP = 1e11
"""The year 5138: a clock beyond it is broken."""
OUTBOUND = "outbound"
"""The direction that fraud uses."""


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
        self._directions: dict[str, AnswerRateLane] = {}
        self._products: dict[str, AnswerRateLane] = {}
        self._traffic: dict[str, Traffic] = {}
        self._minutes: dict[str, Spike] = {}
        self._spend: dict[str, Spike] = {}
        self._kinds: Mapping[str, tuple[dict[str, Any], Callable[[], Any]]] = {
            "directions": (self._directions, AnswerRateLane),
            "products": (self._products, AnswerRateLane),
            "traffic": (self._traffic, Traffic),
            "minutes": (self._minutes, Spike),
            "spend": (self._spend, Spike),
        }

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
        directions = {name: _possible(counts) for name, counts in increments.directions.items()}
        products = {name: _possible(counts) for name, counts in increments.products.items()}
        self._add_lanes(directions=directions, products=products, spend=increments.cost)
        self._add_lanes(minutes=directions.keys() & {OUTBOUND})
        for name in self._directions.keys() - self._traffic.keys():
            self._traffic[name], self._has_news = Traffic(), True
        if self._has_news:
            self._learn(self._history, moment)
            self._has_news = False
        wanted = self._thresholds.answer_drop_evidence
        for name in directions.keys() & self._directions.keys():
            if directions[name].answered_known:
                self._directions[name].collect(moment.minute, directions[name], min_days=MIN_DAYS)
                self._directions[name].observe(moment, directions[name], wanted)
            self._traffic[name].observe(moment, directions[name].calls)
        may_begin = any(lane.judged for lane in self._directions.values())
        for name in products.keys() & self._products.keys():
            if not products[name].answered_known:
                continue
            if may_begin:
                self._products[name].collect(moment.minute, products[name], min_days=0)
            self._products[name].observe(moment, products[name], wanted)
        outbound = directions.get(OUTBOUND, Counts())
        if OUTBOUND in directions and outbound.answered_known and OUTBOUND in self._minutes:
            self._minutes[OUTBOUND].observe(moment, outbound.seconds / 60, outbound.answered, outbound.answered)
        answered = sum(counts.answered if counts.answered_known else inf for counts in directions.values())
        for currency in increments.cost.keys() & self._spend.keys():
            self._spend[currency].observe(moment, _amount(increments.cost[currency]), outbound.seconds / 60, answered)
        self._judgements = self._judge(moment)

    def accept_usual(self, lane: str) -> bool:
        """Take the answer rate of the last hours of a direction or product as usual from now on; False if unknown."""
        found = self._directions.get(lane) or self._products.get(lane)
        if found is None or not found.begun:
            return False
        found.accept_usual()
        return True

    def dump(self) -> dict[str, Any]:
        """All that is remembered, as data for JSON."""
        return {kind: {name: dump(lane) for name, lane in lanes.items()} for kind, (lanes, _) in self._kinds.items()}

    def load(self, saved: object) -> tuple[str, ...]:
        """Go on from what :meth:`dump` returned. Returns the names of lanes that were damaged and start again."""
        damaged: list[str] = []
        for kind, (lanes, make) in self._kinds.items():
            lanes.clear()
            states = saved.get(kind) if isinstance(saved, Mapping) else None
            if not isinstance(states, Mapping):
                damaged.append(kind)
                continue
            for name, state in states.items():
                try:
                    lanes[str(name)] = restore(make(), state)
                except StateError:
                    damaged.append(f"{kind}/{name}")
        return tuple(damaged)

    def _add_lanes(self, **seen: Iterable[str]) -> None:
        for kind, names in seen.items():
            lanes, make = self._kinds[kind]
            for name in names:
                if name not in lanes and len(lanes) < MAX_LANES:
                    lanes[name], self._has_news = make(), True

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
            spike.learn([day.cost.get(currency, 0.0) for day in history.total], minutes)

    def _judge(self, moment: Moment) -> Judgements:
        limits = self._thresholds
        minutes = {
            name: spike.judge(moment, limits.outbound_minutes_spike_minimum, limits)
            for name, spike in self._minutes.items()
        }
        return Judgements(
            directions={
                name: Direction(
                    answer_rate=lane.judge(limits.answer_drop_evidence),
                    calls_per_hour_expected=self._traffic[name].expected(moment),
                    traffic_drop_score=self._traffic[name].score(moment, limits),
                    minutes_spike_score=minutes.get(name),
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


def _possible(counts: Counts) -> Counts:
    """These counts with nothing negative, endless or contradictory in them."""
    calls = _amount(counts.calls)
    return replace(counts, calls=calls, answered=min(_amount(counts.answered), calls), seconds=_amount(counts.seconds))


def _amount(value: float) -> float:
    return value if 0 < value < 1e12 else 0.0
