"""Faults before any request is read: no connection, no TLS, no name, no proxy. Each has a daemon of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.faults.case import just_polled
from tests.faults.testbed import Testbed
from tests.rig.raw_server import Peer, Script


@dataclass
class Interceptor:
    """Stands before a server's script: as long as it has something to do to a connection, the script is not run."""

    act: Script | None = None
    times: int | None = None
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, script: Script) -> Script:
        """The script with this interceptor before it."""

        def guarded(peer: Peer) -> None:
            (self._take() or script)(peer)

        return guarded

    def _take(self) -> Script | None:
        with self.lock:
            if self.act is None or self.times == 0:
                return None
            self.times = None if self.times is None else self.times - 1
            self.given += 1
            return self.act


@dataclass
class Intercepted:
    """Does something to new connections. The exporter keeps none, so there is nothing else to end."""

    testbed: Testbed
    interceptor: Interceptor
    act: Script

    def prepare(self) -> None:
        """Between two polls."""
        just_polled(self.testbed, self.testbed.partners[0])

    def begin(self, endpoint: str, *, times: int | None) -> None:
        with self.interceptor.lock:
            self.interceptor.act, self.interceptor.times, self.interceptor.given = self.act, times, 0

    def end(self) -> float:
        with self.interceptor.lock:
            self.interceptor.act = None
        return time.monotonic()

    def given(self) -> int | None:
        return self.interceptor.given


@dataclass
class Switched:
    """Something that is switched off and on again, for all connections."""

    testbed: Testbed
    off: Callable[[], object]
    on: Callable[[], object]

    def prepare(self) -> None:
        """Between two polls."""
        just_polled(self.testbed, self.testbed.partners[0])

    def begin(self, endpoint: str, *, times: int | None) -> None:
        self.off()

    def end(self) -> float:
        self.on()
        return time.monotonic()

    def given(self) -> int | None:
        """Nobody was there to count."""
        return None


class FullBacklog:
    """In the server's place, a port where no connection comes about and none is refused."""

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed
        self._open = ExitStack()

    def off(self) -> None:
        """Close the server, and fill the port's queue."""
        port = self._testbed.server.port
        self._testbed.server.close()
        listening = self._open.enter_context(socket.create_server(("127.0.0.1", port), backlog=0))
        for _ in range(2):
            waiting = self._open.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())

    def on(self) -> None:
        """Give the port back."""
        self._open.close()
        self._testbed.reopen()
