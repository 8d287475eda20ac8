"""The deadline of one request, and how another thread ends the request early.

Socket timeouts bound one read each, so a peer that sends a byte now and then outlasts them all, and nothing interrupts
the look-up of a name. So each request runs in a thread of its own, and its caller waits no longer than until the
deadline. Then ``shutdown()`` of the connected socket ends every wait: TLS handshake, CONNECT to a proxy, headers, body.
"""

from __future__ import annotations

import _thread
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from typing import TypeVar

from exporter.api.errors import ApiError, Cancelled, Outcome
from exporter.api.failures import timed_out

T = TypeVar("T")


class Deadline:
    """The deadline of one request, so many seconds from now by the ``monotonic`` clock.

    ``cancelled`` is True once :meth:`cancel` ended the request; then its result is void, even one that looks like a
    success.
    """

    def __init__(self, *, seconds: float, monotonic: Callable[[], float]) -> None:
        self.cancelled = False
        self.seconds = seconds
        self._monotonic = monotonic
        self._at = monotonic() + seconds
        self._over = Event()
        self._lock = Lock()
        self._ended = False
        self._handle: socket.socket | None = None

    def run(self, request: Callable[[], T]) -> T:
        """What the request returns or raises. Raises ApiError or Cancelled if it is ended early."""
        results: list[T] = []
        failures: list[Exception] = []

        def work() -> None:
            try:
                results.append(request())
            except Exception as error:  # noqa: BLE001 - raised again by the caller
                if not self._ended:  # kept for nobody, its traceback would hold the list that holds it
                    failures.append(error)
            finally:
                self._over.set()

        try:
            # Not threading.Thread: its start may never return where memory has run out; this is waited for below.
            _thread.start_new_thread(work, ())
        except RuntimeError:
            reason, remedy = "no thread could be started for the request", "raise the limit on threads and memory"
            raise ApiError(Outcome.CONNECTION, reason, remedy=remedy) from None
        try:
            in_time = self._over.wait(self.seconds)
        finally:
            self._end()
        if self.cancelled:
            raise Cancelled
        if not in_time:
            raise timed_out(self.seconds)
        if results:
            return results.pop()
        raise failures.pop() if failures else MemoryError

    def remaining(self) -> float:
        """Seconds until the deadline, more than 0; raises TimeoutError when there are none."""
        seconds = self._at - self._monotonic()
        if self._ended or seconds <= 0:
            raise TimeoutError
        return seconds

    def watch(self, sock: socket.socket) -> None:
        """Let a socket block, and shut it down when the request ends; raises TimeoutError if it has ended by now."""
        with self._lock:
            if self._ended:
                raise TimeoutError
            sock.settimeout(None)
            # A duplicate: TLS takes the descriptor away from this object, and a number that was closed is given again.
            self._handle = socket.socket(fileno=os.dup(sock.fileno()))

    def cancel(self) -> None:
        """End the request now, from any thread."""
        self.cancelled = True
        self._over.set()

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            if self._handle is not None:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
                self._handle.close()
