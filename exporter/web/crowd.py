"""The connections that are open: how many, in which phase, for how long, and which has to go.

Connections block in their sockets, each in its own thread. One mechanism ends all that take too long, whether in a TLS
handshake, a request or an answer: their socket is shut down from outside, and the blocked call returns.
"""

from __future__ import annotations

import contextlib
import enum
import socket
import threading
from collections.abc import Callable
from operator import attrgetter

from exporter.web.fairness import oldest_of_largest_group
from exporter.web.limits import Limits


class Phase(enum.Enum):
    """What a connection does at the moment."""

    REQUESTING = "sends a request, or shakes hands before it"
    IDLE = "has its answer, and may send another request"
    ANSWERING = "is being answered"
    LINGERING = "has had its last answer"


class Member:
    """One open connection as the others see it. Only its own thread changes the phase."""

    __slots__ = ("client", "cut", "group", "last", "parked", "phase", "served", "since", "sock")

    def __init__(self, sock: socket.socket, *, client: str, now: float) -> None:
        self.sock = sock
        self.client = client
        self.enter(Phase.REQUESTING, now)
        self.cut = False
        self.parked = True
        """Whether it has no thread yet."""
        self.served = False
        """Whether its thread has begun: without memory a thread may end before that."""
        self.last = False
        """Set when the answer under way, if any, is to be the connection's last."""

    def enter(self, phase: Phase, now: float) -> None:
        self.since = now
        self.phase = phase
        # Kept ready, for it is asked of everyone each time that somebody has to go.
        self.group = (self.client, phase.name)

    def adopt(self, sock: socket.socket) -> None:
        """Puts a TLS socket in the place of the plain one that it took over. Raises OSError if it was to be ended."""
        self.sock = sock
        if self.cut:
            raise ConnectionAbortedError

    def end_gently(self) -> None:
        """As `end`, but an answer under way is finished."""
        # In this order, as the connection's thread leaves ANSWERING first and then looks at `last`: one of the two
        # sees the other.
        self.last = True
        if self.phase is not Phase.ANSWERING:
            self.end()

    def end(self) -> None:
        """Makes whatever call the connection's thread is blocked in return, from any thread."""
        self.cut = True
        # Not SSLSocket.shutdown, which would turn the socket back into a plain one under its thread's hands.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class Crowd:
    """Every open connection: at most `limit` that stay, and as many that are about to go.

    `release` closes a connection that has no thread to do it. The accepting thread alone adds members and has others
    end; any thread may remove its own.
    """

    def __init__(
        self, *, limit: int, limits: Limits, clock: Callable[[], float], release: Callable[[Member], None]
    ) -> None:
        self._limit = limit
        self._release = release
        self._clock = clock
        self._changed = threading.Condition()
        self._members: dict[Member, None] = {}
        self._closed = False
        self._allowed = {
            Phase.REQUESTING: limits.request_seconds,
            Phase.IDLE: limits.idle_seconds,
            Phase.ANSWERING: limits.answer_seconds,
            Phase.LINGERING: limits.linger_seconds,
        }

    def __len__(self) -> int:
        return len(self._members)

    def members(self) -> list[Member]:
        with self._changed:
            return list(self._members)

    def add(self, member: Member) -> bool:
        """Takes one more in, and returns whether others had to go for it.

        With no room left, the oldest of the largest group goes, a group being the connections of one client in one
        phase.
        """
        with self._changed:
            staying = sum(not other.cut for other in self._members)
            if staying >= self._limit:
                self._end_one()
            # Those that were told to end need a moment to go; there may be as many of them again.
            while len(self._members) >= 2 * self._limit and not self._closed:
                self._changed.wait(timeout=0.05)
                self._end_one()
            self._members[member] = None
        return staying >= self._limit

    def close(self) -> None:
        """Makes `add` wait for nobody any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def make_room(self) -> None:
        """Ends one connection, for when the process or the machine has run out of something."""
        with self._changed:
            self._end_one()

    def wait_until_empty(self, seconds: float) -> None:
        """Returns when all have gone, or after that time."""
        with self._changed:
            self._changed.wait_for(lambda: not self._members, timeout=seconds)

    def remove(self, member: Member) -> None:
        with self._changed:
            self._members.pop(member, None)
            self._changed.notify_all()

    def end_overdue(self) -> None:
        """Ends every connection that has been in its phase for longer than its limit."""
        now = self._clock()
        for member in self.members():
            if not member.cut and now - member.since > self._allowed[member.phase]:
                with self._changed:
                    self._end(member)

    def _end_one(self) -> None:
        chosen = oldest_of_largest_group(
            (member for member in self._members if not member.cut),
            group=attrgetter("group"),
            since=attrgetter("since"),
        )
        if chosen is not None:
            self._end(chosen)

    def _end(self, member: Member) -> None:
        member.end()
        if not member.served:
            self._release(member)
            del self._members[member]
