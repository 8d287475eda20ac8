"""A partner's traffic for the detector's tests: seeded, poll by poll."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, wraps
from math import exp
from typing import ParamSpec

from exporter.detect.detector import Detector
from exporter.detect.observations import Counts, Day, History, Increments, Thresholds

_P = ParamSpec("_P")

DAY = 86400.0
START = 1_767_571_200.0
"""A Monday's midnight in UTC."""
USUAL_DAY = 2400
"""Calls of a day and direction: 100 an hour."""
SECONDS = 150.0
"""Of an answered call, usually."""


def usual_days(*, calls: int = USUAL_DAY, ratio: float = 0.6, count: int = 30, with_calls: int = 30) -> list[Day]:
    """Complete days before a Monday, the last of them with calls; an answered minute costs 1 INR."""
    days = []
    for index in range(count):
        n = calls if index >= count - with_calls else 0
        seconds = n * ratio * SECONDS
        days.append(
            Day(
                weekday=(index - count) % 7,
                calls=n,
                answered=n * ratio,
                seconds=seconds,
                cost={"INR": 2 * seconds / 60},
            )
        )
    return days


def usual_history(**what: int) -> History:
    """Both directions and their cost, alike."""
    days = usual_days(**what)
    return History(directions={"inbound": days, "outbound": days}, total=days)


Prepare = Callable[_P, "Partner"]


def prepared_once(prepare: Prepare[_P]) -> Prepare[_P]:
    """A partner with a past, which is simulated once; each test continues a copy."""
    once = cache(prepare)

    @wraps(prepare)
    def copied(*args: _P.args, **kwargs: _P.kwargs) -> Partner:
        return deepcopy(once(*args, **kwargs))  # type: ignore[arg-type]

    return copied


@dataclass
class Partner:
    """What happens to a partner, to be changed while it goes on."""

    interval: float = 60.0
    seed: int = 1
    calls_per_hour: float = 100.0
    ratio: float = 0.6
    product_ratios: dict[str, float] = field(default_factory=dict)
    price: float = 1.0
    """Of a minute."""
    seconds: float = SECONDS
    """Of an answered call."""
    at: float = START
    detector: Detector = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.detector = Detector(interval=self.interval, thresholds=Thresholds())

    def poll(self, seconds: float | None = None) -> Increments:
        """What the next poll brings, after one interval or as many seconds."""
        seconds = seconds or self.interval
        self.at += seconds
        lanes = {name: self._counts(seconds, self.ratio) for name in ("inbound", "outbound")}
        products = {
            name: self._counts(seconds, self.product_ratios.get(name, self.ratio))
            for name in ("sip_trunking", "voice_api")
        }
        return Increments(
            timestamp=self.at,
            weekday=int((self.at - START) // DAY) % 7,
            minute_of_day=(self.at - START) % DAY / 60,
            directions=lanes,
            products=products,
            cost={"INR": sum(counts.seconds for counts in lanes.values()) / 60 * self.price},
        )

    def _counts(self, seconds: float, ratio: float) -> Counts:
        calls = self._poisson(self.calls_per_hour * seconds / 3600)
        chance = self.random.random
        answered = sum([chance() < ratio for _ in range(calls)])
        return Counts(calls=calls, answered=answered, seconds=answered * self.seconds)

    def _poisson(self, mean: float) -> int:
        if mean > 100:
            return round(self.random.gauss(mean, mean**0.5))
        calls, product, least = 0, 1 - self.random.random(), exp(-mean)
        while product > least:
            calls, product = calls + 1, product * (1 - self.random.random())
        return calls

    def go(self, *, hours: float) -> Iterator[Detector]:
        """Poll for so long; the detector after each poll."""
        for _ in range(round(hours * 3600 / self.interval)):
            self.detector.observe(self.poll())
            yield self.detector

    def run(self, *, hours: float) -> list[float]:
        """Poll for so long; the highest score of both directions at each poll."""
        return [
            max(each.answer_rate.score or 0.0 for each in detector.judgements.directions.values())
            for detector in self.go(hours=hours)
        ]
