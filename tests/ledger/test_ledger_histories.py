"""Generated histories: whatever happens to the API and to the exporter, the counters equal the truth, exactly."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.api_model import CELLS, SHOWN_DAYS, Books, Series
from tests.ledger.examples import TIMEOUT, examples
from tests.ledger.history import START, Exporter, Tape, correct, new_books

pytestmark = pytest.mark.timeout(TIMEOUT)

TAPES = st.binary(max_size=40) | st.binary(min_size=80, max_size=160)
"""Left to itself, Hypothesis makes hardly any tape longer than ten bytes."""
LATEST_DAYS = 5
"""A record comes at most this many days late in histories that end exact in the API's own terms."""

REMEMBERED_BY_REPLICAS = 40


@examples(1000)
@given(TAPES)
def test_counters_equal_the_highest_figures_shown_less_those_known_first(data: bytes) -> None:
    tape = Tape(data)
    books, exporter = new_books(tape), Exporter()
    replicas = [books.copy()]
    while not tape.ended:
        step = tape.pick(14)
        if step <= 2:
            books.book(books.today, CELLS[tape.pick(4)], tape.calls())
        elif step == 3:
            books.book(books.today - timedelta(days=tape.pick(31)), CELLS[tape.pick(4)], tape.calls())
        elif step == 4:
            correct(books, books.today - timedelta(days=tape.pick(4)), tape)
        elif step == 5:
            books.today += timedelta(days=1)
        elif step == 6:
            books.today += timedelta(days=tape.pick(31))
        elif step == 7:
            replicas = [books.copy(), *_recent(replicas, books.today)][:2]
        elif step == 8:
            exporter.restart(with_state=True)
        elif step == 9 and tape.pick(3) == 2:
            exporter.restart(with_state=False)
        elif step == 10:
            exporter.poll(books, *_recent(replicas, books.today), tape=tape)
        else:
            exporter.poll(books, tape=tape)
        assert exporter.ledger.totals == exporter.observer.truth()
        assert exporter.ledger.corrections == exporter.observer.corrections


@examples(600)
@given(TAPES)
def test_no_call_is_lost_and_none_is_counted_twice_by_the_books_themselves(data: bytes) -> None:
    tape = Tape(data)
    books, exporter = new_books(tape), Exporter()
    at_start = dict(books.highest)
    _poll_until_quiet(exporter, books)
    polled_on, replica = books.today, books.copy()
    while not tape.ended:
        step = tape.pick(10)
        if step <= 2:
            books.book(books.today, CELLS[tape.pick(4)], tape.calls())
        elif step == 3:
            day = max(books.today - timedelta(days=tape.pick(LATEST_DAYS)), START - timedelta(days=1))
            books.book(day, CELLS[tape.pick(4)], tape.calls())
        elif step == 4:
            _poll_until_quiet(exporter, books)
            correct(books, max(books.today - timedelta(days=tape.pick(4)), START), tape)
            _poll_until_quiet(exporter, books)
            polled_on, replica = books.today, books.copy()
        elif step == 5:
            days = 1 if tape.pick(2) else tape.pick(26)
            if (books.today - polled_on).days + days > 25:
                _poll_until_quiet(exporter, books)
                polled_on = books.today
            for _ in range(days):
                books.today += timedelta(days=1)
                books.book(books.today, CELLS[tape.pick(4)], tape.calls())
        elif step == 6:
            exporter.restart(with_state=True)
        elif step == 7:
            replica = books.copy()
        elif step == 8:
            exporter.poll(books, replica, tape=tape)
        else:
            exporter.poll(books, tape=tape)
    _poll_until_quiet(exporter, books)
    assert {series: value for series, value in exporter.ledger.totals.items() if value} == _booked(books, at_start)


def _poll_until_quiet(exporter: Exporter, books: Books) -> None:
    """Fresh polls until no day's products are wanting; a long pause takes several, at three days a poll.

    A day whose calls were all taken back, or that is too long ago, has no row any more: if a replica that lags behind
    was the last to tell of it, its products stay wanting.
    """
    oldest = books.today - timedelta(days=SHOWN_DAYS)
    for _ in range(40):
        exporter.poll(books, tape=Tape(b""))
        if not any(day >= oldest and any(books.sum([day])) for day in exporter.ledger.product_gaps()):
            return
    raise AssertionError(f"asked for again and again: {exporter.ledger.product_gaps()}")


def _booked(books: Books, at_start: dict[tuple[date, Series], Decimal]) -> dict[Series, Decimal]:
    """The highest figure of each day less that at the start, by series; those that never grew left out."""
    totals: dict[Series, Decimal] = {}
    for key, value in books.highest.items():
        totals[key[1]] = totals.get(key[1], Decimal(0)) + value - at_start.get(key, Decimal(0))
    return {series: value for series, value in totals.items() if value}


def _recent(replicas: list[Books], today: date) -> list[Books]:
    return [replica for replica in replicas if today - replica.today <= timedelta(days=REMEMBERED_BY_REPLICAS)]
