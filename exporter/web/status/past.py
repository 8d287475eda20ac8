"""What lies behind a partner: the last thirty days without holes, the last day in slots, failures that are over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from exporter.api.model import DayRow, Report, Rollup
from exporter.clock import Moment
from exporter.poll.snapshot import Health
from exporter.poll.timeline import MAX_SLOTS, SLOT_SECONDS, Slot
from exporter.web.status import words

MAX_DAYS = 31
"""Thirty days back and today. An answer that claims a longer window is not drawn any further back."""

MAX_FAILURES = 5

_NO_CALLS = Rollup(calls=0, answered_calls=0)
_UNKNOWN = Rollup()


def days_of(report: Report) -> tuple[DayRow, ...]:
    """Every day of the window, oldest first; nothing if the answer states no window or no days.

    A day without a row had no calls, unless a row could not be read: then it is unknown.
    """
    if report.window is None or report.days is None:
        return ()
    given = {row.day: row for row in report.days}
    missing = _NO_CALLS if report.complete_days else _UNKNOWN
    count = min((report.window.last - report.window.first).days + 1, MAX_DAYS)
    days = (report.window.last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(given.get(day) or DayRow(day=day, total=missing, inbound=missing, outbound=missing) for day in days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive quarters of an hour in the same state; ``first`` counts from 0, a day ago."""

    first: int
    count: int
    state: str
    text: str


def strip_of(slots: Sequence[Slot], now: Moment) -> tuple[Stretch, ...]:
    """The last day, oldest first. A quarter of an hour without a poll is unknown, never fine."""
    last = now.wall // SLOT_SECONDS
    states = ["unknown"] * MAX_SLOTS
    for slot in slots:
        index = MAX_SLOTS - 1 - int(last - slot.start // SLOT_SECONDS)
        if 0 <= index < MAX_SLOTS:
            states[index] = _state(slot)
    start = (last - MAX_SLOTS + 1) * SLOT_SECONDS
    return tuple(_stretches(states, start))


def _state(slot: Slot) -> str:
    if (slot.score or 0) > 1 or slot.failed == slot.polls:
        return "problem"
    if slot.failed or (slot.score or 0) > 0.5:
        return "warning"
    return "unknown" if slot.score is None else "ok"


_WORDS = {
    "problem": "a page, or no values",
    "warning": "suspicious, or some polls failed",
    "unknown": "not polled, or nothing to judge by",
    "ok": "as usual",
}


def _stretches(states: Sequence[str], start: float) -> Iterator[Stretch]:
    first = 0
    for index in range(1, len(states) + 1):
        if index == len(states) or states[index] != states[first]:
            began, ended_at = start + first * SLOT_SECONDS, start + index * SLOT_SECONDS
            text = f"{words.clock(began)} to {words.clock(ended_at)} UTC: {_WORDS[states[first]]}"
            yield Stretch(first=first, count=index - first, state=states[first], text=text)
            first = index


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One failure that is over, of one endpoint or of several at the same time."""

    endpoints: tuple[str, ...]
    outcome: str
    since: Moment
    until: Moment

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.until.elapsed - self.since.elapsed


def ended(health: Mapping[str, Health]) -> tuple[Ended, ...]:
    """The newest five, newest first. What failed for the same reason at the same time is one failure."""
    each = [
        Ended(endpoints=(endpoint,), outcome=past.failure.outcome, since=past.failure.since, until=past.until)
        for endpoint, of_endpoint in health.items()
        for past in of_endpoint.past
    ]
    merged: list[Ended] = []
    for failure in sorted(each, key=lambda failure: failure.until.elapsed, reverse=True):
        if merged and _same(merged[-1], failure):
            merged[-1] = replace(
                merged[-1],
                endpoints=(*merged[-1].endpoints, *failure.endpoints),
                since=min(merged[-1].since, failure.since, key=lambda moment: moment.elapsed),
            )
        else:
            merged.append(failure)
    return tuple(merged[:MAX_FAILURES])


def _same(newer: Ended, older: Ended) -> bool:
    return (
        newer.outcome == older.outcome
        and not set(newer.endpoints) & set(older.endpoints)
        and newer.since.elapsed <= older.until.elapsed
    )
