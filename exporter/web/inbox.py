"""What a connection has received and not used yet, cut into heads and bodies. Each byte is looked at once."""

from __future__ import annotations

import re

from exporter.web.parse import MAX_HEAD_BYTES, MAX_LINE_BYTES, RefusedError, check_request_line

_STARTS_LIKE_A_METHOD = re.compile(rb"[A-Za-z]|\r\n?\Z")


class Inbox:
    """Add what arrives with `feed`, then ask for a head. Requests sent ahead of their turn wait in here."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._looked_at = 0
        self._line_checked = False

    def __len__(self) -> int:
        return len(self._data)

    def feed(self, data: bytes) -> None:
        self._data += data

    def take_head(self) -> bytes | None:
        """The next head without its empty line, or None while it is incomplete.

        Raises RefusedError as soon as what has arrived can no longer become an acceptable head, so that a client
        need not be waited for.
        """
        # Some clients send an extra line end after a body (RFC 9112 section 2.2).
        while self._data.startswith(b"\r\n"):
            del self._data[:2]
            self._looked_at = 0
        end = self._data.find(b"\r\n\r\n", max(0, self._looked_at - 3))
        if end < 0:
            self._check_unfinished()
            return None
        head = bytes(self._data[:end])
        del self._data[: end + 4]
        self._looked_at, self._line_checked = 0, False
        return head

    def drop(self, count: int) -> int:
        """Forgets up to `count` bytes of a body, and returns how many are still to come."""
        dropped = min(count, len(self._data))
        del self._data[:dropped]
        return count - dropped

    def _check_unfinished(self) -> None:
        data = self._data
        if data and not _STARTS_LIKE_A_METHOD.match(data):
            raise RefusedError(400)
        # A line end may have arrived in two pieces: then its first half was seen last time.
        fresh = self._looked_at - 1 if self._looked_at and data[self._looked_at - 1] == 13 else self._looked_at
        if data.count(b"\n", fresh) > data.count(b"\r\n", fresh):
            raise RefusedError(400)
        self._looked_at = len(data)
        if not self._line_checked:
            end = data.find(b"\r\n")
            if end >= 0:
                check_request_line(bytes(data[:end]))
                self._line_checked = True
            elif len(data) > MAX_LINE_BYTES:
                raise RefusedError(414)
        if len(data) > MAX_HEAD_BYTES:
            raise RefusedError(431)
