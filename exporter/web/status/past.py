"""What lies behind a partner: the last day in stretches of the same state, and failures that are over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from exporter.clock import Moment
from exporter.poll.snapshot import MAX_SLOTS, SLOT_SECONDS, Health, PastFailure, Slot
from exporter.web.status.findings import PAGES, WARNS

MAX_FAILURES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive quarters of an hour in the same state; ``first`` counts from 0, a day ago.

    ``begin`` and ``end`` are Unix seconds.
    """

    state: str
    first: int
    count: int
    begin: float
    end: float


def strip_of(slots: Sequence[Slot], now: Moment) -> Iterator[Stretch]:
    """The last day, oldest first. A quarter of an hour without a poll is unknown, never fine."""
    start = (now.wall // SLOT_SECONDS - MAX_SLOTS + 1) * SLOT_SECONDS
    states = {int((slot.start - start) // SLOT_SECONDS): _state(slot) for slot in slots}
    for state, places in groupby(range(MAX_SLOTS), key=lambda place: states.get(place, "unknown")):
        first, *more = places
        count = 1 + len(more)
        begin, end = (start + place * SLOT_SECONDS for place in (first, first + count))
        yield Stretch(state=state, first=first, count=count, begin=begin, end=end)


def _state(slot: Slot) -> str:
    if (slot.score or 0) > PAGES or slot.failed == slot.polls:
        return "problem"
    if slot.failed or (slot.score or 0) > WARNS:
        return "warning"
    return "unknown" if slot.score is None else "ok"


def ended(health: Mapping[str, Health]) -> list[tuple[tuple[str, ...], PastFailure]]:
    """The newest five with their endpoints. What failed for the same reason at the same time is one failure."""
    merged: list[tuple[tuple[str, ...], PastFailure]] = []
    each = ((past, name) for name, of_endpoint in health.items() for past in of_endpoint.past)
    for past, name in sorted(each, key=lambda one: one[0].until.elapsed, reverse=True):
        names, newer = merged[-1] if merged else ((name,), past)
        same = (newer.failure.outcome, newer.failure.to_do) == (past.failure.outcome, past.failure.to_do)
        if same and newer.failure.since.elapsed <= past.until.elapsed and name not in names:
            first = min(newer.failure, past.failure, key=lambda failure: failure.since.elapsed)
            merged[-1] = (*names, name), replace(newer, failure=first)
        else:
            merged.append(((name,), past))
    return merged[:MAX_FAILURES]
