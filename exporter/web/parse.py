"""A request's head, from bytes to `Request`, strictly as RFC 9112 has it: what is ambiguous is refused, not guessed.

Two readers that disagree on where a request ends let one client speak for another (request smuggling), so there is one
way to write a line end, a length and a header here, and everything else ends the connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from exporter.web.http import Request

MAX_LINE_BYTES = 8 * 1024
"""The longest request line that is read; RFC 9112 section 3 asks for 8,000 or more."""

MAX_HEAD_BYTES = 32 * 1024
"""The most that a request line and its headers may take together."""

MAX_FIELDS = 100
MAX_BODY_BYTES = 64 * 1024

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):([^\x00-\x08\x0a-\x1f\x7f]*)")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AUTHORITY = re.compile(rb"https?://[^/?#]+", re.IGNORECASE)
_CLOSE = re.compile(r"(?:^|,)[ \t]*close[ \t]*(?:,|$)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9.\-_~%:\[\]]*")
_ONCE_ONLY = frozenset({"host", "content-length", "transfer-encoding", "authorization", "expect"})


class RefusedError(Exception):
    """The request is not served: `status` is the answer, and the connection ends after it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request's head: what the app sees, and what the connection needs to know to go on after it."""

    request: Request
    body_bytes: int
    keep_alive: bool
    awaits_continue: bool


def parse_head(data: bytes) -> Head:
    """The head in `data`: everything before the empty line. Raises RefusedError for one that must not be served."""
    line, *lines = data.split(b"\r\n")
    method, target, version = check_request_line(line)
    if len(data) > MAX_HEAD_BYTES:
        raise RefusedError(431)
    headers = _headers(lines)
    if "host" not in headers and version == "1.1":
        raise RefusedError(400)
    path, query = _split_target(target)
    expectation = headers.get("expect", "").lower()
    if expectation not in ("", "100-continue"):
        raise RefusedError(417)
    body_bytes = _body_bytes(headers, version)
    return Head(
        request=Request(method=method, path=path, query=query, headers=headers),
        body_bytes=body_bytes,
        keep_alive=version == "1.1" and not _CLOSE.search(headers.get("connection", "")),
        awaits_continue=bool(expectation and body_bytes and version == "1.1"),
    )


def check_request_line(line: bytes) -> tuple[str, bytes, str]:
    """Method, target and version of a request line. Raises RefusedError."""
    if len(line) > MAX_LINE_BYTES:
        raise RefusedError(414)
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise RefusedError(400)
    version = f"{match[3].decode()}.{match[4].decode()}"
    if version not in ("1.0", "1.1"):
        raise RefusedError(505)
    method = match[1].decode()
    if method not in _METHODS:
        raise RefusedError(501)
    return method, match[2], version


def _headers(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > MAX_FIELDS:
        raise RefusedError(431)
    headers: dict[str, str] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise RefusedError(400)
        name, value = match[1].decode().lower(), match[2].decode("latin-1").strip(" \t")
        if name in headers:
            if name in _ONCE_ONLY:
                raise RefusedError(400)
            value = f"{headers[name]}, {value}"
        headers[name] = value
    if not _HOST.fullmatch(headers.get("host", "")):
        raise RefusedError(400)
    return headers


def _split_target(target: bytes) -> tuple[str, str]:
    authority = _AUTHORITY.match(target)
    if authority:
        target = target[authority.end() :]
        target = target if target.startswith(b"/") else b"/" + target
    path, _, query = target.partition(b"?")
    if not path.startswith(b"/") or b"#" in target:
        raise RefusedError(400)
    _unquoted(query)
    return _unquoted(path), query.decode()


def _unquoted(text: bytes) -> str:
    if b"%" not in text:
        return text.decode()
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise RefusedError(400) from None
    if _BROKEN_ESCAPE.search(text) or _CONTROL.search(decoded):
        raise RefusedError(400)
    return decoded


def _body_bytes(headers: dict[str, str], version: str) -> int:
    length = headers.get("content-length")
    if "transfer-encoding" in headers:
        # A body without a stated length may be refused (RFC 9112 section 6.3); no page takes one.
        raise RefusedError(400 if length is not None or version == "1.0" else 411)
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(400)
    # The count of digits comes first: turning a very long number into an int is slow.
    if len(length) > 18 or int(length) > MAX_BODY_BYTES:
        raise RefusedError(413)
    return int(length)
