"""One number for each hour of the last week: what the same hour of other days had."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from exporter.detect.observations import Moment
from exporter.detect.profile import MIN_DAYS
from exporter.detect.state import number, numbers

DAYS, HOURS = 7, 24
MIN_MINUTES = 45.0
"""Minutes of an hour for which there must be data: hours that were seen in part are not remembered."""


@dataclass(slots=True)
class Week:
    """The sum of each hour by weekday, overwritten a week later (-1 is unknown), and that of the hour that goes on."""

    hours: list[float] = numbers(DAYS * HOURS, -1.0, low=-1)
    weekday: float = number(low=0, high=6)
    hour: float = number(-1.0, low=-1, high=23)
    minutes: float = number(low=0)
    """Of the hour, for which there is data."""
    value: float = number(low=0)

    def add(self, minutes: float, value: float) -> None:
        """Count what the last minutes brought."""
        self.minutes += minutes
        self.value += value

    def whole_hour(self) -> float:
        """What 60 minutes had."""
        return self.value * 60 / self.minutes

    def is_over(self, moment: Moment) -> bool:
        """Whether this moment is of another hour."""
        return (self.weekday, self.hour) != (moment.weekday, int(moment.hour_of_day))

    def move_to(self, moment: Moment, *, remember: bool = True) -> None:
        """Go on to the hour of this moment; the one that is over is remembered, to four digits."""
        if not self.is_over(moment):
            return
        if remember and self.hour >= 0 and self.minutes >= MIN_MINUTES:
            self.hours[int(self.weekday) * HOURS + int(self.hour)] = float(f"{self.whole_hour():.4g}")
        self.weekday, self.hour = float(moment.weekday), float(int(moment.hour_of_day))
        self.minutes = self.value = 0.0

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


@dataclass(slots=True)
class PeakWeek(Week):
    """The highest value within each hour instead of its sum."""

    def add(self, minutes: float, value: float) -> None:
        """Count the value after the last minutes."""
        self.minutes += minutes
        self.value = max(self.value, value)

    def whole_hour(self) -> float:
        """The highest value."""
        return self.value

    def highest_around(self, hour: int) -> float | None:
        """The highest of this hour and its neighbours; None if one of them is known of fewer than three days."""
        around = [self.same_hour(hour + more) for more in (-1, 0, 1)]
        enough = all(len(values) >= MIN_DAYS for values in around)
        return max(value for values in around for value in values) if enough else None
