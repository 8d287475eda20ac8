"""Each request is ended when its time is up or it is cancelled, unless it is over by then; nothing is left of it."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from exporter.api.deadline import Deadline
from exporter.api.errors import ApiError, Cancelled, Outcome
from tests.rig.waiting import PATIENCE, wait_for

LONG = 3600.0


def deadline_of(seconds: float) -> Deadline:
    return Deadline(seconds=seconds, monotonic=time.monotonic)


@contextmanager
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_what_a_request_returns_is_returned_and_what_it_raises_is_raised() -> None:
    def fails() -> None:
        raise OverflowError("as it is")

    assert deadline_of(LONG).run(lambda: 17) == 17
    with pytest.raises(OverflowError, match="as it is"):
        deadline_of(LONG).run(fails)


def test_a_request_that_nothing_interrupts_is_abandoned_at_its_deadline() -> None:
    given_up = threading.Event()
    with pytest.raises(ApiError) as caught:
        deadline_of(0.05).run(given_up.wait)
    given_up.set()
    assert caught.value.outcome is Outcome.TIMEOUT


def test_an_abandoned_request_that_fails_later_leaves_nothing_to_the_garbage_collector() -> None:
    class Held:
        """Held by the frame of the request."""

    given_up, held = threading.Event(), Held()
    left = weakref.ref(held)

    def fails(_held: Held) -> None:
        given_up.wait()
        raise OSError

    gc.disable()
    try:
        with pytest.raises(ApiError):
            deadline_of(0.05).run(partial(fails, held))
        del held
        given_up.set()
        wait_for(lambda: left() is None)
    finally:
        gc.enable()


def test_a_watched_socket_is_shut_down_at_the_deadline_so_that_its_thread_ends() -> None:
    deadline, read = deadline_of(0.05), threading.Event()

    def reads(sock: socket.socket) -> None:
        assert sock.recv(1) == b""
        read.set()

    with connected() as (sock, _):
        # before the request begins: on a busy machine its thread may come later than the deadline
        deadline.watch(sock)
        with pytest.raises(ApiError):
            deadline.run(lambda: reads(sock))
        assert read.wait(PATIENCE)


def test_a_socket_that_comes_too_late_is_not_watched() -> None:
    deadline = deadline_of(LONG)
    deadline.run(lambda: None)
    with connected() as (sock, _), pytest.raises(TimeoutError):
        deadline.watch(sock)
    with pytest.raises(TimeoutError):
        deadline.remaining()


def test_a_request_that_is_over_is_not_ended() -> None:
    deadline = deadline_of(LONG)
    with connected() as (sock, other):
        assert deadline.run(lambda: "over") == "over"
        deadline.cancel()
        other.send(b"x")
        assert sock.recv(1) == b"x"


def test_a_request_that_was_cancelled_before_it_began_is_not_waited_for() -> None:
    deadline, given_up = deadline_of(LONG), threading.Event()
    deadline.cancel()
    with pytest.raises(Cancelled):
        deadline.run(given_up.wait)
    given_up.set()


def test_many_requests_leave_no_thread_behind() -> None:
    before = len(sys._current_frames())
    for _ in range(1000):
        deadline_of(LONG).run(lambda: None)
    wait_for(lambda: len(sys._current_frames()) <= before)
