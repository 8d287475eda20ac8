"""The answer rate that is usual at each hour of the day."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.detect.rates import as_rate, between, binary
from exporter.detect.state import number, numbers

HOURS_DIFFER = 0.05
"""How far an hour's rate may be from the whole day's before anything is known of it: what makes day one quiet."""
DAYS_KEPT = 0.85
"""What a day's knowledge of an hour is worth a day later: seven days weigh most. 0.8 to 0.9 make no difference."""
MAX_DAILY_CHANGE = 0.06
"""The most by which one day may say that an hour differs from what it was: a drop does not become usual."""


@dataclass(slots=True)
class RateProfile:
    """24 hourly answer rates and how well they are known; begun with one rate for all, and learned day by day."""

    rates: list[float] = numbers(24, 0.5, low=0.02, high=0.98)
    known: list[float] = numbers(24, 1.0, low=1e-9)
    """The calls' worth of knowledge of each hour."""
    hour: float = number(-1.0, low=-1, high=23)
    """The hour that is being collected; -1 at first."""
    weekday_offset: float = number(low=-1, high=1)
    """How far today's weekday differs; fixed for the hour."""
    calls: float = number(low=0)
    answered: float = number(low=0)
    doubted: bool = False
    """Whether a drop was suspected within the hour."""

    @classmethod
    def begin(cls, rate: float) -> RateProfile:
        """The same rate at all hours, hardly known."""
        profile = cls()
        profile.reset([as_rate(rate)] * 24)
        return profile

    def reset(self, rates: list[float]) -> None:
        """Take these rates, hardly known, for usual."""
        self.rates = rates
        self.known = [binary(rate) / HOURS_DIFFER**2 for rate in rates]

    def at(self, hour_of_day: float) -> tuple[float, float]:
        """The usual rate, interpolated between the middles of two hours, and its variance."""
        first = int(hour_of_day - 0.5) if hour_of_day >= 0.5 else 23
        second, part = (first + 1) % 24, (hour_of_day - 0.5) % 1
        rate = as_rate(self.rates[first] * (1 - part) + self.rates[second] * part + self.weekday_offset)
        return rate, binary(rate) / (self.known[first] * (1 - part) + self.known[second] * part)

    def collect(self, calls: float, answered: float) -> None:
        """Count calls of the current hour."""
        self.calls += calls
        self.answered += answered

    def end_hour(self, variance: float) -> None:
        """Learn from the hour that is over; ``variance`` is that of its rate around the usual one."""
        hour = int(self.hour)
        rate, known, worth = self.rates[hour], self.known[hour], binary(self.rates[hour]) / variance
        more = between(self.surplus(), -MAX_DAILY_CHANGE, MAX_DAILY_CHANGE)
        self.rates[hour] = as_rate(rate + more * worth / (known + worth))
        self.known[hour] = max(DAYS_KEPT * (known + worth), binary(rate) / HOURS_DIFFER**2)

    def begin_hour(self, hour: int, weekday_offset: float) -> None:
        """Start to collect another hour."""
        self.hour, self.weekday_offset = float(hour), weekday_offset
        self.calls = self.answered = 0.0
        self.doubted = False

    def surplus(self) -> float:
        """How far the collected hour is above its usual rate so far."""
        return self.answered / self.calls - self.rates[int(self.hour)] - self.weekday_offset
