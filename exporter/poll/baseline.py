"""What is usual for each direction, from the days that one ``/dashboard`` answer holds."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

from exporter.api.model import DIRECTIONS, DayRow, Report, Rollup
from exporter.poll.snapshot import Baseline

DAYS = 14
"""Complete days that are looked at: two whole weeks, so that weekends weigh as they do in life."""

MIN_DAYS = 3
"""With fewer usable days nothing is called usual."""

MIN_CALLS = 20
MIN_SHARE = 0.2
"""A day counts for the ratio with this many calls, and this share of the median day's: a holiday's ratio is noise."""


def baselines(report: Report) -> dict[str, Baseline]:
    """The baseline of each direction that has enough history; today, which is not complete, is left out."""
    if report.window is None or not report.days:
        return {}
    today = report.window.last
    rows = {row.day: row for row in report.days}
    first = max(min(rows), report.window.first, today - timedelta(days=DAYS))
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    found = {direction: _baseline([_rollup(rows, day, direction) for day in days]) for direction in DIRECTIONS}
    return {direction: baseline for direction, baseline in found.items() if baseline is not None}


def _rollup(rows: dict[date, DayRow], day: date, direction: str) -> Rollup:
    """A day without a row had no calls."""
    row = rows.get(day)
    if row is None:
        return Rollup(calls=0, answered_calls=0)
    return row.inbound if direction == "inbound" else row.outbound


def _baseline(days: list[Rollup]) -> Baseline | None:
    calls = [day.calls for day in days if day.calls is not None]
    if len(calls) < MIN_DAYS:
        return None
    enough = max(MIN_CALLS, MIN_SHARE * median(calls))
    ratios = [day.answer_ratio for day in days if day.calls is not None and day.calls >= enough]
    known = [ratio for ratio in ratios if ratio is not None]
    return Baseline(
        answer_ratio=median(known) if len(known) >= MIN_DAYS else None,
        calls_per_day=sum(calls) / len(calls),
    )
