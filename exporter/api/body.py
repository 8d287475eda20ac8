"""The body of an answer: read to its end, unpacked, never more than the limit of it in memory."""

from __future__ import annotations

import re
from io import BytesIO

from urllib3 import BaseHTTPResponse

from exporter.api.errors import ConnectionFailed, Malformed, TooLarge

_STEP = 65536
_ENCODINGS = ("identity", "gzip", "x-gzip")
_OBJECT = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*\{")
"""Perhaps after a byte order mark, which RFC 8259 lets a reader ignore, and which ``parse`` takes away."""


def read_object(answer: BaseHTTPResponse, *, limit: int) -> bytes:
    """The unpacked body, which looks like a JSON object as far as its first character tells.

    Raises TooLarge as soon as more than ``limit`` bytes are unpacked, Malformed for an empty body, for anything but an
    object, and for an encoding that was not asked for; ConnectionFailed when nothing at all came after the headers, and
    urllib3's errors for what else the network does.
    """
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in _ENCODINGS:
        raise Malformed("the body is packed in a way that was not asked for")
    known_end = answer.chunked or answer.length_remaining is not None
    buffer = BytesIO()
    while part := answer.read(min(_STEP, limit + 1 - buffer.tell()), decode_content=True):
        buffer.write(part)
        if buffer.tell() > limit:
            raise TooLarge(f"the body is larger than {limit} bytes")
    body = buffer.getvalue()
    if not body and not known_end:
        # http.client takes the end of the connection for the end of the headers.
        raise ConnectionFailed("the answer ended before it was complete")
    if not body:
        raise Malformed("the body is empty")
    if not _OBJECT.match(body):
        raise Malformed("the body is not a JSON object")
    return body
