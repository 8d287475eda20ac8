"""One thread for all deadlines: each request is ended when its time is up, unless it is over by then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from exporter.api.deadline import Deadline, Ending, Watchdog

LONG = 3600.0


class _Ended(Deadline):
    """A deadline that says when it ended."""

    def __init__(self, seconds: float, then: Callable[[], object]) -> None:
        super().__init__(seconds=seconds, resolve=lambda _host, _port: [], monotonic=time.monotonic)
        self._then = then

    def end(self, ending: Ending) -> None:
        super().end(ending)
        self._then()


def _nothing() -> None:
    """What is done of one whose end is not looked at."""


def test_requests_are_ended_in_the_order_of_their_deadlines() -> None:
    watchdog, made, last = Watchdog(), list[str](), threading.Event()
    watchdog.add(_Ended(0.2, last.set))
    watchdog.add(_Ended(0.1, lambda: made.append("second")))
    watchdog.add(_Ended(0.05, lambda: made.append("first")))
    assert last.wait(20)
    assert made == ["first", "second"]


def test_a_request_that_is_over_is_not_ended() -> None:
    watchdog, made, last = Watchdog(), list[str](), threading.Event()
    over = _Ended(0.05, lambda: made.append("over"))
    watchdog.add(over)
    watchdog.add(_Ended(0.1, last.set))
    watchdog.drop(over)
    assert last.wait(20)
    assert made == []


def test_many_requests_leave_nothing_and_no_thread_behind() -> None:
    watchdog = Watchdog()
    watchdog.add(_Ended(LONG, _nothing))
    threads = threading.active_count()
    for _ in range(1000):
        deadline = _Ended(LONG, _nothing)
        watchdog.add(deadline)
        watchdog.drop(deadline)
    assert threading.active_count() == threads
    assert len(watchdog._due) == 1
