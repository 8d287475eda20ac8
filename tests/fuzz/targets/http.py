"""The HTTP server without its socket: what is accepted has one meaning, what is answered is well formed."""

from __future__ import annotations

import io
import logging
import re
import socket
from email.message import Message
from email.parser import Parser
from functools import partial
from pathlib import Path

from exporter.web.connection import Connection
from exporter.web.http import Request
from exporter.web.server import WebServer
from tests.fuzz.pages import pages
from tests.fuzz.requests import REQUESTS, WORDS
from tests.fuzz.target import Target

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_KNOWN = (200, 400, 403, 404, 405)


def target(_: Path) -> Target:
    """The target: all that a client sends on one connection."""
    log, handler = logging.getLogger("exporter.web"), _NoException()
    log.addHandler(handler)
    web = WebServer(pages(), listen_addresses=["127.0.0.1:0"])
    sock = socket.socket()

    def close() -> None:
        sock.close()
        web.close()
        log.removeHandler(handler)

    return Target(
        holds="a request means the same to a second reader; one with a body is the last; answers are well formed",
        check=partial(_check, web, sock),
        seeds=REQUESTS,
        words=WORDS,
        max_length=1024,
        close=close,
    )


class _NoException(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            raise AssertionError("an exception in the log") from record.exc_info[1]


class _Offline(Connection):
    """Reads bytes that are all there, and keeps what it makes of them."""

    def __init__(self, sock: socket.socket, web: WebServer, data: bytes) -> None:
        super().__init__(sock, "127.0.0.1", web)
        self._tls = None
        self.data = data
        self.heads: list[tuple[bytes, Request]] = []
        self.answers = io.BytesIO()
        self.setup()
        self.handle()

    def setup(self) -> None:
        self.rfile = io.BufferedReader(io.BytesIO(self.data))
        self.wfile = self.answers

    def _read_request(self) -> Request | None:
        assert not self.heads or self.heads[-1][1].method in ("GET", "HEAD")
        begin = self.rfile.tell()
        request = super()._read_request()
        if request is not None:
            head = self.data[begin : self.rfile.tell()].removesuffix(b"\r\n\r\n")
            self.heads.append((head, request))
        return request


def _check(web: WebServer, sock: socket.socket, data: bytes) -> None:
    read = _Offline(sock, web, data)
    for number, (head, request) in enumerate(read.heads, start=1):
        has_body = _check_unambiguous(head, request)
        assert number == len(read.heads) or not has_body, "what follows a body was read as a request"
    _check_answers(read.answers.getvalue(), [request.method for _, request in read.heads])


def _check_unambiguous(data: bytes, request: Request) -> bool:
    """Another reader, Python's own, finds the same fields in it; whether they announce a body."""
    first, _, rest = data.partition(b"\r\n")
    assert first.count(b" ") == 2
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", data), "a line end that is none"
    lines = rest.split(b"\r\n") if rest else []
    names = [line.partition(b":")[0].lower() for line in lines]
    assert all(_TOKEN.fullmatch(name) for name in names)
    assert b"transfer-encoding" not in names
    assert names.count(b"content-length") <= 1
    assert names.count(b"host") <= 1
    other = _read_by_python(rest)
    assert [name.lower().encode("latin-1") for name, _ in other.items()] == names
    assert (other["content-length"] or "0").strip().isdecimal()
    assert request.path.startswith("/")
    return b"content-length" in names


def _read_by_python(fields: bytes) -> Message:
    """As http.client reads them, but for its limits."""
    return Parser().parsestr(fields.decode("latin-1"))


def _check_answers(answers: bytes, methods: list[str]) -> None:
    while answers:
        method = methods.pop(0) if methods else "GET"
        head, _, answers = answers.partition(b"\r\n\r\n")
        status, _, rest = head.partition(b"\r\n")
        assert int(status.removeprefix(b"HTTP/1.1 ")[:3]) in _KNOWN, f"answered with {status!r}"
        length = int(_read_by_python(rest)["content-length"])
        if method != "HEAD":
            assert len(answers) >= length
            answers = answers[length:]
