"""When a poll was, as lanes see it."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.detect.observations import Increments

MAX_GAP = 20.0
"""Minutes without a good poll after which what they brought is no evidence: it may be of a fault that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A poll's time in Unix minutes, and the weekday and hour on the server's clock to which its news belongs."""

    minute: float
    weekday: int
    hour_of_day: float
    interval: float
    """Minutes between polls, as configured."""

    @classmethod
    def of(cls, increments: Increments, interval: float) -> Moment:
        """The middle of the poll interval that ended with these increments."""
        minute_of_day = (increments.minute_of_day - min(interval, 60.0) / 2) % 1440
        return cls(
            minute=increments.timestamp / 60,
            weekday=increments.weekday % 7,
            hour_of_day=minute_of_day / 60,
            interval=interval,
        )

    @property
    def max_gap(self) -> float:
        """Minutes since the previous poll from which on its news is no evidence; two intervals and a half at least."""
        return max(MAX_GAP, 2.5 * self.interval)
