"""One GET: nothing of ``.netrc``, cookies or redirects, each of which could carry a credential to where it does not
belong, and no more of an answer than is allowed.
"""

from __future__ import annotations

import os
import re
import ssl
import zlib
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException, HTTPResponse, IncompleteRead
from threading import Lock

from exporter.api.connection import Connection, tls_context
from exporter.api.deadline import Deadline, Ending, Resolve
from exporter.api.errors import ApiError, Cancelled, Malformed, TlsFailed, TooLarge
from exporter.api.failures import explain, status_failure, too_late
from exporter.clock import Clock

_STEP = 65536
_GZIP = b"\x1f\x8b"
_MAX_GZIP_MEMBERS = 100
_OBJECT = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*\{")
"""Perhaps after a byte order mark, which RFC 8259 lets a reader ignore."""


class Transport:
    """GET requests, one at a time, each on a connection and with a deadline of its own.

    :meth:`cancel` may come from any thread.
    """

    def __init__(
        self, *, timeout: float, max_body: int, proxies_from_environment: bool, resolve: Resolve, clock: Clock
    ) -> None:
        self._timeout = timeout
        self._max_body = max_body
        self._proxies = proxies_from_environment
        self._resolve = resolve
        self._clock = clock
        self._lock = Lock()
        self._deadline: Deadline | None = None
        self.stopped = False

    def get(self, url: str, headers: Mapping[str, str]) -> bytes:
        """The body of a 2xx answer, unpacked, which begins as a JSON object does. Raises ApiError or Cancelled."""
        body = b""
        failure: ApiError | Cancelled | None = None
        deadline = Deadline(seconds=self._timeout, resolve=self._resolve, monotonic=self._clock.elapsed)
        with self._lock:
            self._deadline = deadline
            if self.stopped:
                deadline.end(Ending.CANCELLED)
        with deadline:
            try:
                body = self._exchange(deadline, url, headers)
            except ApiError as error:
                failure = error
            if deadline.ending is not None:
                failure = Cancelled() if deadline.ending is Ending.CANCELLED else too_late(self._timeout)
        # Raised out here so that nothing keeps the libraries' exceptions: they hold the headers that were sent.
        if failure is not None:
            failure.__context__ = None
            raise failure.with_traceback(None)
        return body

    def cancel(self) -> None:
        """End the request that is being made, and refuse all later ones."""
        with self._lock:
            self.stopped = True
            if self._deadline is not None:
                self._deadline.end(Ending.CANCELLED)

    def _exchange(self, deadline: Deadline, url: str, headers: Mapping[str, str]) -> bytes:
        connection = Connection(url, proxies=self._proxies, context=_tls_context(), deadline=deadline)
        with closing(connection):
            try:
                answer = connection.get(headers)
                failure = status_failure(answer.status, answer.headers, now=self._clock.wall())
                if failure is not None:
                    raise failure
                return _read_object(answer, self._max_body)
            except (OSError, ValueError, HTTPException) as error:
                raise explain(error, peer=connection.peer, timeout=self._timeout) from None


def _tls_context() -> ssl.SSLContext:
    try:
        return tls_context(os.environ)
    except OSError as error:
        problem = "it holds no certificate" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0)
        raise TlsFailed(f"the CA bundle cannot be read: {problem}") from None


def _read_object(answer: HTTPResponse, limit: int) -> bytes:
    """The unpacked body. Raises TooLarge for more than ``limit`` bytes, Malformed for anything but an object.

    Whether it is packed is decided by its first bytes: Content-Encoding says ``utf-8``, ``none`` or nothing at all of
    plain bodies, and gateways pack, unpack and repeat the header as they like.
    """
    buffer = bytearray()
    while part := answer.read(min(_STEP, limit + 1 - len(buffer))):
        buffer += part
        if len(buffer) > limit:
            raise _too_large(limit)
    if answer.length:
        raise IncompleteRead(b"")
    body = bytes(buffer)
    del buffer
    if body.startswith(_GZIP):
        body = _unpacked(body, limit)
    if not _OBJECT.match(body):
        raise Malformed("the body is not a JSON object" if body else "the body is empty")
    return body


def _unpacked(packed: bytes, limit: int) -> bytes:
    """All members of a gzip file; what follows them and is none is ignored."""
    unpacked = bytearray()
    for _ in range(_MAX_GZIP_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            unpacked += member.decompress(packed, limit + 1 - len(unpacked))
        except zlib.error:
            raise Malformed("the packed body is damaged") from None
        if len(unpacked) > limit:
            raise _too_large(limit)
        if not member.eof:
            raise Malformed("the packed body is cut short")
        packed = member.unused_data
        if not packed.startswith(_GZIP):
            return bytes(unpacked)
    raise _too_large(limit)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes")
