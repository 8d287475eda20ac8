"""The deadline of one request, and how another thread ends the request early.

Socket timeouts bound one read each, so a peer that sends a byte now and then outlasts them all. ``shutdown()`` of the
socket ends every wait there is once it is connected: TLS handshake, CONNECT to a proxy, headers, body. The look-up of
the name, and the connecting, are left to a thread of their own.
"""

from __future__ import annotations

import _thread
import errno
import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from functools import partial
from threading import Condition, Event, Lock, Thread
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""One answer of ``getaddrinfo``: family, kind, protocol, canonical name, address."""

Resolve: TypeAlias = Callable[[str, int], Sequence[Address]]
"""Turns a host and a port into stream addresses; raises OSError when there are none."""

SYSTEM_RESOLVER: Resolve = partial(socket.getaddrinfo, type=socket.SOCK_STREAM)


class Ending(Enum):
    """Why a request was ended from outside."""

    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


class Deadline:
    """The deadline of the request that a thread is making, as a context manager around it.

    ``ending`` is None unless the deadline or :meth:`end` cut the request short; then its result is void, even one that
    looks like a success.
    """

    def __init__(self, *, seconds: float, resolve: Resolve, monotonic: Callable[[], float]) -> None:
        self.ending: Ending | None = None
        self.resolve = resolve
        self._monotonic = monotonic
        self.seconds = seconds
        self._at = monotonic() + seconds
        self._lock = Lock()
        self._wake = Event()
        self._handle: socket.socket | None = None

    def __enter__(self) -> Deadline:
        WATCHDOG.add(self)
        return self

    def __exit__(self, *_exception: object) -> None:
        WATCHDOG.drop(self)
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def remaining(self) -> float:
        """Seconds until the deadline, more than 0; raises TimeoutError when there are none."""
        seconds = self._at - self._monotonic()
        if self.ending is None and seconds <= 0:
            self.end(Ending.TIMEOUT)
        if self.ending is not None:
            raise TimeoutError
        return seconds

    def watch(self, sock: socket.socket) -> None:
        """Shut the request's one socket down when it is to end; raises TimeoutError if it has ended by now."""
        with self._lock:
            if self.ending is not None:
                raise TimeoutError
            # A duplicate: TLS takes the descriptor away from this object, and a number that was closed is given again.
            self._handle = socket.socket(fileno=os.dup(sock.fileno()))

    def end(self, ending: Ending) -> None:
        """End the request now, from any thread; the first reason given stands."""
        with self._lock:
            self.ending = self.ending or ending
            if self._handle is not None:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
            self._wake.set()

    def run_detached(self, call: Callable[[], T]) -> T:
        """Run a call that nothing can interrupt in a thread of its own; it is abandoned when the request ends first."""
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


class Watchdog:
    """One thread that ends every request whose time is up.

    A timer for each would be a thread for each, and where memory has run out ``Thread.start`` may never return.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._changed = Condition()
        self._due: dict[Deadline, float] = {}
        self._running = False

    def add(self, deadline: Deadline) -> None:
        """End this request when its seconds are over, counted from now."""
        with self._changed:
            if not self._running:
                Thread(target=self._run, name="deadlines", daemon=True).start()
                self._running = True
            self._due[deadline] = self._monotonic() + deadline.seconds
            self._changed.notify_all()

    def drop(self, deadline: Deadline) -> None:
        """This request is over."""
        with self._changed:
            self._due.pop(deadline, None)

    def _run(self) -> None:
        while True:
            try:
                for deadline in self._expired():
                    deadline.end(Ending.TIMEOUT)
            except MemoryError:
                # Without this thread no request would have an end, not even once there is memory again.
                time.sleep(0.05)

    def _expired(self) -> list[Deadline]:
        """Wait for the next deadline or a change of them; the requests whose time is up."""
        with self._changed:
            now = self._monotonic()
            expired = [deadline for deadline, at in self._due.items() if at <= now]
            if not expired:
                self._changed.wait(min(self._due.values()) - now if self._due else None)
            for deadline in expired:
                del self._due[deadline]
            return expired


WATCHDOG = Watchdog()
"""Of this process."""
