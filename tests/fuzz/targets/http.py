"""The HTTP front door, without its socket: what is accepted has one meaning, what is answered is well formed."""

from __future__ import annotations

import logging
import re
import zlib
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from functools import partial
from pathlib import Path

from exporter.clock import Clock
from exporter.web.app import text
from exporter.web.config_watch import ConfigWatch
from exporter.web.front import Front
from exporter.web.http import Request, Response, encode
from exporter.web.inbox import Inbox
from exporter.web.parse import MAX_BODY_BYTES, Head, RefusedError, parse_head
from exporter.web.throttle import Throttle
from tests.fuzz.pages import pages
from tests.fuzz.requests import REQUESTS, WORDS
from tests.fuzz.target import Target

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
PAGES_FOR_ONE_IN = 32
_KNOWN = (200, 401, 403, 404, 405)


@dataclass(frozen=True, slots=True)
class _Outcome:
    heads: tuple[bytes, ...]
    refused: bool


def target(_: Path) -> Target:
    """The target: all that a client sends on one connection."""
    log = logging.getLogger("tests.fuzz.http")
    log.propagate = False
    log.handlers = [_NoException()]
    clock = Clock()
    watch = ConfigWatch(None, clock=clock.elapsed, log=log)
    throttle = Throttle(seconds=0.0, clock=clock.elapsed)
    whole, light = (Front(app, watch=watch, log=log, throttle=throttle) for app in (pages(), _echo))
    return Target(
        holds="a request means the same to a second reader, and however it is cut; answers are well formed, not 500",
        check=partial(_check, whole, light),
        seeds=REQUESTS,
        words=WORDS,
        max_length=1024,
    )


def _echo(request: Request) -> Response:
    return text(200, f"{request.method} {request.path} {request.query}\n")


class _NoException(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            raise AssertionError("an exception in the log") from record.exc_info[1]


def _check(pages: Front, light: Front, data: bytes) -> None:
    # A page takes longer to make than a request to read.
    front = light if zlib.crc32(data) % PAGES_FOR_ONE_IN else pages
    whole = _receive([data], front)
    cuts = sorted(zlib.crc32(data, salt) % (len(data) + 1) for salt in range(3))
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert _receive(pieces, None) == whole, "the pieces in which it arrives change what it means"


def _receive(pieces: list[bytes], front: Front | None) -> _Outcome:
    """What a connection makes of the pieces; the requests are answered where there is a front."""
    inbox, missing = Inbox(), 0
    heads: list[bytes] = []
    for piece in filter(None, pieces):
        inbox.feed(piece)
        missing = inbox.drop(missing)
        while not missing:
            try:
                data = inbox.take_head()
                if data is None:
                    break
                head = parse_head(data)
            except RefusedError as refused:
                assert 400 <= refused.status <= 505
                assert refused.status != 500
                return _Outcome(tuple(heads), refused=True)
            heads.append(data)
            if front is not None:
                check_unambiguous(data, head)
                _check_answer(front, head)
            if not head.keep_alive:
                return _Outcome(tuple(heads), refused=False)
            missing = inbox.drop(head.body_bytes)
    return _Outcome(tuple(heads), refused=False)


def check_unambiguous(data: bytes, head: Head) -> None:
    """Another reader, Python's own, finds the same fields and the same length in it."""
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
    assert int((other["content-length"] or "0").strip()) == head.body_bytes <= MAX_BODY_BYTES
    assert head.request.path.startswith("/")
    assert not re.search(r"[\x00-\x1f\x7f]", head.request.path)


def _read_by_python(fields: bytes) -> Message:
    """As http.client reads them, but for its limits."""
    return Parser().parsestr(fields.decode("latin-1"))


def _check_answer(front: Front, head: Head) -> None:
    response = front.answer(head.request, "127.0.0.1")
    assert response.status in _KNOWN, f"answered with {response.status}"
    start, *body = encode(response, date="now", head_only=head.request.method == "HEAD", close=not head.keep_alive)
    status, _, rest = start.partition(b"\r\n")
    assert status.startswith(b"HTTP/1.1 ")
    fields = _read_by_python(rest)
    assert fields["content-length"] is not None
    if head.request.method != "HEAD":
        assert int(fields["content-length"]) == sum(map(len, body))
