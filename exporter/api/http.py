"""One GET through requests' adapter: a bounded body, by connections that a deadline can end.

There is no ``requests.Session``, on purpose: it is the session that reads ``.netrc``, keeps cookies and follows
redirects, and each of the three could carry a credential to where it does not belong. Which certificate authorities are
trusted is decided as the session decides it, but they are loaded once for the whole process: a context for each
connection takes 0.7 MiB and 40 ms of CPU every time. No connection is kept: a NAT or a proxy drops an idle one
silently, and what is sent on it is lost.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
import zlib
from collections.abc import Mapping
from contextlib import closing
from functools import lru_cache, partial
from http.client import HTTPException, HTTPResponse, IncompleteRead, LineTooLong
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from exporter.api.deadline import Deadline
from exporter.api.errors import ApiError, Outcome
from exporter.api.failures import explain, require_success

_STEP = 65536
_GZIP = b"\x1f\x8b"
_MAX_MEMBERS = 100
_MAX_HEADERS = 100
_MAX_LINE = 65536
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)", re.DOTALL)

_LOADING = Lock()


def fetch(
    url: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    proxies: bool,
    max_body: int,
    deadline: Deadline,
    wall: float,
) -> bytes:
    """The body of a 2xx answer to a GET, unpacked.

    ``proxies``: whether the environment names them. ``max_body`` is in bytes; ``wall`` is the Unix time, for waits that
    are stated as a moment. Raises ApiError.
    """
    try:
        request = requests.Request("GET", url, {**headers, "Connection": "close"}, params=params).prepare()
        named = get_environ_proxies(url) if proxies else {}
        with (
            closing(_Adapter(deadline)) as adapter,
            adapter.send(request, stream=True, timeout=deadline.remaining(), proxies=named) as response,
        ):
            require_success(response.status_code, response.headers, now=wall)
            return _read_body(response.raw, max_body)
    except (OSError, ValueError, HTTPException, HTTPError) as error:
        raise explain(error, timeout=deadline.seconds) from None


def _read_body(answer: BaseHTTPResponse, limit: int) -> bytes:
    """The unpacked body. Raises ApiError for more than ``limit`` bytes.

    Whether it is packed is decided by its first bytes: Content-Encoding says ``utf-8``, ``none`` or nothing at all of
    plain bodies, and gateways pack, unpack and repeat the header as they like.
    """
    buffer = bytearray()
    while len(buffer) <= limit and (part := answer.read(min(_STEP, limit + 1 - len(buffer)), decode_content=False)):
        buffer += part
    body = bytes(buffer)
    del buffer
    if body.startswith(_GZIP) and len(body) <= limit:
        body = _unpacked(body, limit)
    if len(body) > limit:
        raise ApiError(Outcome.TOO_LARGE, f"the body is larger than {limit} bytes")
    return body


def _unpacked(packed: bytes, limit: int) -> bytes:
    """All members of a gzip file, at most one byte more than the limit. What follows them and is none is ignored.

    Not by GzipFile, which goes through zeros at the end, and members without content, byte by byte for many seconds.
    """
    body = bytearray()
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            body += member.decompress(packed, limit + 1 - len(body))
        except zlib.error:
            break
        if len(body) > limit:
            return bytes(body)
        if not member.eof:
            break
        packed = member.unused_data
        if not packed.startswith(_GZIP):
            return bytes(body)
    raise ApiError(Outcome.MALFORMED, "the packed body is damaged or cut short")


class _Answer(HTTPResponse):
    """An answer as servers and proxies really send it: after interim answers, with header lines that are none."""

    def begin(self) -> None:
        stream = self.fp
        try:
            super().begin()
        finally:
            self.fp = stream

    def _read_status(self) -> Any:
        """The status line of the final answer; what follows for :mod:`http.client` to read are its sound headers."""
        while True:
            status = super()._read_status()  # type: ignore[misc]
            headers = _sound_headers(self.fp)
            if not 100 <= status[1] <= 199 or status[1] == 101:
                self.fp = BytesIO(headers)  # type: ignore[assignment]
                return status


def _sound_headers(stream: Any) -> bytes:
    """The header block without the lines that are no header, one of which would hide all that follow it."""
    sound: list[bytes] = []
    for _ in range(_MAX_HEADERS + 1):
        line = stream.readline(_MAX_LINE + 1)
        if len(line) > _MAX_LINE:
            raise LineTooLong("header line")
        if not line:
            raise IncompleteRead(b"")
        if line in (b"\r\n", b"\n"):
            return b"".join((*sound, b"\r\n"))
        if header := _HEADER.match(line):
            sound.append(header[1] + b":" + header[2].replace(b"\r", b" ").strip() + b"\r\n")
    raise HTTPException("too many headers")


class _Connection(HTTPConnection):
    """A plain connection, to the API or a proxy, of which the deadline knows the socket."""

    response_class = _Answer

    def __init__(self, *args: Any, deadline: Deadline, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        try:
            return self._connected()
        except OSError as error:
            # Never the bare error: urllib3 takes a reset here for one that came while the request was being sent.
            raise NewConnectionError(self, "no connection") from error

    def _connected(self) -> socket.socket:
        addresses: list[Any] = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        failure = OSError("the name has no address")
        for position, (family, *_, address) in enumerate(addresses):
            try:
                # An address that swallows packets leaves the others their share of the time.
                return self._open(family, address, seconds=self._deadline.remaining() / (len(addresses) - position))
            except OSError as error:
                failure = error
        raise failure

    def _open(self, family: socket.AddressFamily, address: Any, *, seconds: float) -> socket.socket:
        """Connect to an address as it was resolved: that of one link holds its interface."""
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(seconds)
            sock.connect(address)
            self._deadline.watch(sock)
        except OSError:
            sock.close()
            raise
        return sock


class _TlsConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class _Adapter(HTTPAdapter):
    """For one request: opens watched connections, to the API and to proxies alike, and verifies with one context."""

    def __init__(self, deadline: Deadline) -> None:
        self._context = _tls_context()
        self._deadline = deadline
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kw: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kw)

    def proxy_manager_for(self, proxy: str, **kw: Any) -> Any:
        # A SOCKS connection is not a watched one: it would outlast the deadline.
        if proxy.lower().startswith("socks"):
            raise InvalidProxyURL("SOCKS proxies are not supported")
        return super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **kw)

    def get_connection_with_tls_context(self, *args: Any, **kw: Any) -> Any:
        try:
            pool: Any = super().get_connection_with_tls_context(*args, **kw)
        except TypeError:
            # What requests makes of a proxy's URL that has a user and no host.
            raise InvalidProxyURL("no host") from None
        pool.ConnectionCls = partial(_TlsConnection if pool.scheme == "https" else _Connection, deadline=self._deadline)
        return pool

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        """The same without cookies: the standard library's jar warns, at length, of those it cannot read.

        A header that is repeated has its last value, not all of them joined.
        """
        response = requests.Response()
        response.request, response.status_code, response.raw = req, resp.status, resp
        response.headers = CaseInsensitiveDict(resp.headers.iteritems())
        return response

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing to do: the context verifies, and requests would load the authorities into it again."""


class _SharedContext(ssl.SSLContext):
    """A context that many threads connect with at once."""

    def set_alpn_protocols(self, alpn_protocols: object) -> None:
        """Ignored: urllib3 sets them before each connection, and frees the list that another thread may be copying.

        They would be ``http/1.1`` alone, which servers assume when nothing is said.
        """


def _tls_context() -> ssl.SSLContext:
    """With the CA bundle (a file or a directory) that the environment names, else with requests' own.

    A bundle that is replaced is loaded again. Raises ApiError when it cannot be read.
    """
    path = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    try:
        with _LOADING:
            return _load(path, Path(path).stat().st_mtime_ns)
    except OSError as error:
        problem = "it holds no certificate" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0)
        raise ApiError(Outcome.TLS, f"the CA bundle cannot be read: {problem}") from None


@lru_cache(maxsize=4)
def _load(path: str, _modified: int) -> ssl.SSLContext:
    context = _SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_verify_locations(**{"capath" if Path(path).is_dir() else "cafile": path})
    return context
