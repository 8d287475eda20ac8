"""One partner's detector: its lanes, and what they conclude together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar

import msgspec

from exporter.detect.answer_rate import AnswerRateLane
from exporter.detect.judgements import Direction, Judgements, Spend
from exporter.detect.observations import Counts, History, Increments, Moment, Thresholds
from exporter.detect.profile import MIN_DAYS
from exporter.detect.spike import Spike
from exporter.detect.traffic import Traffic

MAX_LANES = 32
"""Of a kind: no more are judged, whatever names the API invents."""
OUTBOUND = "outbound"
"""The direction that fraud uses."""

Lane = TypeVar("Lane", AnswerRateLane, Traffic, Spike)


@dataclass(slots=True)
class Lanes:
    """All that is remembered of one partner: by direction, product and currency."""

    directions: dict[str, AnswerRateLane] = field(default_factory=dict)
    traffic: dict[str, Traffic] = field(default_factory=dict)
    products: dict[str, AnswerRateLane] = field(default_factory=dict)
    minutes: Spike = field(default_factory=Spike)
    """Of outbound calls."""
    spend: dict[str, Spike] = field(default_factory=dict)


class Detector:
    """Judges one partner from its polls. Not thread-safe: one poll of one partner at a time.

    It goes on from what :meth:`dump` returned, in this release or an older one; ValueError is raised for anything else.
    ``interval`` is the seconds between polls as configured: windows follow it. Both may be changed between polls.
    """

    def __init__(
        self, saved: bytes | None = None, *, interval: float = 60.0, thresholds: Thresholds | None = None
    ) -> None:
        self.interval = interval
        self.thresholds = thresholds or Thresholds()
        self._lanes = Lanes() if saved is None else msgspec.json.decode(saved, type=Lanes)
        self.judgements = Judgements()
        """What the last observation led to."""
        self._history = History()
        self._has_news = False
        """Whether there are days or lanes that were not brought together yet."""

    def learn(self, history: History) -> None:
        """Take in the complete days before today, from the next observation on; the same days again change nothing."""
        if history != self._history:
            self._history, self._has_news = history, True

    def observe(self, increments: Increments) -> None:
        """Weigh what a good poll brought. Failed polls are simply not observed."""
        moment, lanes = Moment.of(increments, self.interval / 60), self._lanes
        threshold = self.thresholds.answer_drop_evidence
        directions, products, cost = increments.directions, increments.products, increments.cost
        self._add(lanes.directions, directions, AnswerRateLane)
        self._add(lanes.traffic, lanes.directions, Traffic)
        self._add(lanes.products, products, AnswerRateLane)
        self._add(lanes.spend, cost, Spike)
        if self._has_news:
            self._learn(moment.minute)
        for name in directions.keys() & lanes.directions.keys():
            lanes.directions[name].observe(moment, directions[name], threshold, min_days=MIN_DAYS)
            lanes.traffic[name].observe(moment, directions[name].calls)
        # The API has no days of products: they are compared while a direction is, and need none of their own then.
        compared = any(lane.judged for lane in lanes.directions.values())
        for name, product in lanes.products.items():
            product.suspended = not compared
            if name in products:
                product.observe(moment, products[name], threshold)
        outbound = directions.get(OUTBOUND, Counts(answered_known=False))
        if outbound.answered_known:
            lanes.minutes.observe(moment, outbound.seconds / 60, outbound.answered, outbound.answered)
        answered = sum(counts.answered if counts.answered_known else inf for counts in directions.values())
        for currency in cost.keys() & lanes.spend.keys():
            lanes.spend[currency].observe(moment, cost[currency], outbound.seconds / 60, answered)
        self.judgements = self._judge(moment)

    def accept_usual(self, lane: str) -> bool:
        """Take the answer rate of the last hours of a direction or product as usual from now on; False if unknown."""
        found = self._lanes.directions.get(lane) or self._lanes.products.get(lane)
        if found is None or not found.begun:
            return False
        found.accept_usual()
        return True

    def dump(self) -> bytes:
        """All that is remembered, as JSON."""
        return msgspec.json.encode(self._lanes)

    def _add(self, lanes: dict[str, Lane], names: Iterable[str], kind: type[Lane]) -> None:
        for name in names:
            if name not in lanes and len(lanes) < MAX_LANES:
                lanes[name], self._has_news = kind(), True

    def _learn(self, minute: float) -> None:
        lanes, history, self._has_news = self._lanes, self._history, False
        for name, lane in lanes.directions.items():
            lane.learn(history.directions.get(name, ()), minute)
        for name, traffic in lanes.traffic.items():
            traffic.learn(history.directions.get(name, ()))
        outbound = history.directions.get(OUTBOUND, ())
        minutes = [day.seconds / 60 for day in outbound]
        lanes.minutes.learn(minutes, [day.answered for day in outbound])
        for currency, spike in lanes.spend.items():
            spike.learn([day.cost.get(currency, 0.0) for day in history.total], minutes)

    def _judge(self, moment: Moment) -> Judgements:
        limits, lanes = self.thresholds, self._lanes
        minutes = lanes.minutes.judge(moment, limits.outbound_minutes_spike_minimum, limits)
        return Judgements(
            directions={
                name: Direction(
                    answer_rate=lane.judge(limits.answer_drop_evidence),
                    calls_per_hour_expected=lanes.traffic[name].expected(moment),
                    traffic_drop_score=lanes.traffic[name].score(moment, limits),
                    minutes_spike_score=minutes if name == OUTBOUND else None,
                )
                for name, lane in lanes.directions.items()
            },
            products={name: lane.judge(limits.answer_drop_evidence) for name, lane in lanes.products.items()},
            currencies={
                currency: Spend(
                    cost_per_hour_expected=spike.expected(moment),
                    spend_spike_score=spike.judge(moment, limits.spend_spike_minimum, limits),
                )
                for currency, spike in lanes.spend.items()
            },
        )
