"""One connection for one request, which a :class:`~exporter.api.deadline.Deadline` can end, and one TLS context.

A connection is never kept: a NAT or a proxy forgets an idle one without a word, and whatever is sent on it is lost.
Proxies and certificate authorities are found as ``requests`` finds them. The authorities are loaded once for the whole
process: a context of its own for each connection takes 0.7 MiB and 40 ms of CPU every time.
"""

from __future__ import annotations

import base64
import errno
import os
import re
import socket
import ssl
import sys
from collections.abc import Mapping
from functools import lru_cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead, LineTooLong
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3.util import wait_for_write
from urllib3.util.ssltransport import SSLTransport

from exporter.api.deadline import Address, Deadline
from exporter.api.errors import ConnectionFailed

_PORTS = {"http": 80, "https": 443}
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
        if len({value.strip() for value in self.msg.get_all("Content-Length", [])}) > 1:
            raise HTTPException("two lengths")

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


class Connection(HTTPConnection):
    """A connection to the host of ``url``, directly or through a proxy. ``peer`` is who is being talked to just now.

    Raises ConnectionFailed if the URL or the proxy's cannot be used.
    """

    response_class = _Answer

    def __init__(self, url: str, *, proxies: bool, context: ssl.SSLContext, deadline: Deadline) -> None:
        try:
            self._url = urlsplit(url)
            self._proxy = _proxy(url) if proxies else None
            first = self._proxy or self._url
            super().__init__(first.hostname or "", first.port or _PORTS[first.scheme])
        except (ValueError, KeyError, HTTPException):
            raise ConnectionFailed("api.base_url or the proxy's URL cannot be used") from None
        self.peer = "the proxy" if self._proxy else "the API"
        self.default_port = _PORTS[self._url.scheme]
        self._context = context
        self._deadline = deadline
        if self._proxy and self._url.scheme == "https":
            port = self._url.port or self.default_port
            self.set_tunnel(self._url.hostname or "", port, headers=_authorization(self._proxy))

    def get(self, headers: Mapping[str, str]) -> HTTPResponse:
        """The answer to a GET, of which the body is still to be read."""
        target, headers = f"{self._url.path}?{self._url.query}".removesuffix("?"), {**headers, "Connection": "close"}
        if self._proxy and self._url.scheme == "http":
            target, headers = self._url.geturl(), {**headers, **_authorization(self._proxy)}
        self.request("GET", target, headers=headers)
        return self.getresponse()

    def connect(self) -> None:
        """Open the connection, the tunnel through the proxy, and TLS. Raises OSError or HTTPException."""
        self.sock = self._connected()
        if self._proxy and self._proxy.scheme == "https":
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._proxy.hostname)
        if self._proxy and self._url.scheme == "https":
            self._tunnel()  # type: ignore[attr-defined]
        self.peer = "the API"
        if self._url.scheme == "https":
            inside = isinstance(self.sock, ssl.SSLSocket)
            wrap: Any = partial(SSLTransport, ssl_context=self._context) if inside else self._context.wrap_socket
            self.sock = wrap(self.sock, server_hostname=self._url.hostname)

    def _connected(self) -> socket.socket:
        host, port, deadline = self.host, self.port, self._deadline
        addresses = deadline.run_detached(lambda: deadline.resolve(host, port))
        failure = OSError("the name has no address")
        for position, address in enumerate(addresses):
            try:
                # An address that swallows packets leaves the others their share of the time.
                return _open(deadline, address, seconds=deadline.remaining() / (len(addresses) - position))
            except OSError as error:
                failure = error
        raise failure


def _open(deadline: Deadline, address: Address, *, seconds: float) -> socket.socket:
    family, kind, protocol, _, name = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        problem = sock.connect_ex(name)
        # Only now: a socket that is not yet connecting cannot be shut down.
        deadline.watch(sock)
        if problem == errno.EINPROGRESS:
            if not wait_for_write(sock, timeout=seconds):
                raise TimeoutError
            problem = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, os.strerror(problem))
        sock.settimeout(deadline.remaining())
    except OSError:
        sock.close()
        raise
    return sock


def _proxy(url: str) -> SplitResult | None:
    """The proxy that the environment names for this URL. Raises ValueError if it cannot be one."""
    named = select_proxy(url, get_environ_proxies(url))
    if not named:
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if not proxy.hostname or proxy.scheme not in _PORTS:
        raise ValueError("no HTTP proxy")
    return proxy


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """TLS with the CA bundle (a file or a directory) that the environment names, else with requests' own.

    A bundle that is replaced is loaded again. Raises OSError (ssl.SSLError is one) when it cannot be read.
    """
    path = next((environ[name] for name in _CA_BUNDLE_VARIABLES if environ.get(name)), DEFAULT_CA_BUNDLE_PATH)
    with _LOADING:
        return _load(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: str, _modified: int) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_verify_locations(**{"capath" if Path(path).is_dir() else "cafile": path})
    return context
