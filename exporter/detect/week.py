"""One number for each hour of the last week: what the same hour of other days had."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from exporter.detect.state import numbers

UNKNOWN = -1.0
DAYS, HOURS = 7, 24
MIN_DAYS = 3
"""Days with calls that the same hour must have had before anything is compared with it."""


@dataclass(slots=True)
class Week:
    """By weekday and hour, each overwritten a week later; -1 is unknown."""

    hours: list[float] = numbers(DAYS * HOURS, UNKNOWN, low=UNKNOWN)

    def put(self, weekday: int, hour: int, value: float) -> None:
        """Remember an hour that was seen from beginning to end, to four digits."""
        self.hours[weekday * HOURS + hour] = float(f"{value:.4g}")

    def same_hour(self, hour: int) -> list[float]:
        """What this hour had on the days that are known."""
        return [value for value in self.hours[hour % HOURS :: HOURS] if value >= 0]

    def last(self, weekday: int, hour: int) -> float | None:
        """What this hour had a week ago; None if unknown."""
        value = self.hours[weekday * HOURS + hour % HOURS]
        return value if value >= 0 else None

    def usual(self, hour: int) -> float | None:
        """The median of this hour's days; None if fewer than three had anything."""
        values = self.same_hour(hour)
        return median(values) if sum(value > 0 for value in values) >= MIN_DAYS else None

    def highest(self) -> float | None:
        """The highest of the week; None if fewer than three days had anything."""
        days = [max(self.hours[day * HOURS : (day + 1) * HOURS]) for day in range(DAYS)]
        return max(days) if sum(day > 0 for day in days) >= MIN_DAYS else None
