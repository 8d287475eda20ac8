"""How many calls are to be expected at a moment, and what share of them is answered.

A two-peaked day, a weekly shape, volume over-dispersed by day and by quarter of an hour, and an answer rate with an
hour shape, quieter weekends, and a wander of days and of hours. All of it is invented. Everything is a function of
the seed and the time alone, so a day can be drawn in any order and always comes out the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from .chance import dice

DAY = 86_400
QUARTER = 900
DIRECTIONS = ("inbound", "outbound")
PRODUCTS = ("sip_trunking", "voice_api")

_QUARTERS = DAY // QUARTER
_EPOCH = date(1970, 1, 1).toordinal()
_SHARE = {"inbound": 0.25, "outbound": 0.75}
_USUAL_RATE = {"inbound": 0.82, "outbound": 0.55}
_HOUR_SHAPE = ((0, -1.0), (6, -0.8), (9, 0.4), (11, 1.0), (13, -0.3), (15, 0.6), (18, 0.9), (21, -0.2), (24, -1.0))
_HOUR_EFFECT = 0.05
_WEEK = tuple(7 * weight / 6.15 for weight in (1.1, 1.1, 1.05, 1.05, 1.0, 0.5, 0.35))
_WEEKEND_DIP = 0.03
_WANDER = 0.02
_WANDER_NODE = 2 * 3_600


def day_of(at: float) -> date:
    """Return the simulated server's day (its clock is UTC) at ``at``, seconds since 1970."""
    return date.fromordinal(_EPOCH + int(at // DAY))


def start_of(day: date) -> int:
    """Return the midnight that ``day`` begins with, in seconds since 1970."""
    return (day.toordinal() - _EPOCH) * DAY


def _busyness(hour: float) -> float:
    peaks = ((1.0, 11.0, 2.2), (0.9, 16.5, 2.3), (0.25, 20.0, 1.5))
    return 0.04 + sum(height * math.exp(-0.5 * ((hour - middle) / width) ** 2) for height, middle, width in peaks)


def _hour_shape(hour: float) -> float:
    for (left, low), (right, high) in pairwise(_HOUR_SHAPE):
        if hour <= right:
            return low + (high - low) * (hour - left) / (right - left)
    return _HOUR_SHAPE[-1][1]


_HOURS = [(quarter + 0.5) * QUARTER / 3_600 for quarter in range(_QUARTERS)]
_DAY_MEAN = math.fsum(map(_busyness, _HOURS)) / _QUARTERS
_BUSYNESS = [_busyness(hour) / _DAY_MEAN for hour in _HOURS]
_RATE_SHAPE = [_HOUR_EFFECT * _hour_shape(hour) for hour in _HOURS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What is usual for one direction: ``calls`` (a second, or in a span) and the share of them that is answered."""

    calls: float
    answer_rate: float


class Climate:
    """The usual traffic of one partner, ``volume`` calls an hour on average, both directions together."""

    def __init__(self, *, seed: int, auth_id: str, volume: float) -> None:
        self._key = (seed, auth_id)
        self._volume = volume
        self._bias = dice(*self._key, "bias").uniform(-0.04, 0.04)
        self._now: dict[str, tuple[int, Lane]] = {}
        self._days: dict[str, tuple[date, Lane]] = {}

    def mean_per_second(self, direction: str) -> float:
        """Return calls a second of ``direction``, averaged over a long time."""
        return self._volume * _SHARE[direction] / 3_600

    def lane(self, direction: str, at: float) -> Lane:
        """Return calls a second and answer rate in the quarter of an hour around ``at``."""
        index = int(at // QUARTER)
        known = self._now.get(direction)
        if known is None or known[0] != index:
            known = self._now[direction] = (index, self._quarter(direction, index))
        return known[1]

    def span(self, direction: str, day: date, seconds: float) -> Lane:
        """Return the calls to be expected in the first ``seconds`` of ``day``, and their answer rate as a whole."""
        weights = [
            busy * min(1.0, max(0.0, seconds / QUARTER - quarter)) / _QUARTERS for quarter, busy in enumerate(_BUSYNESS)
        ]
        share = math.fsum(weights)
        shape = math.fsum(weight * rate for weight, rate in zip(weights, _RATE_SHAPE, strict=True)) / (share or 1.0)
        usual = self._day(direction, day)
        return Lane(calls=usual.calls * DAY * share, answer_rate=_rate(usual.answer_rate + shape))

    def _quarter(self, direction: str, index: int) -> Lane:
        at = index * QUARTER
        day, quarter = day_of(at), index % _QUARTERS
        burst = dice(*self._key, direction, "quarter", index).gammavariate(20, 1 / 20)
        usual = self._day(direction, day)
        rate = usual.answer_rate + _RATE_SHAPE[quarter] + self._hour_wander(direction, at)
        return Lane(calls=usual.calls * _BUSYNESS[quarter] * burst, answer_rate=_rate(rate))

    def _day(self, direction: str, day: date) -> Lane:
        known = self._days.get(direction)
        if known is None or known[0] != day:
            burst = dice(*self._key, direction, "day", day).gammavariate(25, 1 / 25)
            calls = self.mean_per_second(direction) * _WEEK[day.weekday()] * burst
            lane = Lane(calls=calls, answer_rate=self._day_rate(direction, day))
            known = self._days[direction] = (day, lane)
        return known[1]

    def _day_rate(self, direction: str, day: date) -> float:
        weights = (0.8, 0.48, 0.36)
        steps = (dice(*self._key, direction, "rate", day.toordinal() - back).gauss(0, _WANDER) for back in range(3))
        wander = math.fsum(weight * step for weight, step in zip(weights, steps, strict=True))
        return _USUAL_RATE[direction] + self._bias + wander - (_WEEKEND_DIP if day.weekday() >= 5 else 0.0)

    def _hour_wander(self, direction: str, at: int) -> float:
        node, part = divmod(at, _WANDER_NODE)
        left, right = (dice(*self._key, direction, "hour", node + side).gauss(0, _WANDER) for side in (0, 1))
        return left + (right - left) * part / _WANDER_NODE


def _rate(rate: float) -> float:
    return min(0.97, max(0.02, rate))
