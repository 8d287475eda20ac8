"""Faults before any request is read: no connection, no TLS, no name, no proxy. Each has a daemon of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.api.hostile_server import Peer, Script
from tests.faults.course import just_polled
from tests.faults.stage import Stage


@dataclass
class Door:
    """Stands before a server's script: as long as it has something to do to a connection, the script is not run."""

    act: Script | None = None
    times: int | None = None
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, script: Script) -> Script:
        """The script with this door before it."""

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
class AtTheDoor:
    """Does something to new connections, and ends those that are kept."""

    stage: Stage
    door: Door
    act: Script
    hang_up: Callable[[], None]

    def prepare(self) -> None:
        """Between two polls."""
        just_polled(self.stage, self.stage.partners[0])

    def begin(self, endpoint: str, *, times: int | None) -> None:
        with self.door.lock:
            self.door.act, self.door.times, self.door.given = self.act, times, 0
        self.hang_up()

    def end(self) -> float:
        with self.door.lock:
            self.door.act = None
        return time.monotonic()

    def given(self) -> int | None:
        return self.door.given


@dataclass
class Switched:
    """Something that is switched off and on again, for all connections."""

    stage: Stage
    off: Callable[[], object]
    on: Callable[[], object]

    def prepare(self) -> None:
        """Between two polls."""
        just_polled(self.stage, self.stage.partners[0])

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

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._open = ExitStack()

    def off(self) -> None:
        """Close the server, and fill the port's queue."""
        port = self._stage.server.port
        self._stage.server.close()
        listening = self._open.enter_context(socket.create_server(("127.0.0.1", port), backlog=0))
        for _ in range(2):
            waiting = self._open.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())

    def on(self) -> None:
        """Give the port back."""
        self._open.close()
        self._stage.reopen()
