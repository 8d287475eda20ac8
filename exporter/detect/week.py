"""One number for each hour of the last week: what the same hour of other days had."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Annotated

from exporter.detect.observations import Moment
from exporter.detect.profile import MIN_DAYS
from exporter.detect.ranges import BY_HOUR_OF_WEEK, Amount, AmountOrUnknown, HourOrNone, Weekday

DAYS, HOURS = 7, 24
MIN_MINUTES = 45.0
"""Minutes of an hour for which there must be data: hours that were seen in part are not remembered."""


@dataclass(slots=True)
class Week:
    """The sum of each hour by weekday, overwritten a week later (-1 is unknown), and that of the hour that goes on.

    With ``peak`` it is the highest value within each hour instead of the sum.
    """

    peak: bool = False
    hours: Annotated[list[AmountOrUnknown], BY_HOUR_OF_WEEK] = field(default_factory=lambda: [-1.0] * (DAYS * HOURS))
    weekday: Weekday = 0
    hour: HourOrNone = -1
    minutes: Amount = 0.0
    """Of the hour, for which there is data."""
    value: Amount = 0.0
    previous: AmountOrUnknown = -1.0
    """What the hour before had a week ago: today's value is in its place."""

    def add(self, minutes: float, value: float) -> None:
        """Count what the last minutes brought."""
        self.minutes += minutes
        self.value = max(self.value, value) if self.peak else self.value + value

    def is_over(self, moment: Moment) -> bool:
        """Whether this moment is of another hour; the server's midnight may be within one, as India's is in UTC."""
        return self.hour != int(moment.hour_of_day)

    def move_to(self, moment: Moment, *, remember: bool = True) -> None:
        """Go on to the hour of this moment; the one that is over is remembered, to four digits."""
        if not self.is_over(moment):
            return
        hour = int(moment.hour_of_day)
        self.previous = self.hours[moment.weekday * HOURS + (hour - 1) % HOURS]
        if remember and self.minutes >= MIN_MINUTES:
            whole = self.value if self.peak else self.value * 60 / self.minutes
            self.hours[self.weekday * HOURS + self.hour] = float(f"{whole:.4g}")
        self.weekday, self.hour = moment.weekday, hour
        self.minutes = self.value = 0.0

    def last(self, weekday: int, hour: int) -> float | None:
        """What this hour had a week ago; None if unknown."""
        is_previous = (weekday, hour) == (self.weekday, (self.hour - 1) % HOURS)
        value = self.previous if is_previous else self.hours[weekday * HOURS + hour]
        return value if value >= 0 else None

    def usual(self, hour: int) -> float | None:
        """The median of this hour's days; None if fewer than three had anything."""
        values = self._same_hour(hour)
        return median(values) if sum(value > 0 for value in values) >= MIN_DAYS else None

    @property
    def days_with_any(self) -> int:
        """How many days of the week had anything."""
        return sum(max(self.hours[day * HOURS : (day + 1) * HOURS]) > 0 for day in range(DAYS))

    def highest_around(self, hour: int) -> float | None:
        """The highest of this hour and its neighbours; None if one of them is known of fewer than three days."""
        around = [self._same_hour(hour + more) for more in (-1, 0, 1)]
        return None if min(map(len, around)) < MIN_DAYS else max(map(max, around))

    def _same_hour(self, hour: int) -> list[float]:
        return [value for value in self.hours[hour % HOURS :: HOURS] if value >= 0]
