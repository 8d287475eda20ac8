"""One request in flight: when it must be over, and how another thread ends it.

Socket timeouts bound one read each, so a peer that sends a byte now and then outlasts them all. What ends every wait
there is (connect, TLS handshake, CONNECT to a proxy, headers, body) is ``shutdown()`` of the socket below it.
"""

from __future__ import annotations

import _thread
import errno
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from enum import Enum
from threading import Event, Lock
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

from exporter.api.deadlines import DEADLINES

T = TypeVar("T")

Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""One answer of ``getaddrinfo``: family, kind, protocol, canonical name, address."""

Resolve: TypeAlias = Callable[[str, int], Sequence[Address]]
"""Turns a host and a port into addresses; raises OSError when there are none."""


def resolve_by_system(host: str, port: int) -> Sequence[Address]:
    """Ask the system's resolver for the stream addresses of a host."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Ending(Enum):
    """Why a request was ended from outside."""

    TIMEOUT = "timeout"
    STOPPED = "stopped"


class Flight:
    """The request that a thread is making, as a context manager around it.

    ``ending`` is None unless the deadline or :meth:`end` cut the request short; then whatever the request came to,
    a seeming success included, is void. ``reused`` tells whether it went out on a connection kept from an earlier one.
    """

    def __init__(self, *, seconds: float, resolve: Resolve, monotonic: Callable[[], float]) -> None:
        self.ending: Ending | None = None
        self.reused = False
        self.resolve = resolve
        self._monotonic = monotonic
        self._deadline = monotonic() + seconds
        self._lock = Lock()
        self._wake = Event()
        self._handle: socket.socket | None = None
        self._seconds = seconds

    def __enter__(self) -> Flight:
        self._due = DEADLINES.add(self._seconds, lambda: self.end(Ending.TIMEOUT))
        self._token = IN_FLIGHT.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        IN_FLIGHT.reset(self._token)
        DEADLINES.drop(self._due)
        with self._lock:
            self._let_go()

    def remaining(self) -> float:
        """Seconds until the deadline, more than 0; raises TimeoutError when there are none."""
        seconds = self._deadline - self._monotonic()
        if self.ending is None and seconds <= 0:
            self.end(Ending.TIMEOUT)
        if self.ending is not None:
            raise TimeoutError
        return seconds

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket down when the request is to end; it replaces the one watched before."""
        with self._lock:
            self._let_go()
            # A duplicate, because TLS takes the descriptor away from this object, and because a number that the
            # other thread closes may by then belong to a stranger.
            self._handle = socket.socket(fileno=os.dup(sock.fileno()))
            if self.ending is not None:
                self._shut_down()

    def end(self, ending: Ending) -> None:
        """End the request now, from any thread; the first reason given stands."""
        with self._lock:
            if self.ending is None:
                self.ending = ending
            self._shut_down()
            self._wake.set()

    def aside(self, call: Callable[[], T]) -> T:
        """Run a call that nothing can interrupt in a thread of its own, left to itself when the request ends first."""
        results: list[T] = []
        failures: list[Exception] = []

        def work() -> None:
            try:
                results.append(call())
            except (OSError, ValueError, MemoryError) as error:
                failures.append(error)
            self._wake.set()

        try:
            # Not threading.Thread: its start may never return where memory has run out; this is waited for below.
            _thread.start_new_thread(work, ())
        except RuntimeError:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
        while not self._wake.wait(self.remaining()):
            pass
        self.remaining()
        self._wake.clear()
        if failures:
            raise failures.pop()
        return results.pop()

    def _shut_down(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


IN_FLIGHT: ContextVar[Flight] = ContextVar("in_flight")
"""The request that the current thread is making: how it reaches the connections that urllib3 builds and keeps."""
