"""The thread that takes connections in, and sees to it that none stays too long.

A connection is parked until its client sends something; then it gets a thread of its own. One that says nothing, as
those of port scanners and load balancers, costs no more than its socket.
"""

from __future__ import annotations

import _thread
import ipaddress
import logging
import selectors
import socket
import threading
from collections.abc import Sequence

from exporter.clock import Clock
from exporter.web.connection import Connection
from exporter.web.crowd import Crowd, Member
from exporter.web.front import Front
from exporter.web.limits import Limits
from exporter.web.throttle import Throttle

_CHECK_SECONDS = 0.5
_OUT_OF_SOMETHING_SECONDS = 0.05


class Acceptor:
    """Serves the connections that come to the `listening` sockets, which it closes in the end."""

    def __init__(
        self,
        listening: Sequence[socket.socket],
        *,
        front: Front,
        limits: Limits,
        clock: Clock,
        log: logging.Logger,
        throttle: Throttle,
    ) -> None:
        self._listening = listening
        self._front = front
        self._limits = limits
        self._clock = clock
        self._log = log
        self._throttle = throttle
        self._crowd = Crowd(
            limit=limits.connections_allowed(), limits=limits, clock=clock.elapsed, release=self._release
        )
        self._closing = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        for sock in (*listening, self._woken):
            self._selector.register(sock, selectors.EVENT_READ, sock)
        self._thread = threading.Thread(target=self._run, name="web-accept", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stops accepting, lets answers under way finish for a moment, and waits for all threads."""
        self._closing.set()
        self._crowd.close()
        self._wake.send(b"\0")
        self._thread.join()
        # Before the ports are freed: who sees that nobody listens any more may count on the rest being told.
        members = self._crowd.members()
        for member in members:
            member.end_gently()
            if member.parked:
                self._release(member)
                self._crowd.remove(member)
        for sock in (*self._listening, self._wake, self._woken):
            sock.close()
        self._selector.close()
        self._crowd.wait_until_empty(self._limits.closing_seconds)
        for member in members:
            member.end()
        self._crowd.wait_until_empty(self._limits.closing_seconds)

    def _run(self) -> None:
        checked_at = self._clock.elapsed()
        while not self._closing.is_set():
            try:
                self._take_in(self._selector.select(_CHECK_SECONDS if len(self._crowd) else None))
                if self._clock.elapsed() - checked_at >= _CHECK_SECONDS:
                    checked_at = self._clock.elapsed()
                    self._crowd.end_overdue()
            except MemoryError:
                # Without this thread nobody would be served, not even once there is memory again.
                self._closing.wait(_OUT_OF_SOMETHING_SECONDS)

    def _take_in(self, ready: Sequence[tuple[selectors.SelectorKey, int]]) -> None:
        if self._closing.is_set():
            return
        for key, _ in ready:
            try:
                if isinstance(key.data, Member):
                    self._begin(key.data)
                else:
                    self._accept(key.data)
            except Exception as error:  # noqa: BLE001 - one connection's failure is not the others'
                self._make_room(str(error) or type(error).__name__)

    def _accept(self, listening: socket.socket) -> None:
        try:
            sock, where = listening.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        member = Member(sock, client=client_of(where[0]), now=self._clock.elapsed())
        try:
            self._selector.register(sock, selectors.EVENT_READ, member)
        except BaseException:
            sock.close()
            raise
        if self._crowd.add(member):
            self._warn("many connections are open at once: those of the busiest client that wait longest are closed")

    def _begin(self, member: Member) -> None:
        if not member.parked:
            return
        if not _has_sent_something(member.sock):
            self._release(member)
            self._crowd.remove(member)
            return
        self._selector.unregister(member.sock)
        member.parked = False
        try:
            # Not threading.Thread: where memory has run out its start may never return, and nobody be served again.
            _thread.start_new_thread(self._serve, (member,))
        except BaseException:
            member.sock.close()
            self._crowd.remove(member)
            raise

    def _release(self, member: Member) -> None:
        """Closes a connection that has no thread."""
        if member.parked:
            self._selector.unregister(member.sock)
        member.parked = False
        member.sock.close()

    def _serve(self, member: Member) -> None:
        member.served = True
        try:
            Connection(member, front=self._front, clock=self._clock).run()
        except Exception:  # noqa: BLE001 - one connection's failure is not the server's
            if self._throttle.allows("connection"):
                self._log.exception("a connection failed")
        finally:
            member.sock.close()
            self._crowd.remove(member)

    def _make_room(self, reason: str) -> None:
        self._warn(f"cannot take a connection in ({reason}): closing one that waits")
        self._crowd.make_room()
        self._closing.wait(_OUT_OF_SOMETHING_SECONDS)

    def _warn(self, message: str) -> None:
        if self._throttle.allows(message):
            self._log.warning("%s", message)


def _has_sent_something(sock: socket.socket) -> bool:
    """Whether there is something to read, rather than the end of the connection."""
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except OSError:
        return False


def client_of(host: str) -> str:
    """Whom connections from an address are counted for: an IPv4 address, or an IPv6 network of 64 bits.

    One machine has all addresses of such a network to itself, so counting single addresses would not bound it.
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
