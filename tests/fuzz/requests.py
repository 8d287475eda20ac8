"""Requests to begin with, and what they are made of."""

from __future__ import annotations

from tests.fuzz.target import split

_HOST = b"Host: localhost\r\n"


def _get(path: bytes, *fields: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + _HOST + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


REQUESTS = (
    _get(b"/-/healthy") + _get(b"/-/ready", b"Connection: close"),
    _get(b"/metrics?name[]=vobiz_up", b"Accept: application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"),
    _get(b"/metrics?name%5B%5D=process_cpu_seconds_total&name[]=x", b"Accept-Encoding: gzip;q=1.0, identity; q=0"),
    _get(b"/api/v1/status", b"Authorization: Basic YTpi"),
    b"POST /-/reload HTTP/1.1\r\n" + _HOST + b"Content-Length: 5\r\n\r\nhello" + _get(b"/"),
    b"POST /-/reload HTTP/1.1\r\n" + _HOST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + _HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"HEAD http://localhost:80/x HTTP/1.0\r\n\r\n",
    b"\r\n\r\nOPTIONS * HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)
WORDS = (
    *split(
        b"GET |HEAD |POST |OPTIONS |/|/metrics|/-/healthy|/-/reload|/api/v1/status|?name[]=",
        b"&name[]=| HTTP/1.1| HTTP/1.0",
    ),
    *split(
        b"\r\n|\n|\r|\r\n\r\n|\n\n|Host: a\r\n|Content-Length: 1\r\n|Content-Length: +1",
        b"Content-Length: 0x1|Content-Length:\t2",
    ),
    *split(
        b"Transfer-Encoding: chunked\r\n|Transfer-Encoding:\x0bchunked|Content-Length : 1",
        b"Connection: close\r\n|Connection: keep-alive",
    ),
    *split(
        b"Expect: 100-continue\r\n|Accept: |Accept-Encoding: gzip\r\n|;q=|;version=|%00|%0d%0a|%C3",
        b"%zz|http://|#|:|,|\x00|\xff|\t|\x85",
    ),
)
