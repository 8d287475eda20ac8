"""requests' adapter with connections that a :class:`~exporter.api.deadline.Deadline` can end, and one TLS context.

An adapter is for one request. No connection is kept: a NAT or a proxy drops an idle one silently, and what is sent on
it is lost. Which certificate authorities are trusted is decided as ``requests`` decides it, but they are loaded once
for the whole process: a context for each connection takes 0.7 MiB and 40 ms of CPU every time.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
from collections.abc import Mapping
from functools import lru_cache, partial
from http.client import HTTPException, HTTPResponse, IncompleteRead, LineTooLong
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from requests import Response
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from exporter.api.deadline import Address, Deadline
from exporter.api.errors import TlsFailed

_MAX_HEADERS = 100
_MAX_LINE = 65536
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)", re.DOTALL)

_CA_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_LOADING = Lock()


class _Answer(HTTPResponse):
    """An answer as servers and proxies really send it: after interim answers, with header lines that are none."""

    def begin(self) -> None:
        stream = self.fp
        try:
            super().begin()
        finally:
            self.fp = stream
        # Only kinds of multipart are left to complain of, and urllib3 would write the server's words into a warning.
        self.msg.defects.clear()

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
        addresses = self._deadline.resolve(self._dns_host, self.port)
        failure = OSError("the name has no address")
        for position, address in enumerate(addresses):
            try:
                # An address that swallows packets leaves the others their share of the time.
                return self._open(address, seconds=self._deadline.remaining() / (len(addresses) - position))
            except OSError as error:
                failure = error
        raise failure

    def _open(self, address: Address, *, seconds: float) -> socket.socket:
        family, kind, protocol, _, name = address
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(seconds)
            sock.connect(name)
            self._deadline.watch(sock)
            sock.settimeout(self._deadline.remaining())
        except OSError:
            sock.close()
            raise
        return sock


class _TlsConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class Adapter(HTTPAdapter):
    """Opens watched connections, to the API and to proxies alike, and verifies both with one context."""

    def __init__(self, *, context: ssl.SSLContext, deadline: Deadline) -> None:
        self._context = context
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
        kind = _TlsConnection if pool.scheme == "https" else _Connection
        pool.ConnectionCls = partial(kind, deadline=self._deadline)
        return pool

    def build_response(self, req: Any, resp: Any) -> Response:
        """The same without cookies: the standard library's jar warns, at length, of those it cannot read.

        A header that is repeated has its last value, not all of them joined.
        """
        response = Response()
        response.status_code, response.raw = resp.status, resp
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


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """TLS with the CA bundle (a file or a directory) that the environment names, else with requests' own.

    A bundle that is replaced is loaded again. Raises TlsFailed when it cannot be read.
    """
    path = next((environ[name] for name in _CA_BUNDLE_VARIABLES if environ.get(name)), DEFAULT_CA_BUNDLE_PATH)
    try:
        with _LOADING:
            return _load(path, Path(path).stat().st_mtime_ns)
    except OSError as error:
        problem = "it holds no certificate" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0)
        raise TlsFailed(f"the CA bundle cannot be read: {problem}") from None


@lru_cache(maxsize=4)
def _load(path: str, _modified: int) -> ssl.SSLContext:
    context = _SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_verify_locations(**{"capath" if Path(path).is_dir() else "cafile": path})
    return context
