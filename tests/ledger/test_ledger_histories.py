"""Generated histories: whatever happens to the API and to the exporter, each call is counted once, to the paisa."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ledger.observation import Key
from tests.ledger import history
from tests.ledger.api_model import CELLS, Books
from tests.ledger.history import Exporter, Tape, new_books
from tests.rig.examples import TIMEOUT, examples

pytestmark = pytest.mark.timeout(TIMEOUT)

TAPES = st.binary(max_size=40) | st.binary(min_size=80, max_size=160)
"""Left to itself, Hypothesis makes hardly any tape longer than ten bytes."""

MAX_PAUSE = 25


@examples(300)
@given(TAPES)
def test_counters_less_what_was_taken_back_are_what_the_api_says(data: bytes) -> None:
    """Corrections, calls dated again, other zones, renamed products, leaps, lagging replicas, refusals, restarts."""
    tape = Tape(data)
    books, exporter = new_books(tape), Exporter()
    exporter.poll_until_quiet(books)
    start, replica = books.copy(), books.copy()
    while not tape.ended:
        step = tape.pick(16)
        if step <= 3:
            history.calls_come_in(books, tape)
        elif step == 4:
            history.correct(books, tape)
        elif step in (5, 6):
            history.move(books, tape)
        elif step == 7:
            history.change_zone(books)
        elif step == 8:
            books.names = {} if books.names else {"voice_api": "voice"}
        elif step == 9:
            _days_pass(books, exporter, tape)
            replica = books.copy()
        elif step == 10:
            exporter.restart()
        elif step == 11:
            replica = books.copy()
        elif step == 12:
            for _ in range(1 + tape.pick(3)):
                exporter.poll(history.ahead(books), tape=Tape(b""))
        elif step == 13:
            exporter.poll(books, replica, tape=tape)
        else:
            exporter.poll(books, tape=tape)
    exporter.poll_until_quiet(books)
    assert _summed(exporter.net()) == _summed(_grown(books, start))
    assert not exporter.stepped_back


@examples(200)
@given(TAPES)
def test_each_call_is_counted_once_whatever_copy_of_the_ledger_is_found(data: bytes) -> None:
    """Nothing is corrected here: then the counters themselves are exact, and none ever steps back."""
    tape = Tape(data)
    books, exporter = new_books(tape), Exporter()
    exporter.poll_until_quiet(books)
    start, replica = books.copy(), books.copy()
    while not tape.ended:
        step = tape.pick(12)
        if step <= 3:
            history.calls_come_in(books, tape)
        elif step == 4:
            _days_pass(books, exporter, tape)
            replica = books.copy()
        elif step == 5:
            exporter.restart()
        elif step == 6:
            exporter.restart(exporter.copies[-1 - tape.pick(min(len(exporter.copies), 4))])
            # an old copy and then an old answer, or none of a day that only a newer copy knew: nobody could know
            exporter.poll_until_quiet(books)
        elif step == 7:
            replica = books.copy()
        elif step == 8:
            exporter.poll(books, replica, tape=tape)
        else:
            exporter.poll(books, tape=tape)
    exporter.poll_until_quiet(books)
    assert _summed(exporter.ledger.totals) == _summed(_grown(books, start))
    assert not exporter.stepped_back


@examples(100)
@given(TAPES)
def test_a_ledger_that_was_saved_and_loaded_goes_on_as_if_nothing_had_happened(data: bytes) -> None:
    tape = Tape(data)
    books = new_books(tape)
    twins = Exporter(), Exporter()
    while not tape.ended:
        step = tape.pick(6)
        if step == 0:
            history.correct(books, tape)
        elif step == 1:
            history.move(books, tape)
        elif step == 2:
            books.today += timedelta(days=tape.pick(3))
        elif step == 3:
            history.calls_come_in(books, tape)
        else:
            rest = bytes(tape.pick(256) for _ in range(12))
            for exporter in twins:
                exporter.poll(books, tape=Tape(rest))
            if twins[1].ledger.leap is None:  # the answers that are held of a leap are not saved
                twins[1].restart()
            assert twins[0].copies[-1] == twins[1].copies[-1]


def _days_pass(books: Books, exporter: Exporter, tape: Tape) -> None:
    """A day, or a longer pause, with calls on each; never so long that the API could no longer show them."""
    pause = tape.pick(MAX_PAUSE) if tape.pick(3) == 2 else 1
    exporter.poll_until_quiet(books)
    for _ in range(pause):
        books.today += timedelta(days=1)
        books.book(books.today, CELLS[tape.pick(4)], tape.calls())


def _grown(books: Books, start: Books) -> dict[Key, Decimal]:
    """What the books have more than at the start, by series."""
    grown: dict[Key, Decimal] = {}
    for sign, each in ((1, books), (-1, start)):
        for day in each.days:
            for key, value in each.figures(day).items():
                grown[key] = grown.get(key, Decimal(0)) + sign * value
    return grown


def _summed(values: dict[Key, Decimal]) -> dict[Key, Decimal]:
    """By series, products together: a product is not asked for again on days that only changed its name."""
    sums: dict[Key, Decimal] = {}
    for (lane, figure), value in values.items():
        key = (lane.partition("/")[0], figure)
        sums[key] = sums.get(key, Decimal(0)) + value
    return {key: value for key, value in sums.items() if value}
