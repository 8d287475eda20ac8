"""The last minutes: what polls have added to the counters of calls."""

from __future__ import annotations

import pickle
from decimal import Decimal
from math import inf

import pytest

from exporter.api.model import Rollup
from exporter.clock import Moment
from exporter.ledger.ledger import Increments
from exporter.poll.evidence import WINDOW, Recent, RecentCalls
from tests.ledger.api_model import Books
from tests.poll.rig import INTERVAL, TODAY, rig_of

CELL = ("outbound", "voice_api")
CALLS, ANSWERED = ("inbound", "calls"), ("inbound", "answered_calls")


def grown(calls: int, answered: int | None) -> Increments:
    return Increments(fresh={CALLS: Decimal(calls), **({} if answered is None else {ANSWERED: Decimal(answered)})})


def after(*polls: tuple[float, Increments]) -> Recent | None:
    """The last minutes after polls at these seconds."""
    recent = RecentCalls()
    for elapsed, increments in polls:
        recent.add(increments, Moment(wall=1e9 + elapsed, elapsed=elapsed), max_pause=inf)
    return recent.value


def test_one_poll_says_nothing_of_the_last_minutes() -> None:
    assert after((0, grown(10, 6))) is None


def test_two_polls_tell_what_came_in_between_them() -> None:
    found = after((0, grown(10, 6)), (60, grown(5, 2)))
    assert found is not None
    assert (found.seconds, found.directions["inbound"]) == (60, Rollup(calls=5, answered_calls=2))
    assert found.directions["outbound"] == Rollup()


def test_minutes_older_than_the_window_are_left_out() -> None:
    found = after(*((60.0 * poll, grown(100, 50)) for poll in range(60)))
    assert found is not None
    assert (found.seconds, found.directions["inbound"]) == (WINDOW, Rollup(calls=1_500, answered_calls=750))


@pytest.mark.parametrize("interval", [1, 7, 20, 59])
def test_however_often_polls_come_the_window_is_the_same_to_the_minute(interval: int) -> None:
    found = after(*((float(at), grown(interval, interval - 1)) for at in range(0, 3_600, interval)))
    assert found is not None
    polls = int(found.seconds) // interval
    assert WINDOW - 60 < found.seconds == polls * interval <= WINDOW
    assert found.directions["inbound"] == Rollup(calls=polls * interval, answered_calls=polls * (interval - 1))


def test_polls_of_each_second_take_no_more_memory_than_polls_of_each_minute() -> None:
    def kept(interval: float) -> int:
        recent = RecentCalls()
        for poll in range(5_000):
            recent.add(grown(100, 50), Moment(wall=0, elapsed=poll * interval), max_pause=inf)
        return len(pickle.dumps(recent))

    assert kept(1.0) < 1.5 * kept(60.0)


def test_with_an_hour_between_polls_it_is_the_last_hour() -> None:
    found = after((0, grown(0, 0)), (3_600, grown(10, 5)), (7_200, grown(30, 10)))
    assert found is not None
    assert (found.seconds, found.directions["inbound"]) == (3_600, Rollup(calls=30, answered_calls=10))


def test_a_poll_that_learned_nothing_of_directions_is_covered_by_the_next() -> None:
    nothing = Increments(fresh={("product/voice_api", "calls"): Decimal(0)})
    found = after((0, grown(0, 0)), (60, nothing), (120, grown(8, 4)))
    assert found is not None
    assert (found.seconds, found.directions["inbound"]) == (120, Rollup(calls=8, answered_calls=4))


def test_after_a_pause_the_last_minutes_begin_anew() -> None:
    with rig_of(Books(today=TODAY)) as rig:
        for pause in (INTERVAL, INTERVAL, 3 * 3_600, INTERVAL, INTERVAL):
            rig.vobiz.books.book(TODAY, CELL, (5, 2, 10, 50))
            rig.poll(after=pause)
            if rig.snapshot.recent is not None and rig.snapshot.recent.fresh(rig.elapsed):
                recent = rig.snapshot.recent.value
                assert (recent.seconds, recent.directions["outbound"].calls) == (INTERVAL, 5)
        rig.poll()
        assert rig.snapshot.recent is not None
        assert rig.snapshot.recent.value.seconds == 2 * INTERVAL


def test_a_value_that_could_not_be_read_is_unknown_and_not_zero() -> None:
    found = after((0, grown(0, 0)), (60, grown(5, 2)), (120, grown(10, None)))
    assert found is not None
    assert found.directions["inbound"] == Rollup(calls=15, answered_calls=None)


def test_answers_booked_late_do_not_make_more_answers_than_calls() -> None:
    found = after((0, grown(0, 0)), (60, grown(2, 6)))
    assert found is not None
    assert found.directions["inbound"].answer_ratio == 1
