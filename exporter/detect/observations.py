"""What a detector is given: the increments of one good poll, the complete days before, and thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAX_GAP = 20.0
"""Minutes without a good poll after which what they brought is no evidence: it may be of a fault that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one lane's counters grew by. Corrections downward are no growth: never negative."""

    calls: float = 0.0
    answered: float = 0.0
    seconds: float = 0.0
    """Of the answered calls."""
    answered_known: bool = True
    """Whether it is known how many were answered; if not, there may be calls all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Increments:
    """What one good poll added to a partner's counters since the previous good one, of calls of now.

    A lane that the poll could not read is absent. A lane without news is present with zeros: that is how silence is
    seen. Give products only with a complete scan of ``/analytics``; each lane measures its own time between updates.
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
    """The complete days up to yesterday that are known, oldest first; at most the last 30 are read."""

    directions: Mapping[str, Sequence[Day]] = field(default_factory=dict)
    total: Sequence[Day] = ()
    """Both directions together: only its cost is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Above which a score is 1; users set them under ``alerts:``. The defaults are what docs/alerting.md measures."""

    answer_drop_evidence: float = 12.0
    """Nats that page. Each one more makes about a third fewer false pages and costs a tenth of delay."""
    no_traffic_minimum_calls: float = 30.0
    """Silence pages where more than this are usual in half an hour."""
    traffic_low_minimum_calls: float = 50.0
    """An hour with under a quarter of the usual calls warns where more than this are usual."""
    spike_ratio: float = 3.0
    """Times the week's highest at this hour, if a minute is also expensive or calls are long."""
    spike_price_ratio: float = 2.5
    """What is expensive or long: times the usual cost of a minute or length of a call."""
    spike_sheer_ratio: float = 12.0
    """Times the week's highest at this hour, whatever a minute costs; campaigns of eight times the calls stay below."""
    spend_spike_minimum: float = 100.0
    """Spend of a spike below which nothing pages, in the partner's currency: within 15 minutes, or since it began."""
    outbound_minutes_spike_minimum: float = 60.0
    """Outbound minutes below which nothing pages, counted the same way."""


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
        minute, weekday = increments.timestamp / 60, increments.weekday % 7
        return cls(minute=minute, weekday=weekday, hour_of_day=minute_of_day / 60, interval=interval)

    @property
    def max_gap(self) -> float:
        """Minutes since the previous poll from which on its news is no evidence; two intervals and a half at least."""
        return max(MAX_GAP, 2.5 * self.interval)
