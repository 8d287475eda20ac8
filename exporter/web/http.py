"""What the pages and the server say to each other: a request, a response, and the response as bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, already checked by the server. A body, if there was one, has been read and dropped.

    `path` is percent-decoded and never normalised: `/../x` stays as it is and names no page. `query` is as it was
    sent, without the question mark; its percent-escapes are known to be well formed and to be UTF-8. Header names are
    in lower case; fields that came more than once are joined by a comma.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What to answer. The server adds Date, Content-Length and Connection, and leaves out the body for HEAD.

    The chunks of a tuple are sent one after the other as they are: a page prepared once is never copied. Raises
    ValueError for an unknown status, and for a header that would break out of its line, so that nothing which an app
    copies from a request can add headers.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | tuple[bytes, ...] = b""

    def __post_init__(self) -> None:
        HTTPStatus(self.status)
        for name, value in self.headers:
            if not _HEADER_NAME.fullmatch(name) or _FORBIDDEN_IN_HEADER.search(value):
                raise ValueError(f"the response header {name!r} has characters that a header cannot have")


App = Callable[[Request], Response]

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_FORBIDDEN_IN_HEADER = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")
_WITHOUT_CONTENT = frozenset({204, 304})


def plain(status: int, *headers: tuple[str, str]) -> Response:
    """The status in words as a page of text. It repeats nothing of the request."""
    phrase = HTTPStatus(status).phrase
    fixed = (("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"))
    return Response(status=status, headers=fixed + headers, body=f"{status} {phrase}\n".encode())


def encode(response: Response, *, date: str, head_only: bool, close: bool) -> list[bytes]:
    """The response as the pieces to send: its head, then the body's chunks.

    `date` is the Date header's value, `head_only` is set for HEAD requests, `close` if the connection ends after it.
    """
    chunks = response.body if isinstance(response.body, tuple) else (response.body,)
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}", f"Date: {date}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if response.status not in _WITHOUT_CONTENT:
        lines.append(f"Content-Length: {sum(map(len, chunks))}")
    if close:
        lines.append("Connection: close")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    if head_only or response.status in _WITHOUT_CONTENT:
        return [head]
    return [head, *filter(None, chunks)]
