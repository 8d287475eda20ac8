"""What can happen to an answer on its way: cut, reset, dripped, garbled, of the wrong length, badly packed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

from exporter.api.errors import Outcome
from tests.faults.fault import ApiFault
from tests.faults.vobiz import Act, Asked
from tests.rig.raw_server import Peer

GROUP = "Transport"

Bytes = Callable[[bytes], bytes]
"""From the good body to what is sent."""

_OK = b"HTTP/1.1 200 OK\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_PACKED = b"Content-Encoding: gzip\r\n"

CUT: dict[str, tuple[str, Bytes]] = {
    "close-in-status-line": ("closed within the status line", lambda body: b"HTTP/1.1 2"),
    "close-in-headers": ("closed within the headers", lambda body: _OK + b"X: y\r\n"),
    "close-in-body": ("closed within the body", lambda body: _sized(body)[: -len(body) // 2]),
    "length-too-long": ("Content-Length larger than the body", lambda body: _sized(body, more=100)),
    "length-twice": ("two lengths that differ", lambda body: _OK + b"Content-Length: 2\r\n" + _headless(body)),
    "chunk-cut": ("closed within a chunk", lambda body: _CHUNKED + b"ffff\r\n" + body),
    "chunks-without-end": ("closed between chunks", lambda body: _CHUNKED + b"%x\r\n%b\r\n" % (len(body), body)),
    "chunk-size-garbage": ("a chunk size that is no number", lambda body: _CHUNKED + b"size\r\n" + body),
    "chunk-size-negative": ("a negative chunk size", lambda body: _CHUNKED + b"-5\r\n" + body),
    "chunk-size-endless": ("a chunk size of 70,000 digits", lambda body: _CHUNKED + b"1" * 70_000),
    "header-endless": ("a header of 70,000 bytes", lambda body: _OK + b"X: " + b"x" * 70_000),
    "headers-200": ("200 headers", lambda body: _OK + b"X: x\r\n" * 200 + b"\r\n"),
    "not-http": ("the greeting of a mail server", lambda body: b"220 smtp.example ESMTP\r\n"),
    "status-not-a-number": ("a status that is no number", lambda body: b"HTTP/1.1 OK fine\r\n\r\n"),
    "version-unknown": ("HTTP/9.9", lambda body: b"HTTP/9.9 200 OK\r\n\r\n"),
    "gzip-cut": ("a packed body, closed within it", lambda body: _packed(gzip.compress(body), cut=20)),
}
"""Closed after this was sent; all of it is a failed connection."""

UNUSABLE: dict[str, tuple[str, Bytes]] = {
    "length-too-short": ("Content-Length smaller than the body", lambda body: _sized(body, more=-100)),
    "length-zero": ("Content-Length 0 before a body", lambda body: _sized(body, more=-len(body))),
    "gzip-broken": ("a packed body with a byte changed", lambda body: _packed(_damaged(gzip.compress(body)))),
    "gzip-short-stream": ("a gzip stream without its end", lambda body: _packed(gzip.compress(body)[:-20])),
    "deflate": ("packed in a way that was not asked for", lambda body: _coded(b"deflate", zlib.compress(body))),
}
"""Whole, but no JSON object comes of it; the connection is kept."""

HARMLESS: dict[str, tuple[str, Bytes]] = {
    "header-without-colon": ("a header without a colon", lambda body: _OK + b"what is this\r\n" + _headless(body)),
    "gzip-not": ("gzip announced, plain text sent", lambda body: _coded(b"gzip", body)),
    "brotli": ("brotli announced", lambda body: _coded(b"br", body)),
    "charset-wrong": ("Content-Type says UTF-16", lambda body: _typed(b"application/json; charset=utf-16", body)),
    "charset-unknown": ("an unknown charset", lambda body: _typed(b"text/plain; charset=klingon", body)),
    "content-type-html": ("Content-Type says HTML", lambda body: _typed(b"text/html", body)),
    "gzip-two-members": (
        "packed in two parts",
        lambda body: _packed(gzip.compress(body[:50]) + gzip.compress(body[50:])),
    ),
    "chunks-tiny": (
        "chunks of one byte",
        lambda body: _CHUNKED + b"".join(b"1\r\n%c\r\n" % b for b in body) + b"0\r\n\r\n",
    ),
    "no-length": ("neither length nor chunks, closed at the end", lambda body: _OK + b"\r\n" + body),
    "interim-answers": ("100 Continue first", lambda body: _CONTINUE * 3 + _sized(body)),
}
"""Odd, but a good answer."""

DRIPS: dict[str, tuple[str, Bytes, Bytes]] = {
    "silence": ("the request is taken and never answered", lambda body: b"", lambda body: b""),
    "drip-status-line": ("a status line byte by byte", lambda body: b"", lambda body: b"HTTP/1.1 200 " + b"O" * 9000),
    "drip-headers": ("headers byte by byte", lambda body: _OK, lambda body: b"X-Slow: slow\r\n" * 900),
    "drip-body": ("a body byte by byte", lambda body: _sized(body)[: -len(body)], lambda body: body),
    "drip-chunks": ("chunks byte by byte", lambda body: _CHUNKED, lambda body: b"1\r\n{\r\n" * 2000),
    "drip-trailers": (
        "trailers byte by byte",
        lambda body: _CHUNKED + b"%x\r\n%b\r\n0\r\n" % (len(body), body),
        lambda body: b"X-Slow: slow\r\n" * 900,
    ),
    "drip-packed": (
        "a packed body byte by byte",
        lambda body: _OK + _PACKED + b"\r\n",
        lambda body: gzip.compress(bytes(range(256)) * 200, compresslevel=1),
    ),
    "interim-for-ever": ("100 Continue for ever", lambda body: b"", lambda body: _CONTINUE * 900),
    "stall-in-headers": ("silence after the first headers", lambda body: _OK, lambda body: b""),
    "stall-in-body": ("silence within the body", lambda body: _sized(body)[:-30], lambda body: b""),
}
"""Sent at once, then byte by byte, then nothing."""


def faults() -> Iterator[ApiFault]:
    """All that end before any timeout."""
    yield _fault(
        "reset-after-request", "reset when the request has come", _resets(lambda body: b""), Outcome.CONNECTION
    )
    closed = _sends(lambda body: b"", keep=False)
    yield _fault("close-after-request", "closed when the request has come", closed, Outcome.CONNECTION)
    yield _fault("reset-in-headers", "reset within the headers", _resets(lambda body: _OK), Outcome.CONNECTION)
    yield _fault("reset-in-body", "reset within the body", _resets(lambda body: _sized(body)[:-30]), Outcome.CONNECTION)
    yield _fault("reset-after-body", "reset after the whole body", _resets(_sized), None)
    for name, (what, data) in CUT.items():
        yield _fault(name, what, _sends(data, keep=False), Outcome.CONNECTION)
    for name, (what, data) in UNUSABLE.items():
        yield _fault(name, what, _sends(data, keep=True), Outcome.MALFORMED)
    for name, (what, data) in HARMLESS.items():
        yield _fault(name, what, _sends(data, keep=name != "no-length"), None)
    yield _fault("gzip-bomb", "1 MB that unpacks to 1 GB", _bomb, Outcome.TOO_LARGE)
    yield _fault("body-100-mb", "a body of 100 MB", _flood, Outcome.TOO_LARGE)


def slow_faults() -> Iterator[ApiFault]:
    """Those that last until ``api.timeout``."""
    for name, (what, at_once, slowly) in DRIPS.items():
        yield _fault(name, what, _drips(at_once, slowly), Outcome.TIMEOUT)


def _fault(name: str, what: str, act: Act, outcome: Outcome | None) -> ApiFault:
    return ApiFault(name=name, what=what, group=GROUP, act=act, outcome=outcome)


def _sends(data: Bytes, *, keep: bool) -> Act:
    def act(peer: Peer, asked: Asked) -> bool:
        peer.send(data(asked.body))
        return keep

    return act


def _resets(data: Bytes) -> Act:
    def act(peer: Peer, asked: Asked) -> bool:
        peer.send(data(asked.body))
        peer.reset()
        return False

    return act


def _drips(at_once: Bytes, slowly: Bytes) -> Act:
    def act(peer: Peer, asked: Asked) -> bool:
        peer.send(at_once(asked.body))
        peer.drip(slowly(asked.body))
        peer.hang()
        return False

    return act


def _bomb(peer: Peer, asked: Asked) -> bool:
    """One gigabyte of blanks, made of a thousandth of it: gzip members may follow each other."""
    bomb = gzip.compress(b"{") + gzip.compress(b" " * 1_000_000) * 1000
    peer.send(_coded(b"gzip", bomb))
    return False


def _flood(peer: Peer, asked: Asked) -> bool:
    peer.send(_OK + b"Content-Length: 100000000\r\n\r\n{")
    for _ in range(100):
        peer.send(b" " * 1_000_000)
    return False


def _sized(body: bytes, *, more: int = 0) -> bytes:
    return _OK + b"Content-Length: %d\r\n\r\n" % (len(body) + more) + body


def _headless(body: bytes) -> bytes:
    return _sized(body).removeprefix(_OK)


def _typed(kind: bytes, body: bytes) -> bytes:
    return _OK + b"Content-Type: " + kind + b"\r\n" + _headless(body)


def _coded(coding: bytes, packed: bytes) -> bytes:
    return _OK + b"Content-Encoding: " + coding + b"\r\n" + _headless(packed)


def _packed(packed: bytes, *, cut: int = 0) -> bytes:
    whole = _coded(b"gzip", packed)
    return whole[: len(whole) - cut]


def _damaged(packed: bytes) -> bytes:
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]
