"""Call detail records: one for each call, written some seconds after it was booked, the newest kept."""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import accumulate
from typing import NamedTuple

from .causes import OUT_OF_CREDITS, Cause, draw_causes
from .traffic import Booking

MAX_KEPT = 10_000
"""About so many records of one partner can be read; older ones are only counted."""

FIRST_ID = 1_000_000
_WRITTEN_AFTER = (1.0, 9.0)
"""Seconds from the booking of a call until its record can be read."""

_SPREAD = 2_654_435_761
"""Knuth's multiplicative hash: spreads the customers over the ids without a generator for each record."""


class Record(NamedTuple):
    """One call. Times are seconds since 1970, ``cost`` is in paise, ``customer`` is a place among the partner's."""

    id: int
    begun: float
    ring: float
    talk: int
    direction: str
    product: str
    cost: int
    cause: Cause
    customer: int


class CauseCount(NamedTuple):
    """What the records are counted by."""

    direction: str
    answered: bool
    cause: Cause


class _Batch(NamedTuple):
    """The records of calls that were booked together: their first id, and how many ended for which cause."""

    first_id: int
    booking: Booking
    causes: Sequence[tuple[Cause, int]]


class Records:
    """All records of one partner. ``weights`` are its customers' shares of the traffic; the largest of them is the one
    that runs out of credits. The work is bounded by bookings, not by calls."""

    def __init__(self, *, weights: Sequence[float], rng: random.Random) -> None:
        self._rng = rng
        self._steps = list(accumulate(weights))
        self.largest_customer = max(range(len(weights)), key=weights.__getitem__)
        self.last_id = FIRST_ID
        self._waiting: list[tuple[float, int, _Batch]] = []
        self._kept: deque[_Batch] = deque()
        self._counted: Counter[CauseCount] = Counter()

    def add(self, booking: Booking) -> None:
        """Take note of calls that were booked: their records come some seconds later."""
        calls, answered = booking.tally.calls, booking.tally.answered > 0
        causes = [(booking.cause, calls)] if booking.cause else draw_causes(self._rng, calls, answered=answered)
        written = booking.at + self._rng.uniform(*_WRITTEN_AFTER)
        heappush(self._waiting, (written, booking.order, _Batch(0, booking, causes)))

    def write(self, now: float) -> None:
        """Write the records that are due."""
        while self._waiting and self._waiting[0][0] <= now:
            *_, batch = heappop(self._waiting)
            self._kept.append(batch._replace(first_id=self.last_id + 1))
            self.last_id += batch.booking.tally.calls
            for cause, calls in batch.causes:
                self._counted[CauseCount(batch.booking.direction, cause.failure is None, cause)] += calls
        while len(self._kept) > 1 and self._kept[1].first_id <= self.last_id - MAX_KEPT:
            self._kept.popleft()

    def start_counting(self) -> None:
        """Count from here: all that is written now is history."""
        self._counted.clear()

    @property
    def counted(self) -> dict[CauseCount, int]:
        """How many were written since the start of counting."""
        return dict(self._counted)

    def newest(self, up_to: int) -> Iterator[Record]:
        """The kept records whose id is at most ``up_to``, the newest first."""
        for batch in reversed(self._kept):
            if batch.first_id <= up_to:
                yield from self._records(batch)

    def _records(self, batch: _Batch) -> Iterator[Record]:
        booking, tally = batch.booking, batch.booking.tally
        causes = [cause for cause, calls in batch.causes for _ in range(calls)]
        for place in reversed(range(tally.calls)):
            number = batch.first_id + place
            yield Record(
                id=number,
                begun=booking.begun,
                ring=booking.ring,
                talk=_part(tally.seconds, tally.calls, place),
                direction=booking.direction,
                product=booking.product,
                cost=_part(tally.cost, tally.calls, place),
                cause=causes[place],
                customer=self._customer(number, causes[place]),
            )

    def _customer(self, number: int, cause: Cause) -> int:
        if cause is OUT_OF_CREDITS:
            return self.largest_customer
        return bisect(self._steps, number * _SPREAD % 2**32 / 2**32 * self._steps[-1])


def _part(whole: int, parts: int, place: int) -> int:
    """The part of that place, so that all parts together are the whole."""
    return whole * (place + 1) // parts - whole * place // parts
