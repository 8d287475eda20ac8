"""The connections that are open: how many at most, for how long each, and which one has to go."""

from __future__ import annotations

import contextlib
import enum
import resource
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many connections at a time, and how long each phase of one may last, in seconds."""

    connections: int = 256
    """A quarter of the process's open-file limit where that is less."""
    request_seconds: float = 10.0
    """From the first byte (of a connection: from its start, TLS handshake included) to the end of a request's head."""
    idle_seconds: float = 330.0
    """Between requests. Prometheus drops idle connections after 300 s: the client ends them, so none is lost midway."""
    answer_seconds: float = 60.0
    """From the end of a request until the client has taken the answer; a scrape's own limit is usually 10 s."""
    linger_seconds: float = 2.0
    """How long a client may still send after the last answer, so that it reads that answer before the end."""
    closing_seconds: float = 1.0
    """How long `close` waits for answers under way."""


class Phase(enum.Enum):
    """What a connection is doing; the value names the limit."""

    REQUESTING = "request_seconds"
    IDLE = "idle_seconds"
    ANSWERING = "answer_seconds"
    LINGERING = "linger_seconds"


class Connection:
    """One open connection. Its own thread moves it from phase to phase; any thread may end it."""

    def __init__(self, sock: socket.socket, client: str, table: ConnectionTable) -> None:
        self.sock, self.client, self._table = sock, client, table
        self.ended = False
        self.enter(Phase.REQUESTING)

    def enter(self, phase: Phase) -> None:
        """Begins a phase. Raises ConnectionAbortedError if the server takes no further requests."""
        self.phase, self.since = phase, self._table.clock()
        if self._table.closing and phase is Phase.IDLE:
            raise ConnectionAbortedError

    def end(self) -> None:
        """Makes whatever call the connection's thread is blocked in return."""
        self.ended = True
        # Not SSLSocket.shutdown, which would turn the socket back into a plain one while its thread uses it.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class ConnectionTable:
    """Every open connection: at most `limits.connections` that stay, and as many again whose threads are ending."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float]) -> None:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        few_files = soft // 4 if soft != resource.RLIM_INFINITY else limits.connections
        self._limits, self._room = limits, max(4, min(limits.connections, few_files))
        self._changed = threading.Condition()
        self._open: set[Connection] = set()
        self.clock, self.closing = clock, False

    def add(self, sock: socket.socket, client: str) -> Connection:
        """Takes a connection in; with no room left, another one is ended for it."""
        with self._changed:
            if sum(not connection.ended for connection in self._open) >= self._room:
                self.evict()
            self._changed.wait_for(lambda: len(self._open) < 2 * self._room or self.closing, timeout=1.0)
            connection = Connection(sock, client, self)
            self._open.add(connection)
        return connection

    def remove(self, connection: Connection) -> None:
        """Forgets a connection whose socket is closed."""
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def evict(self) -> None:
        """Ends the oldest connection of the largest group: those of one client in one phase.

        Refusing the newest would let whoever came first keep everyone out, and ending the oldest of all would let a
        flood push out those who behave. So a flood only pushes out itself.
        """
        with self._changed:
            staying = [(one, (one.client, one.phase)) for one in self._open if not one.ended]
            sizes = Counter(group for _, group in staying)
            if staying:
                min(staying, key=lambda member: (-sizes[member[1]], member[0].since))[0].end()

    def end_overdue(self) -> None:
        """Ends every connection that has been in its phase for longer than its limit."""
        with self._changed:
            now = self.clock()
            for connection in self._open:
                if now - connection.since > getattr(self._limits, connection.phase.value):
                    connection.end()

    def close(self) -> None:
        """Ends all connections; answers under way get some time to be taken. `closing` has to be set."""
        with self._changed:
            for phases in ((Phase.REQUESTING, Phase.IDLE), Phase):
                for connection in self._open:
                    if connection.phase in phases:
                        connection.end()
                self._changed.wait_for(lambda: not self._open, timeout=self._limits.closing_seconds)
