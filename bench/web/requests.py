"""Raw requests, about 200, and what RFC 9110 and RFC 9112 want done with each: `CASES`.

Most are such that two readers could disagree on them. A case that hides a request where another reader may see one ends
with that request, so that a server that was taken in gives one answer too many.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

_HOST = b"Host: localhost\r\n"
_HIDDEN = b"GET /hidden HTTP/1.1\r\n" + _HOST + b"\r\n"


class Wants(enum.Enum):
    """What may come back."""

    SERVED = "answered as a request that is understood"
    REFUSED = "refused, and nothing after it answered"
    BAD_REQUEST = "400, and nothing after it answered"
    EITHER = "at most one answer, no server error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One connection's bytes."""

    name: str
    data: bytes
    wants: Wants


def fulfils(wants: Wants, statuses: list[int]) -> bool:
    """Whether these answers are what is wanted; a connection that ends without one counts as refusing."""
    first = statuses[0] if statuses else None
    refused = first is None or (400 <= first < 500 and first not in (401, 403, 404)) or first in (501, 505)
    if wants is Wants.SERVED:
        return first in (404, 405, 411, 417) or (first is not None and 200 <= first < 400)
    if wants is Wants.REFUSED:
        return refused and len(statuses) <= 1
    if wants is Wants.BAD_REQUEST:
        return first in (400, None) and len(statuses) <= 1
    return len(statuses) <= 1 and (first is None or first < 500 or first in (501, 505))


def _line(line: str | bytes, *fields: bytes, after: bytes = b"") -> bytes:
    start = line if isinstance(line, bytes) else line.encode("latin-1")
    return start + b"\r\n" + _HOST + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + after


def _get(*fields: bytes, after: bytes = b"") -> bytes:
    return _line("GET /metrics HTTP/1.1", *fields, after=after)


def _post(*fields: bytes, after: bytes = b"") -> bytes:
    return _line("POST /metrics HTTP/1.1", *fields, after=after)


def _start_lines() -> Iterator[tuple[str, bytes, Wants]]:
    served = [
        "GET /metrics HTTP/1.1",
        "HEAD /metrics HTTP/1.1",
        "GET /metrics HTTP/1.0",
        "GET /metrics HTTP/1.2",
        "GET /metrics HTTP/1.9",
        "GET /metrics? HTTP/1.1",
        "GET /metrics?a=b&c=%20 HTTP/1.1",
        "GET /metrics?/?/ HTTP/1.1",
        "GET /%6detrics HTTP/1.1",
        "GET //metrics HTTP/1.1",
        "GET /a;b=c,d:e@f!g$h'i(j)k*l+m=n~o HTTP/1.1",
        "GET http://localhost/metrics HTTP/1.1",
        "GET HTTP://LOCALHOST/metrics HTTP/1.1",
        "GET http://localhost:80/metrics?x HTTP/1.1",
        "GET http://localhost HTTP/1.1",
        "GET http://localhost?x HTTP/1.1",
        "GET http://[::1]:80/ HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "OPTIONS /metrics HTTP/1.1",
        "DELETE /metrics HTTP/1.1",
        "GET /" + "a" * 7_900 + " HTTP/1.1",
    ]
    for line in served:
        yield line if len(line) < 60 else "a target of 7,900 bytes", _line(line), Wants.SERVED
    refused = [
        "GET /metrics HTTP/2.0",
        "GET /metrics HTTP/3.0",
        "GET /metrics HTTP/0.9",
        "GET /metrics HTTP/1.1.1",
        "GET /metrics HTTP/11",
        "GET /metrics HTTP/1",
        "GET /metrics HTTP/1.",
        "GET /metrics HTTP/1.x",
        "GET /metrics HTTP/+1.1",
        "GET /metrics HTTP/01.1",
        "GET /metrics HTTP/1.10",
        "GET /metrics HTTP 1.1",
        "GET /metrics http/1.1",
        "GET /metrics HTTPS/1.1",
        "GET /metrics FTP/1.1",
        "GET /metrics HTTP/1.1 x",
        "GET /a b HTTP/1.1",
        "GET metrics HTTP/1.1",
        "GET ?x HTTP/1.1",
        "GET * HTTP/1.1",
        "GET localhost:80 HTTP/1.1",
        "GET /metrics#top HTTP/1.1",
        "GET http:///metrics HTTP/1.1",
        "CONNECT /metrics HTTP/1.1",
        "CONNECT localhost:443 HTTP/1.1",
        "get /metrics HTTP/1.1",
        "Get /metrics HTTP/1.1",
        "BREW /metrics HTTP/1.1",
        "GE(T /metrics HTTP/1.1",
        "GE:T /metrics HTTP/1.1",
        'GE"T /metrics HTTP/1.1',
        "G\xc9T /metrics HTTP/1.1",
        "GET\0 /metrics HTTP/1.1",
        "GET /met\0rics HTTP/1.1",
        "GET /met\x01rics HTTP/1.1",
        "GET /met\x7frics HTTP/1.1",
        "GET /m\xe9trics HTTP/1.1",
        "GET /metrics\x0bHTTP/1.1",
        "/metrics HTTP/1.1",
        " HTTP/1.1",
        "GET",
        "HTTP/1.1 200 OK",
        "A" * 10_000 + " /metrics HTTP/1.1",
        "GET /" + "a" * 100_000 + " HTTP/1.1",
    ]
    names = {10_018: "a method of 10,000 letters", 100_014: "a target of 100,000 bytes"}
    for line in refused:
        yield names.get(len(line), repr(line)[1:-1]), _line(line), Wants.REFUSED
    either = [
        "GET  /metrics HTTP/1.1",
        "GET /metrics  HTTP/1.1",
        "GET\t/metrics\tHTTP/1.1",
        " GET /metrics HTTP/1.1",
        "GET /metrics HTTP/1.1 ",
        "GET /metrics",
        "GET /%zz HTTP/1.1",
        "GET /%00 HTTP/1.1",
        "GET /%0d%0aX:%20y HTTP/1.1",
        "GET /../../etc/passwd HTTP/1.1",
        'GET /"<>\\^`{|} HTTP/1.1',
        "GET http://user@localhost/metrics HTTP/1.1",
        "GET ftp://localhost/metrics HTTP/1.1",
        "GET \\metrics HTTP/1.1",
    ]
    for line in either:
        yield repr(line)[1:-1], _line(line), Wants.EITHER
    yield "an empty line before the request", b"\r\n" + _get(), Wants.SERVED
    yield "a line feed alone before the request", b"\n" + _get(), Wants.EITHER
    yield "the HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Wants.REFUSED
    yield "a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), Wants.REFUSED
    yield "a request of HTTP/0.9", b"GET /metrics\r\n", Wants.EITHER
    yield "nothing but line ends", b"\r\n" * 50, Wants.EITHER


def _hosts() -> Iterator[tuple[str, bytes, Wants]]:
    start = b"GET /metrics HTTP/1.1\r\n"
    yield "no Host", start + b"\r\n", Wants.BAD_REQUEST
    yield "no Host in HTTP/1.0", b"GET /metrics HTTP/1.0\r\n\r\n", Wants.SERVED
    yield "two Hosts", _get(b"Host: other"), Wants.BAD_REQUEST
    yield "the same Host twice", _get(b"Host: localhost"), Wants.BAD_REQUEST
    yield "two Hosts in two spellings", _get(b"hOsT: localhost"), Wants.BAD_REQUEST
    for host in (b"", b"a", b"LOCALHOST", b"a:80", b"a:", b"127.0.0.1:1", b"[::1]", b"[::1]:80", b"a.b-c_d~e", b"%61"):
        yield f"Host: {host.decode()}", start + b"Host: " + host + b"\r\n\r\n", Wants.SERVED
    for host in (b"a/b", b"a b", b"a@b", b"a, b", b"a<b", b"a\\b", b"a?b", b"a#b", b"a:b", b"[::1", b"a\x00b", b"\xe9"):
        yield f"Host: {host!r}", start + b"Host: " + host + b"\r\n\r\n", Wants.BAD_REQUEST


def _fields() -> Iterator[tuple[str, bytes, Wants]]:
    for field in (
        b"A:b",
        b"A:\tb",
        b"A:    b    ",
        b"A:",
        b"A: \xe9\xff",
        b"!#$%&'*+-.^_`|~09AZaz: b",
        b"A: " + b"b" * 4000,
        b"Expect: 100-continue",
        b"Upgrade: h2c",
        b"Connection: keep-alive",
        b"Cookie: a=b; c",
    ):
        yield repr(field[:30])[1:], _get(field), Wants.SERVED
    yield "90 fields", _get(*[b"A: b"] * 90), Wants.SERVED
    for field in (
        b"A : b",
        b"A\t: b",
        b": b",
        b"A b: c",
        b"A",
        b"A(: b",
        b"A\x00: b",
        b"\xe9: b",
        b"A\x0b: b",
        b"A[]: b",
        b'"A": b',
    ):
        yield repr(field)[1:], _get(field), Wants.BAD_REQUEST
    for field in (
        b"A: b\x00c",
        b"A: b\rB: c",
        b"A: b\nB: c",
        b"A: b\r\n c",
        b"A: b\r\n\tc",
        b"A: b\x0bc",
        b"A: b\x7fc",
        b" A: b",
    ):
        yield repr(field)[1:], _get(field), Wants.EITHER
    yield "a space before the first field", b"GET /metrics HTTP/1.1\r\n Host: localhost\r\n\r\n", Wants.EITHER
    yield "line feeds alone", b"GET /metrics HTTP/1.1\nHost: localhost\n\n", Wants.EITHER
    yield "a line feed alone at the end", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\n", Wants.EITHER
    yield "carriage returns alone", b"GET /metrics HTTP/1.1\rHost: localhost\r\r", Wants.REFUSED
    yield "20,000 fields", _get(*[b"A: b"] * 20_000), Wants.EITHER
    yield "a field of 1 MB", _get(b"A: " + b"b" * 1_000_000), Wants.EITHER
    yield "an unknown expectation", _get(b"Expect: the-unexpected"), Wants.EITHER


def _lengths() -> Iterator[tuple[str, bytes, Wants]]:
    """Content-Length in every spelling; what follows is a body to some readers, and a request to others."""
    length = str(len(_HIDDEN)).encode()
    yield "a body", _post(b"Content-Length: " + length, after=_HIDDEN), Wants.SERVED
    yield "a body with leading zeros", _post(b"Content-Length: 000" + length, after=_HIDDEN), Wants.EITHER
    yield "a body after GET", _get(b"Content-Length: " + length, after=_HIDDEN), Wants.EITHER
    head = _line("HEAD /metrics HTTP/1.1", b"Content-Length: " + length, after=_HIDDEN)
    yield "a body after HEAD", head, Wants.EITHER
    options = _line("OPTIONS * HTTP/1.1", b"Content-Length: " + length, after=_HIDDEN)
    yield "a body after OPTIONS", options, Wants.EITHER
    yield "a body that is cut short", _post(b"Content-Length: 1000", after=_HIDDEN), Wants.EITHER
    for value in (
        b"+" + length,
        b"-" + length,
        b"-0",
        b"0x10",
        length + b".0",
        length + b"e0",
        length + b";",
        length + b" 5",
        length + b"," + b"5",
        b"0," + length,
        length + b", ",
        b"",
        b",",
        b"abc",
        b"\xb2",
        "٥".encode(),
        b"1_0",
        b"9" * 19,
        b"9" * 5000,
        b"18446744073709551616",
        b"4294967296",
        b"\x0b" + length,
        length + b"\x00",
        b'"' + length + b'"',
    ):
        wants = Wants.EITHER if value.isdigit() and value.isascii() else Wants.BAD_REQUEST
        yield f"Content-Length: {value[:24]!r}", _post(b"Content-Length: " + value, after=_HIDDEN), wants
    yield "the same length in a list", _post(b"Content-Length: " + length + b", " + length, after=_HIDDEN), Wants.EITHER
    twice = _post(b"Content-Length: " + length, b"Content-Length: " + length, after=_HIDDEN)
    yield "the same length twice", twice, Wants.EITHER
    yield "two lengths", _post(b"Content-Length: 0", b"Content-Length: " + length, after=_HIDDEN), Wants.BAD_REQUEST
    spelt = _post(b"content-length: 0", b"CONTENT-LENGTH: " + length, after=_HIDDEN)
    yield "two lengths in two spellings", spelt, Wants.BAD_REQUEST
    yield "a length before a space", _post(b"Content-Length : " + length, after=_HIDDEN), Wants.BAD_REQUEST
    yield "a length on a folded line", _post(b"A: b", b" Content-Length: " + length, after=_HIDDEN), Wants.EITHER
    yield "a length after a lone CR", _post(b"A: b\rContent-Length: " + length, after=_HIDDEN), Wants.EITHER


def _chunks() -> Iterator[tuple[str, bytes, Wants]]:
    """Transfer-Encoding in every spelling; as above."""
    size = f"{len(_HIDDEN):x}".encode()
    body = size + b"\r\n" + _HIDDEN + b"\r\n0\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked"
    yield "chunks", _post(chunked, after=body), Wants.SERVED
    yield "chunks after GET", _get(chunked, after=body), Wants.EITHER
    yield "Chunks", _post(b"Transfer-Encoding: Chunked", after=body), Wants.SERVED
    yield "chunks and an extension", _post(chunked, after=size + b";a=b" + body[len(size) :]), Wants.SERVED
    yield "chunks and a trailer", _post(chunked, after=body[:-2] + b"A: b\r\n\r\n"), Wants.SERVED
    zero = b"0\r\n\r\n" + _HIDDEN
    for length in (b"0", b"5", str(len(zero)).encode()):
        fields = (b"Content-Length: " + length, chunked)
        yield f"a length of {length.decode()}, and chunks", _post(*fields, after=zero), Wants.EITHER
        yield f"chunks, and a length of {length.decode()}", _post(*reversed(fields), after=zero), Wants.EITHER
    old = b"POST /metrics HTTP/1.0\r\n" + chunked + b"\r\n\r\n"
    yield "chunks in HTTP/1.0", old + zero, Wants.EITHER
    kept = old.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")
    yield "chunks in HTTP/1.0, kept alive", kept + zero, Wants.EITHER
    for value in (
        b"identity",
        b"gzip",
        b"xchunked",
        b"chunked, identity",
        b"chunked, gzip",
        b'"chunked"',
        b"",
        b"chunked\x00",
    ):
        coding = _post(b"Transfer-Encoding: " + value, after=zero)
        yield f"Transfer-Encoding: {value!r}", coding, Wants.REFUSED
    for value in (b"gzip, chunked", b"chunked, chunked", b"\x0bchunked", b"chunked,", b",chunked", b"chunked;a=b"):
        coding = _post(b"Transfer-Encoding: " + value, after=zero)
        yield f"Transfer-Encoding: {value!r}", coding, Wants.EITHER
    two = _post(chunked, b"Transfer-Encoding: identity", after=zero)
    yield "two codings", two, Wants.EITHER
    for field in (b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked", b"Transfer-\x00Encoding: chunked"):
        disguised = _post(b"Content-Length: 5", field, after=zero)
        yield f"a length, and {field!r}", disguised, Wants.BAD_REQUEST
    folded = _post(b"Content-Length: 5", b"Transfer-Encoding:\r\n chunked", after=zero)
    yield "a length, and chunks on a folded line", folded, Wants.EITHER
    for name, bad in {
        "a chunk size in decimal with a sign": b"+5\r\nhello\r\n" + zero,
        "a chunk size below zero": b"-5\r\nhello\r\n" + zero,
        "a chunk size with 0x": b"0x5\r\nhello\r\n" + zero,
        "a chunk size beyond 64 bits": b"10000000000000005\r\nhello\r\n" + zero,
        "no chunk size": b"\r\nhello\r\n" + zero,
        "a chunk size before a space": b"5 \r\nhello\r\n" + zero,
        "a chunk without its end": b"5\r\nhello" + zero,
        "a chunk that is too long": b"5\r\nhello world\r\n" + zero,
        "line feeds alone in chunks": b"5\nhello\n0\n\n" + _HIDDEN,
        "a request in a chunk's extension": b"5;\n" + _HIDDEN + b"\r\nhello\r\n0\r\n\r\n",
        "a request in a trailer": b"0\r\nA: b\n\n" + _HIDDEN + b"\r\n",
        "a last chunk of many zeros": b"000000000000000000\r\n\r\n",
    }.items():
        yield name, _post(chunked, b"Connection: close", after=bad), Wants.EITHER


def _ends() -> Iterator[tuple[str, bytes, Wants]]:
    yield "two requests at once", _get() + _get(), Wants.SERVED
    yield "a request after the wish to end", _get(b"Connection: close", after=_HIDDEN), Wants.EITHER
    yield "the wish to end in a list", _get(b"Connection: foo , CLOSE", after=_HIDDEN), Wants.EITHER
    yield "the wish to end, twice", _get(b"Connection: foo", b"Connection: close", after=_HIDDEN), Wants.EITHER
    yield "a request after HTTP/1.0", b"GET /metrics HTTP/1.0\r\n\r\n" + _HIDDEN, Wants.EITHER
    yield "a request after a refused one", _line("GET /metrics HTTP/1.1", b"A", after=_HIDDEN), Wants.BAD_REQUEST
    yield "half a request line", b"GET /met", Wants.EITHER
    yield "half a head", b"GET /metrics HTTP/1.1\r\nHost: local", Wants.EITHER
    yield "a head without its empty line", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n", Wants.EITHER


CASES = tuple(
    Case(name=name, data=data, wants=wants)
    for group in (_start_lines, _hosts, _fields, _lengths, _chunks, _ends)
    for name, data, wants in group()
)
"""All of them."""
