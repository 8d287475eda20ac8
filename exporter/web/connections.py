"""The connections that are open: how many at most, for how long each, and which one has to go."""

from __future__ import annotations

import contextlib
import ipaddress
import resource
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["request", "idle", "answer", "linger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many connections at a time (a quarter of the open-file limit if that is less), and seconds for each phase.

    The TLS handshake belongs to the first request. Prometheus drops idle connections after 300 s: so none is lost
    midway. After the last answer a client may go on sending for a while, so that it reads the answer before the end.
    `close` waits `closing_seconds` for answers under way.
    """

    connections: int = 200
    request_seconds: float = 10.0
    idle_seconds: float = 330.0
    answer_seconds: float = 60.0
    linger_seconds: float = 2.0
    closing_seconds: float = 1.0


class Connection:
    """One open connection. Its own thread moves it from phase to phase; any thread may end it."""

    def __init__(self, sock: socket.socket, client: str, table: ConnectionTable) -> None:
        self.sock, self.client, self.ended, self._table = sock, client, False, table
        self.enter("request")

    def enter(self, phase: Phase) -> None:
        """Begins a phase. Raises ConnectionAbortedError if the server takes no further requests."""
        # In this order: `end_overdue` must not see a new phase with the old one's beginning.
        self.since = self._table.clock()
        self.phase = phase
        if self._table.closing and phase == "idle":
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
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        room = limits.connections if files == resource.RLIM_INFINITY else min(limits.connections, files // 4)
        self._limits, self._room = limits, max(4, room)
        self._changed = threading.Condition()
        self.open: set[Connection] = set()
        self.clock, self.closing = clock, False

    def add(self, sock: socket.socket, host: str) -> Connection:
        """Takes in a connection from an IP address; with no room left, another one is ended for it."""
        with self._changed:
            if sum(not connection.ended for connection in self.open) >= self._room:
                self.evict()
            self._changed.wait_for(lambda: len(self.open) < 2 * self._room or self.closing, timeout=1.0)
            connection = Connection(sock, client_of(host), self)
            self.open.add(connection)
        return connection

    def remove(self, connection: Connection) -> None:
        """Forgets a connection whose socket is closed."""
        with self._changed:
            self.open.discard(connection)
            self._changed.notify_all()

    def evict(self) -> None:
        """Ends the oldest connection of the largest group, those of one client in one phase: a flood evicts itself."""
        with self._changed:
            staying = [connection for connection in self.open if not connection.ended]
            sizes = Counter((one.client, one.phase) for one in staying)
            if staying:
                min(staying, key=lambda one: (-sizes[one.client, one.phase], one.since)).end()

    def end_overdue(self) -> None:
        """Ends every connection that has been in its phase for longer than its limit."""
        with self._changed:
            now = self.clock()
            for connection in self.open:
                if now - connection.since > getattr(self._limits, f"{connection.phase}_seconds"):
                    connection.end()

    def close(self) -> None:
        """Ends all connections; answers under way get some time to be taken. `closing` has to be set."""
        with self._changed:
            for spared in (("answer", "linger"), ()):
                for connection in self.open:
                    if connection.phase not in spared:
                        connection.end()
                self._changed.wait_for(lambda: not self.open, timeout=self._limits.closing_seconds)


def client_of(host: str) -> str:
    """Whom an address counts for: IPv4, itself; IPv6, its network of 64 bits, all of which one machine may use."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
