"""What a detector is fed with: the increments of one good poll, and the complete days before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one lane's counters grew by. Corrections downward are no growth: never negative."""

    calls: float = 0.0
    answered: float = 0.0
    seconds: float = 0.0
    """Of the answered calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Increments:
    """What one good poll added to a partner's counters since the previous good one.

    A lane that the poll could not read is absent. A lane without news is present with zeros: that is how silence is
    seen. Give products only with a complete round of ``/analytics``; each lane measures its own time between updates.
    """

    timestamp: float
    """Of the poll: Unix seconds, the exporter's clock."""
    weekday: int
    """Of the server's current day, Monday is 0."""
    minute_of_day: float
    """Minutes since the server's midnight, 0 to 1440; UTC where the server's time zone is unknown."""
    directions: Mapping[str, Counts]
    products: Mapping[str, Counts] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    """By currency."""
    late_directions: Mapping[str, Counts] = field(default_factory=dict)
    late_products: Mapping[str, Counts] = field(default_factory=dict)
    late_cost: Mapping[str, float] = field(default_factory=dict)
    """The part of the above that belongs to other times than now: re-dated, corrected and refilled, of earlier days.
    Neither evidence nor anything to learn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One complete day of the server's calendar. A day without calls is a Day with zeros."""

    weekday: int
    calls: float = 0.0
    answered: float = 0.0
    seconds: float = 0.0
    cost: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The complete days up to yesterday, oldest first, without gaps; at most the last 30 are read."""

    directions: Mapping[str, Sequence[Day]] = field(default_factory=dict)
    products: Mapping[str, Sequence[Day]] = field(default_factory=dict)
    """From days of ``/analytics``, as far as there are any."""
    total: Sequence[Day] = ()
    """Both directions together: only its cost is read."""
