"""The last thirty days as one row a day, without holes."""

from __future__ import annotations

from datetime import timedelta

from exporter.api.model import DayRow, Report, Rollup

MOST_DAYS = 31
"""Thirty days back and today. An answer that claims a longer window is not drawn any further back."""

_NO_CALLS = Rollup(calls=0, answered_calls=0)
_UNKNOWN = Rollup()


def rows(report: Report) -> tuple[DayRow, ...]:
    """Every day of the window, oldest first; nothing if the answer states no window or no days.

    A day without a row had no calls, unless a row could not be read: then it is unknown.
    """
    if report.window is None or report.days is None:
        return ()
    given = {row.day: row for row in report.days}
    missing = _NO_CALLS if report.complete_days else _UNKNOWN
    count = min((report.window.last - report.window.first).days + 1, MOST_DAYS)
    days = (report.window.last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(given.get(day) or DayRow(day=day, total=missing, inbound=missing, outbound=missing) for day in days)
