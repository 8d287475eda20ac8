"""One HTTP connection of the simulator: reads requests, sends replies, badly where an incident says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qsl

from .messages import Manner, Reply, Request, refusal

LARGEST_BODY = 64 * 1024
DRIP_SECONDS = 0.5
DRIPS = 120
"""A dripping answer takes a minute: longer than any client's patience."""


class Handler(BaseHTTPRequestHandler):
    """Hands each request to ``answer``; ``closing`` ends an answer that drips. Both are set by a subclass."""

    answer: ClassVar[Callable[[Request], Reply]]
    closing: ClassVar[threading.Event]

    protocol_version = "HTTP/1.1"
    server_version = "simulated-vobiz"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 300
    server: ThreadingHTTPServer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a request is no news."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(refusal(413, f"send a body of at most {LARGEST_BODY} bytes, with its Content-Length"))
            return
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            auth_id=self.headers.get("X-Auth-ID"),
            token=self.headers.get("X-Auth-Token"),
            body=body,
        )
        self._send(type(self).answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - the base class's names

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return None
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _send(self, reply: Reply) -> None:
        if reply.manner is Manner.DROPPED:
            self.close_connection = True
            return
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self._write(reply)
        except OSError:
            self.close_connection = True

    def _write(self, reply: Reply) -> None:
        if reply.manner is not Manner.DRIPPING:
            self.wfile.write(reply.body)
            return
        for drip in range(DRIPS):
            share = slice(len(reply.body) * drip // DRIPS, len(reply.body) * (drip + 1) // DRIPS)
            self.wfile.write(reply.body[share])
            if self.closing.wait(DRIP_SECONDS):
                self.close_connection = True
                return
