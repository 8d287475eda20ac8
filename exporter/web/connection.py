"""One connection's life, in its own thread: handshake, requests and answers in turn, and an end that can be read."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from email.utils import formatdate

from exporter.clock import Clock
from exporter.web.crowd import Member, Phase
from exporter.web.front import Front
from exporter.web.http import encode, plain
from exporter.web.inbox import Inbox
from exporter.web.parse import Head, RefusedError, parse_head

_RECEIVE_BYTES = 16 * 1024
# One call sends up to this many chunks; Linux takes 1,024.
_CHUNKS_AT_A_TIME = 256
# Chunks that fit together into one TLS record are sent as one.
_TLS_RECORD_BYTES = 16 * 1024


class Connection:
    """Serves one accepted socket until either side is done with it."""

    def __init__(self, member: Member, *, front: Front, clock: Clock) -> None:
        self._member = member
        self._front = front
        self._now = clock.elapsed
        self._wall = clock.wall
        self._inbox = Inbox()
        self._door = front.door()

    def run(self) -> None:
        """Serves until the end. A client that goes away or breaks the protocol is no error of ours."""
        with contextlib.suppress(OSError):
            if (self._door is not None and not self._door.enter(self._member, date=self._date())) or self._serve():
                self._linger()

    def _serve(self) -> bool:
        """Answers requests; returns whether the client may still be reading, or sending, when the last is done."""
        while True:
            try:
                head = self._next_head()
                if head is None:
                    return False
                self._drop_body(head)
            except RefusedError as refused:
                self._member.enter(Phase.ANSWERING, self._now())
                self._send(encode(plain(refused.status), date=self._date(), head_only=False, close=True))
                return True
            self._member.enter(Phase.ANSWERING, self._now())
            response = self._front.answer(head.request, self._member.client)
            # A new certificate or another demand on clients holds for connections too: the old ones end.
            close = not head.keep_alive or self._member.last or self._front.door() is not self._door
            head_only = head.request.method == "HEAD"
            self._send(encode(response, date=self._date(), head_only=head_only, close=close))
            if close:
                return True
            self._member.enter(Phase.REQUESTING if self._inbox else Phase.IDLE, self._now())
            if self._member.last:
                return True

    def _next_head(self) -> Head | None:
        while (data := self._inbox.take_head()) is None:
            received = self._member.sock.recv(_RECEIVE_BYTES)
            if not received:
                return None
            if self._member.phase is Phase.IDLE:
                self._member.enter(Phase.REQUESTING, self._now())
            self._inbox.feed(received)
        return parse_head(data)

    def _drop_body(self, head: Head) -> None:
        missing = self._inbox.drop(head.body_bytes)
        if missing and head.awaits_continue:
            self._member.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while missing:
            received = self._member.sock.recv(_RECEIVE_BYTES)
            if not received:
                raise ConnectionAbortedError
            self._inbox.feed(received)
            missing = self._inbox.drop(missing)

    def _date(self) -> str:
        return formatdate(self._wall(), usegmt=True)

    def _send(self, chunks: Sequence[bytes]) -> None:
        if self._door is not None:
            for chunk in _records(chunks):
                self._member.sock.sendall(chunk)
            return
        views = [memoryview(chunk) for chunk in chunks]
        while views:
            sent = self._member.sock.sendmsg(views[:_CHUNKS_AT_A_TIME])
            while views and sent >= len(views[0]):
                sent -= len(views.pop(0))
            if sent:
                views[0] = views[0][sent:]

    def _linger(self) -> None:
        """Says that no more will come, and takes in what the client still sends.

        A socket closed with unread bytes resets the connection, and the client may lose the answer that it was sent.
        """
        self._member.enter(Phase.LINGERING, self._now())
        if self._door is not None:
            self._door.say_goodbye(self._member)
        sock = self._member.sock
        socket.socket.shutdown(sock, socket.SHUT_WR)
        while socket.socket.recv(sock, _RECEIVE_BYTES):
            pass


def _records(chunks: Sequence[bytes]) -> Iterator[bytes]:
    small: list[bytes] = []
    for chunk in chunks:
        if sum(map(len, small)) + len(chunk) > _TLS_RECORD_BYTES:
            yield from filter(None, (b"".join(small), chunk))
            small = []
        else:
            small.append(chunk)
    if small:
        yield b"".join(small)
