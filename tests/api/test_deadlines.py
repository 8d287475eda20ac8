"""One thread for all deadlines: each call is made when it is due, unless it was dropped."""

from __future__ import annotations

import threading

from exporter.api.deadlines import Deadlines
from tests.rig.waiting import PATIENCE

LONG = 3600.0


def test_calls_are_made_in_the_order_in_which_they_are_due() -> None:
    deadlines, made, last = Deadlines(), [], threading.Event()
    deadlines.add(0.2, last.set)
    deadlines.add(0.1, lambda: made.append("second"))
    deadlines.add(0.05, lambda: made.append("first"))
    assert last.wait(PATIENCE)
    assert made == ["first", "second"]


def test_what_is_due_sooner_does_not_wait_for_what_came_before_it() -> None:
    deadlines, soon = Deadlines(), threading.Event()
    deadlines.add(LONG, lambda: None)
    deadlines.add(0.05, soon.set)
    assert soon.wait(PATIENCE)


def test_what_was_dropped_is_not_called() -> None:
    deadlines, made, last = Deadlines(), [], threading.Event()
    number = deadlines.add(0.05, lambda: made.append("dropped"))
    deadlines.add(0.1, last.set)
    deadlines.drop(number)
    assert last.wait(PATIENCE)
    assert made == []


def test_a_call_that_was_made_may_be_dropped() -> None:
    deadlines, made = Deadlines(), threading.Event()
    number = deadlines.add(0.0, made.set)
    assert made.wait(PATIENCE)
    deadlines.drop(number)


def test_many_requests_that_ended_in_time_leave_nothing_and_no_thread_behind() -> None:
    deadlines = Deadlines()
    deadlines.drop(deadlines.add(LONG, lambda: None))
    threads = threading.active_count()
    for _ in range(100_000):
        deadlines.drop(deadlines.add(LONG, lambda: None))
    assert threading.active_count() == threads
    assert len(deadlines._due) <= 65
