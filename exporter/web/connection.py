"""One connection: its requests, read strictly and answered in turn.

One rule keeps two readers from seeing different requests in the same bytes (request smuggling): a request with a body
or with a method other than GET and HEAD is the last on its connection, and one whose length is in doubt is refused.
The head is read here and not by `email.parser`, as `http.server` does: that one takes a malformed line for the end of
the head, and costs more processor time than the whole rest of a scrape.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from exporter.web.http import Request, plain

if TYPE_CHECKING:
    from exporter.web.server import WebServer

_MAX_HEAD_BYTES = 32 * 1024
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# A target is a path, or what one says to a proxy: scheme, host and path.
_TARGET = rb"(?=[/Hh])(?:(?i:https?)://[^\0- ?#/@\x7f-\xff]+)?(/[^\0- ?#\x7f-\xff]*)?(?:\?([^\0- #\x7f-\xff]*))?"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") " + _TARGET + rb" HTTP/1\.([0-9])\r\n")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):([^\x00-\x08\x0a-\x1f\x7f]*)\r\n")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+;=%-]*)(:[0-9]*)?", re.ASCII)


class Connection(BaseHTTPRequestHandler):
    """A connection from an IP address. Its own thread moves it from phase to phase; any thread may end it."""

    protocol_version = request_version = "HTTP/1.1"
    wbufsize = 16 * 1024  # head and body leave together

    def __init__(self, sock: socket.socket, host: str, web: WebServer) -> None:
        self.sock, self.ended, self._web = sock, False, web
        # All of an IPv6 network of 64 bits counts as one client: one machine may use it.
        address = host.partition("%")[0]
        self.client = address if "." in address else ipaddress.IPv6Address(address).exploded[:19]
        self.enter("request")

    def enter(self, phase: Literal["request", "idle", "answer"]) -> None:
        """Begins a phase."""
        # In this order: the server must not see a new phase with the old one's beginning.
        self.since, self.phase = self._web.clock(), phase

    def end(self) -> None:
        """Makes whatever call the connection's thread is blocked in return."""
        self.ended = True
        # Not SSLSocket.shutdown, which would turn the socket back into a plain one while its thread uses it.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def serve(self) -> None:
        """Handshake, requests, and an end that the client can read.

        A socket closed with unread bytes resets the connection, and the client may lose the answer that it was sent.
        """
        self._tls = self._web.security.tls()
        if self._tls is None or self._tls.secure(self):
            super().__init__(self.sock, (self.client, 0), self._web)  # its constructor handles all requests
        if self._tls is not None:
            self._tls.close_notify(self)
        socket.socket.shutdown(self.sock, socket.SHUT_WR)
        while socket.socket.recv(self.sock, 16 * 1024):
            pass

    def handle_one_request(self) -> None:
        """Waits for a request, within the limits of the connection's phase, and answers it."""
        first = self.rfile.peek(1)[:1]  # type: ignore[attr-defined]
        self.close_connection = True
        if not first:
            return
        self.enter("request")
        # What begins otherwise, such as a TLS handshake, may have no line end to wait for.
        request = self._read_request() if first.isalpha() else None
        if request is None:
            response = plain(400)
        else:
            self.enter("answer")
            response = self._web.security.answer(request, self._web.app, self)
            # After a new certificate, or another demand on clients, open connections end with their next answer.
            self.close_connection |= self._web.closing or self._web.security.tls() is not self._tls
        self.send_response_only(response.status)
        self.send_header("Date", self.date_time_string())
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(sum(map(len, response.chunks))))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        for chunk in response.chunks if request is None or request.method != "HEAD" else ():
            self.wfile.write(chunk)
        self.wfile.flush()
        if not self.close_connection:
            self.enter("idle")

    def _read_request(self) -> Request | None:
        """The next request, and whether it is the last; None if it must not be served."""
        received = self.rfile.readline(_MAX_HEAD_BYTES)  # without its end, if it is too long
        line = _REQUEST_LINE.fullmatch(received)
        if line is None:
            return None
        method, path, query, minor = (part.decode() for part in line.groups(b""))
        fields: dict[str, str] = {}
        left = _MAX_HEAD_BYTES - len(received)
        while (received := self.rfile.readline(left)) != b"\r\n":
            left -= len(received)
            field = _FIELD.fullmatch(received)
            if field is None:
                return None
            name, value = field[1].decode().lower(), field[2].decode("latin-1").strip(" \t")
            # Joined by a comma, which neither a host nor a length may have.
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        host, length = fields.get("host", "/" if minor > "0" else ""), fields.get("content-length", "0")
        if "transfer-encoding" in fields or not length.isdecimal() or not _HOST.fullmatch(host):
            return None
        has_no_body = method in ("GET", "HEAD") and "content-length" not in fields
        self.close_connection = not has_no_body or minor == "0" or "close" in fields.get("connection", "").lower()
        return Request(method=method, path=unquote(path or "/"), query=query, headers=fields)
