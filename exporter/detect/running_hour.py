"""Sums of the current hour, kept only if the hour was seen from beginning to end."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.detect.moment import Moment
from exporter.detect.state import number

MIN_MINUTES = 45.0
"""Minutes of an hour for which there must be data."""


@dataclass(frozen=True, slots=True)
class WholeHour:
    """An hour that is over: what 60 minutes had, and the highest quarter of an hour."""

    weekday: int
    hour: int
    total: float
    peak: float


@dataclass(slots=True)
class RunningHour:
    """What the current hour has had so far."""

    weekday: float = number(low=0, high=6)
    hour: float = number(-1.0, low=-1, high=23)
    total: float = number(low=0)
    peak: float = number(low=0)
    minutes: float = number(low=0)
    """Of the hour, for which there is data."""

    def add(self, minutes: float, total: float, peak: float = 0.0) -> None:
        """Count what the last minutes brought."""
        self.minutes += minutes
        self.total += total
        self.peak = max(self.peak, peak)

    def move_to(self, moment: Moment) -> WholeHour | None:
        """Go on to the hour of this moment; returns the one that is over, if it was seen as a whole."""
        hour = int(moment.hour_of_day)
        if self.hour == hour and self.weekday == moment.weekday:
            return None
        over = None
        if self.hour >= 0 and self.minutes >= MIN_MINUTES:
            over = WholeHour(int(self.weekday), int(self.hour), self.total * 60 / self.minutes, self.peak)
        self.weekday, self.hour = float(moment.weekday), float(hour)
        self.total = self.peak = self.minutes = 0.0
        return over
