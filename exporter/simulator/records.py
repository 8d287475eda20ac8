"""Call detail records: one for each call, written some seconds after it was booked, the newest kept."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import accumulate
from typing import NamedTuple

from .causes import OUT_OF_CREDITS, Cause, draw_causes
from .traffic import Booking

MAX_KEPT = 20_000
"""Records of one partner that can be read; older ones are only counted."""

FIRST_ID = 1_000_000
_WRITTEN_AFTER = (1.0, 9.0)
"""Seconds from the booking of a call until its record can be read."""


class Record(NamedTuple):
    """One call; ``id`` grows, and is 0 until the record is written.

    Times are seconds since 1970, ``cost`` is in paise, ``customer`` is a place among the partner's.
    """

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


class Records:
    """All records of one partner. ``weights`` are its customers' shares of the traffic; the first of the largest is
    the one that runs out of credits."""

    def __init__(self, *, weights: Sequence[float], rng: random.Random) -> None:
        self._rng = rng
        self._steps = list(accumulate(weights))
        self.largest_customer = max(range(len(weights)), key=weights.__getitem__)
        self.last_id = FIRST_ID
        self._waiting: list[tuple[float, int, int, Record]] = []
        self._kept: deque[Record] = deque(maxlen=MAX_KEPT)
        self._counted: Counter[CauseCount] = Counter()

    def add(self, booking: Booking) -> None:
        """Take note of calls that were booked: their records come one by one, each some seconds later."""
        calls, answered = booking.tally.calls, booking.tally.answered > 0
        causes = [booking.cause] * calls if booking.cause else draw_causes(self._rng, calls, answered=answered)
        for place, cause in enumerate(causes):
            written = booking.at + self._rng.uniform(*_WRITTEN_AFTER)
            record = Record(
                id=0,
                begun=booking.begun,
                ring=booking.ring,
                talk=_part(booking.tally.seconds, calls, place),
                direction=booking.direction,
                product=booking.product,
                cost=_part(booking.tally.cost, calls, place),
                cause=cause,
                customer=self._customer(cause),
            )
            heappush(self._waiting, (written, booking.order, place, record))

    def write(self, now: float) -> None:
        """Write the records that are due."""
        while self._waiting and self._waiting[0][0] <= now:
            *_, record = heappop(self._waiting)
            self.last_id += 1
            self._kept.append(record._replace(id=self.last_id))
            self._counted[CauseCount(record.direction, record.cause.failure is None, record.cause)] += 1

    def start_counting(self) -> None:
        """Count from here: all that is written now is history."""
        self._counted.clear()

    @property
    def counted(self) -> dict[CauseCount, int]:
        """How many were written since the start of counting."""
        return dict(self._counted)

    def newest(self, up_to: int) -> Iterator[Record]:
        """The kept records whose id is at most ``up_to``, the newest first."""
        return (record for record in reversed(self._kept) if record.id <= up_to)

    def _customer(self, cause: Cause) -> int:
        if cause is OUT_OF_CREDITS:
            return self.largest_customer
        [customer] = self._rng.choices(range(len(self._steps)), cum_weights=self._steps)
        return customer


def _part(whole: int, parts: int, place: int) -> int:
    """The part of that place, so that all parts together are the whole."""
    return whole * (place + 1) // parts - whole * place // parts
