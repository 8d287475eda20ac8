"""The answer rate that is usual at each hour of the day: begun with the complete days, corrected hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Annotated

from exporter.detect.observations import Day
from exporter.detect.ranges import BY_HOUR, Amount, Difference, HourOrNone, Positive, Rate

MIN_RATE, MAX_RATE = 0.02, 0.98
"""What an answer rate is limited to: at 0 or 1 a single call would prove anything."""
MAX_DAYS, MIN_DAYS = 30, 3
"""Days that are read; and those with calls without which nothing is compared, as at go-live."""
MIN_CALLS, MIN_SHARE, MIN_WEEKDAY_SHARE = 20, 0.2, 0.1
"""A day counts with so many calls, and so large a share of the median day's (for weekdays less: Sundays are quiet)."""
HOURS_DIFFER = 0.05
"""How far an hour's rate may be from the whole day's before anything is known of it: what makes day one quiet."""
DAYS_KEPT = 0.85
"""What a day's knowledge of an hour is worth a day later: seven days weigh most. 0.8 to 0.9 make no difference."""
MAX_DAILY_CHANGE = 0.06
"""The most by which one day may say that an hour differs from what it was: a drop does not become usual."""


def between(value: float, low: float, high: float) -> float:
    """The value, or the limit that it is beyond."""
    return low if value < low else high if value > high else value


def as_rate(value: float) -> float:
    """The value, limited to an answer rate that can be reckoned with."""
    return between(value, MIN_RATE, MAX_RATE)


def call_variance(rate: float) -> float:
    """The variance of one call that is answered with this probability."""
    return between(rate * (1 - rate), 0.02, 0.25)


def usual_day(days: Sequence[Day]) -> tuple[float, float] | None:
    """The median answer rate of the days that count, and the mean calls of all days; None with fewer than three."""
    days = days[-MAX_DAYS:]
    ratios = _ratios(days, MIN_SHARE)
    if len(ratios) < MIN_DAYS:
        return None
    return median(ratio for _, ratio in ratios), sum(day.calls for day in days) / len(days)


def weekday_offsets(days: Sequence[Day], rate: float) -> list[float]:
    """How far each weekday's rate is from ``rate``, Monday first.

    What chance explains of the differences is taken off them (James and Stein 1961): with one such day in four weeks
    nothing is left.
    """
    ratios = _ratios(days[-MAX_DAYS:], MIN_WEEKDAY_SHARE)
    by_weekday = {each: [ratio for weekday, ratio in ratios if weekday == each] for each in range(7)}
    known = {weekday: some for weekday, some in by_weekday.items() if len(some) > 1}
    means = {weekday: sum(some) / len(some) for weekday, some in known.items()}
    freedom = sum(len(some) - 1 for some in known.values())
    square = sum((mean - rate) ** 2 for mean in means.values()) / 7
    if freedom < 10 or square <= 0:
        return [0.0] * 7
    chance = sum((ratio - means[weekday]) ** 2 for weekday, some in known.items() for ratio in some) / freedom
    kept = max(0.0, 1 - chance / 4 / square)
    return [(means[weekday] - rate) * kept if weekday in means else 0.0 for weekday in range(7)]


def _ratios(days: Sequence[Day], share: float) -> list[tuple[int, float]]:
    """Weekday and answer rate of the days with enough calls."""
    enough = max(MIN_CALLS, share * median(day.calls for day in days)) if days else MIN_CALLS
    return [(day.weekday, min(day.answered / day.calls, 1.0)) for day in days if day.calls >= enough]


@dataclass(slots=True)
class RateProfile:
    """24 hourly answer rates and how well they are known; begun with one rate for all, and learned day by day."""

    rates: Annotated[list[Rate], BY_HOUR] = field(default_factory=lambda: [0.5] * 24)
    known: Annotated[list[Positive], BY_HOUR] = field(default_factory=lambda: [1.0] * 24)
    """The calls' worth of knowledge of each hour."""
    hour: HourOrNone = -1
    """The hour that is being collected; -1 at first."""
    weekday_offset: Difference = 0.0
    """How far today's weekday differs; fixed for the hour."""
    calls: Amount = 0.0
    answered: Amount = 0.0
    """Of the hour so far."""
    doubted: bool = False
    """Whether a drop was suspected within the hour."""

    def reset(self, rates: list[float]) -> None:
        """Take these rates, hardly known, for usual."""
        self.rates = rates
        self.known = [call_variance(rate) / HOURS_DIFFER**2 for rate in rates]

    def at(self, hour_of_day: float) -> tuple[float, float]:
        """The usual rate, interpolated between the middles of two hours, and its variance."""
        first = int(hour_of_day - 0.5) if hour_of_day >= 0.5 else 23
        second, part = (first + 1) % 24, (hour_of_day - 0.5) % 1
        rate = as_rate(self.rates[first] * (1 - part) + self.rates[second] * part + self.weekday_offset)
        return rate, call_variance(rate) / (self.known[first] * (1 - part) + self.known[second] * part)

    def surplus(self) -> float:
        """How far the collected hour is above its usual rate so far."""
        return self.answered / self.calls - self.rates[self.hour] - self.weekday_offset

    def end_hour(self, variance: float) -> None:
        """Learn from the hour that is over; ``variance`` is that of its rate around the usual one."""
        rate, known = self.rates[self.hour], self.known[self.hour]
        worth = call_variance(rate) / variance
        more = between(self.surplus(), -MAX_DAILY_CHANGE, MAX_DAILY_CHANGE)
        self.rates[self.hour] = as_rate(rate + more * worth / (known + worth))
        self.known[self.hour] = max(DAYS_KEPT * (known + worth), call_variance(rate) / HOURS_DIFFER**2)

    def begin_hour(self, hour: int, weekday_offset: float) -> None:
        """Start to collect another hour."""
        self.hour, self.weekday_offset = hour, weekday_offset
        self.calls = self.answered = 0.0
        self.doubted = False
