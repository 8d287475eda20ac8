"""Numbers, ages and moments as people read them. Unknown is said in words, never as a 0."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

from exporter.clock import Moment

UNKNOWN = "unknown"


def number(value: Decimal | float | None) -> str:
    """A whole number with thousands separated."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def percent(ratio: float | None) -> str:
    """A ratio of 0 to 1 as a percentage with one decimal."""
    return UNKNOWN if ratio is None else f"{ratio:.1%}"


def money(amount: Decimal | None, currency: str | None) -> str:
    """An amount with two decimals and its currency."""
    return UNKNOWN if amount is None else f"{amount:,.2f} {currency or '(currency unknown)'}"


def span(seconds: float) -> str:
    """A length of time in its one or two largest units: ``45 s``, ``12 min``, ``3 h 5 min``, ``2 d 4 h``."""
    if seconds < 60:
        return f"{max(int(seconds), 0)} s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    largest = next(index for index, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[largest : largest + 2] if count)


def at(moment: Moment, now: Moment) -> str:
    """When something happened, in UTC, with the date if it was not today."""
    then, today = _utc(moment.wall), _utc(now.wall)
    clock = f"{then:%H:%M} UTC"
    return clock if then.date() == today.date() else f"{short_day(then.date())} {clock}"


def clock(wall: float) -> str:
    """A time of day in UTC: ``09:45``; ``wall`` is Unix seconds."""
    return f"{_utc(wall):%H:%M}"


def ago(moment: Moment, now: Moment) -> str:
    """When something happened, and how long ago by the clock that never jumps."""
    return f"{at(moment, now)}, {span(now.elapsed - moment.elapsed)} ago"


def short_day(day: date) -> str:
    """A day of the last weeks: ``7 Nov``."""
    return f"{day.day} {day:%b}"


def rfc3339(moment: Moment) -> str:
    """A moment for machines, to the millisecond."""
    return _utc(moment.wall).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _utc(wall: float) -> datetime:
    return datetime.fromtimestamp(wall, timezone.utc)
