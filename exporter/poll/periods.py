"""The windows that roll-ups are asked for, in the server's calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from exporter.api.model import Window

ROLLUP_PERIOD = "30d"
"""The period that ``/dashboard`` covers; every other one comes from ``/analytics``."""

TODAY = "today"
YESTERDAY = "yesterday"

_WINDOWS: dict[str, Callable[[date], tuple[date, date]]] = {
    TODAY: lambda today: (today, today),
    YESTERDAY: lambda today: (today - timedelta(days=1), today - timedelta(days=1)),
    "7d": lambda today: (today - timedelta(days=6), today),
    "month": lambda today: (today.replace(day=1), today),
}


def window_of(period: str, today: date) -> Window:
    """The days of a period that ``/analytics`` is asked for, when the server's day is ``today``."""
    first, last = _WINDOWS[period](today)
    return Window(first=first, last=last)
