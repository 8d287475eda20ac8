"""One GET: through proxies and trusted authorities as ``requests`` users know them, and nothing else of what it does.

There is no ``requests.Session`` here, on purpose: it is the session that reads ``.netrc``, keeps cookies and follows
redirects, and each of the three could carry a credential to where it does not belong.
"""

from __future__ import annotations

import os
import re
import ssl
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException
from threading import Lock

import requests
import urllib3.exceptions
from requests.utils import get_environ_proxies

from exporter.api.connection import Adapter, Unanswered, tls_context
from exporter.api.deadline import Deadline, Ending, Resolve
from exporter.api.errors import ApiError, Cancelled, Malformed, TlsFailed, TooLarge
from exporter.api.failures import causes, explain, status_failure, too_late

_STEP = 65536
_GZIP = b"\x1f\x8b"
_MAX_GZIP_MEMBERS = 4096
_OBJECT = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*\{")
"""Perhaps after a byte order mark, which RFC 8259 lets a reader ignore."""


class Transport:
    """GET requests to one host, one at a time, each with a deadline; :meth:`cancel` may come from any thread."""

    def __init__(
        self,
        *,
        timeout: float,
        max_body: int,
        proxies_from_environment: bool,
        resolve: Resolve,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._timeout = timeout
        self._max_body = max_body
        self._proxies_from_environment = proxies_from_environment
        self._resolve = resolve
        self._monotonic = monotonic
        self._wall = wall
        self._lock = Lock()
        self._adapter: Adapter | None = None
        self._deadline: Deadline | None = None
        self.stopped = False

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        """The body of a 2xx answer, unpacked, which begins as a JSON object does. Raises ApiError or Cancelled."""
        body = b""
        failure: ApiError | Cancelled | None = None
        with self._start() as deadline:
            try:
                body = self._exchange(deadline, requests.Request("GET", url, headers, params=params).prepare())
            except ApiError as error:
                failure = error
            except (urllib3.exceptions.HTTPError, OSError, ValueError, HTTPException) as error:
                failure = explain(error, timeout=self._timeout)
            if deadline.ending is Ending.CANCELLED:
                failure = Cancelled()
            elif deadline.ending is Ending.TIMEOUT:
                failure = too_late(self._timeout)
        with self._lock:
            self._deadline = None
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

    def close(self) -> None:
        """Drop the connection that is kept."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()

    def _start(self) -> Deadline:
        deadline = Deadline(seconds=self._timeout, resolve=self._resolve, monotonic=self._monotonic)
        with self._lock:
            self._deadline = deadline
            if self.stopped:
                deadline.end(Ending.CANCELLED)
        return deadline

    def _exchange(self, deadline: Deadline, request: requests.PreparedRequest) -> bytes:
        with closing(self._send(deadline, request)) as response:
            failure = status_failure(response.status_code, response.headers, now=self._wall())
            if failure is not None:
                raise failure
            return _read_object(response.raw, limit=self._max_body)

    def _send(self, deadline: Deadline, request: requests.PreparedRequest) -> requests.Response:
        adapter = self._adapter_in_use()
        proxies = get_environ_proxies(request.url or "") if self._proxies_from_environment else {}
        try:
            response = adapter.send(request, stream=True, timeout=deadline.remaining(), proxies=proxies)
            # What a server says to a connection that idled too long, just as the request goes out.
            if not (deadline.reused and response.status_code == HTTPStatus.REQUEST_TIMEOUT):
                return response
            response.close()
        except requests.ConnectionError as error:
            # The server may close a connection that it kept at any moment, also just as the request goes out.
            if not (deadline.reused and any(isinstance(cause, Unanswered) for cause in causes(error))):
                raise
        return adapter.send(request, stream=True, timeout=deadline.remaining(), proxies=proxies)

    def _adapter_in_use(self) -> Adapter:
        """The adapter; a new one when the authorities to be trusted have changed."""
        try:
            context = tls_context(os.environ)
        except OSError as error:
            problem = "it holds no certificate" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0)
            raise TlsFailed(f"the CA bundle cannot be read: {problem}") from None
        with self._lock:
            if self._adapter is None or self._adapter.context is not context:
                if self._adapter is not None:
                    self._adapter.close()
                self._adapter = Adapter(context)
            return self._adapter


def _read_object(answer: urllib3.BaseHTTPResponse, *, limit: int) -> bytes:
    """The unpacked body. Raises TooLarge for more than ``limit`` bytes, Malformed for anything but an object.

    Whether it is packed is decided by its first bytes: Content-Encoding says ``utf-8``, ``none`` or nothing at all of
    plain bodies, and gateways pack, unpack and repeat the header as they like.
    """
    buffer = bytearray()
    while part := answer.read(min(_STEP, limit + 1 - len(buffer)), decode_content=False):
        buffer += part
        if len(buffer) > limit:
            raise _too_large(limit)
    body = bytes(buffer)
    if body.startswith(_GZIP):
        del buffer
        body = _unpacked(body, limit)
    if not body:
        raise Malformed("the body is empty")
    if not _OBJECT.match(body):
        raise Malformed("the body is not a JSON object")
    return body


def _unpacked(packed: bytes, limit: int) -> bytes:
    """All members of a gzip file; what follows them and is none is ignored."""
    unpacked, member, members = bytearray(), zlib.decompressobj(wbits=31), 1
    for at in range(0, len(packed), _STEP):
        part = packed[at : at + _STEP]
        while part:
            if member.eof:
                if not part.startswith(_GZIP[:1]):
                    return bytes(unpacked)
                member, members = zlib.decompressobj(wbits=31), members + 1
            try:
                unpacked += member.decompress(part, limit + 1 - len(unpacked))
            except zlib.error:
                raise Malformed("the packed body is damaged") from None
            if len(unpacked) > limit or members > _MAX_GZIP_MEMBERS:
                raise _too_large(limit)
            part = member.unused_data
    if not member.eof:
        raise Malformed("the packed body is cut short")
    return bytes(unpacked)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes")
