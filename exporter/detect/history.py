"""What the complete days before say of a lane: its usual rate and volume, and how weekdays differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from exporter.detect.observations import Day

MAX_DAYS = 30
MIN_DAYS = 3
"""Days with calls without which nothing is compared: go-live, or a dialler that works two days a month."""
MIN_CALLS = 20
MIN_SHARE, MIN_WEEKDAY_SHARE = 0.2, 0.1
"""A day counts with so many calls, and so large a share of the median day's (for weekdays less: Sundays are quiet)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDay:
    """The median answer rate of the days that count, and the mean calls of all of them."""

    rate: float
    calls: float


def usual_day(days: Sequence[Day]) -> UsualDay | None:
    """The usual day; None if fewer than three days have enough calls."""
    days = days[-MAX_DAYS:]
    ratios = _ratios(days, MIN_SHARE)
    if len(ratios) < MIN_DAYS:
        return None
    return UsualDay(rate=median(ratio for _, ratio in ratios), calls=sum(day.calls for day in days) / len(days))


def weekday_offsets(days: Sequence[Day], rate: float) -> list[float]:
    """How far each weekday's rate is from ``rate``, Monday first.

    What chance explains of the differences is taken off them (James and Stein 1961): with one such day in four weeks
    nothing is left.
    """
    ratios = _ratios(days[-MAX_DAYS:], MIN_WEEKDAY_SHARE)
    by_weekday = [[ratio for weekday, ratio in ratios if weekday == each] for each in range(7)]
    known = [some for some in by_weekday if len(some) > 1]
    means = {id(some): sum(some) / len(some) for some in known}
    freedom = sum(len(some) - 1 for some in known)
    square = sum((means[id(some)] - rate) ** 2 for some in known) / 7
    if freedom < 10 or square <= 0:
        return [0.0] * 7
    chance = sum((ratio - means[id(some)]) ** 2 for some in known for ratio in some) / freedom
    kept = max(0.0, 1 - chance / 4 / square)
    return [(means[id(some)] - rate) * kept if id(some) in means else 0.0 for some in by_weekday]


def _ratios(days: Sequence[Day], share: float) -> list[tuple[int, float]]:
    """Weekday and answer rate of the days with enough calls."""
    if not days:
        return []
    enough = max(MIN_CALLS, share * median(day.calls for day in days))
    return [(day.weekday, min(day.answered / day.calls, 1.0)) for day in days if day.calls >= enough]
