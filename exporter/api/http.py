"""One GET, and no more of an answer than is allowed.

There is no ``requests.Session``, on purpose: it is the session that reads ``.netrc``, keeps cookies and follows
redirects, and each of the three could carry a credential to where it does not belong.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from gzip import GzipFile
from http.client import HTTPException
from io import BytesIO
from urllib.parse import urlencode

from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from exporter.api.connection import pool_manager
from exporter.api.deadline import Deadline
from exporter.api.errors import ApiError, Outcome
from exporter.api.failures import explain, status_failure

_STEP = 65536
_GZIP = b"\x1f\x8b"
_OBJECT = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*\{")
"""Perhaps after a byte order mark, which RFC 8259 lets a reader ignore."""


def fetch(
    url: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    proxies: bool,
    max_body: int,
    deadline: Deadline,
    wall: float,
) -> bytes:
    """The body of a 2xx answer to a GET, unpacked, which begins as a JSON object does.

    ``proxies``: whether the environment names them. ``max_body`` is in bytes; ``wall`` is the Unix time, for waits that
    are stated as a moment. Raises ApiError.
    """
    try:
        with pool_manager(url, deadline, proxies=proxies) as manager:
            answer = manager.urlopen(
                "GET",
                f"{url}?{urlencode(params)}" if params else url,
                headers={**headers, "Connection": "close"},
                timeout=deadline.remaining(),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            with answer:
                # A header that is repeated has its last value, not all of them joined.
                failure = status_failure(answer.status, CaseInsensitiveDict(answer.headers.iteritems()), now=wall)
                if failure is not None:
                    raise failure
                return _read_object(answer, max_body)
    except (OSError, ValueError, HTTPException, HTTPError) as error:
        raise explain(error, timeout=deadline.seconds) from None


def _read_object(answer: BaseHTTPResponse, limit: int) -> bytes:
    """The unpacked body. Raises ApiError for more than ``limit`` bytes, and for anything but an object.

    Whether it is packed is decided by its first bytes: Content-Encoding says ``utf-8``, ``none`` or nothing at all of
    plain bodies, and gateways pack, unpack and repeat the header as they like.
    """
    buffer = bytearray()
    while part := answer.read(min(_STEP, limit + 1 - len(buffer)), decode_content=False):
        buffer += part
        if len(buffer) > limit:
            raise _too_large(limit)
    body = bytes(buffer)
    del buffer
    if body.startswith(_GZIP):
        body = _unpacked(body, limit)
    if not _OBJECT.match(body):
        raise ApiError(Outcome.MALFORMED, "the body is not a JSON object" if body else "the body is empty")
    return body


def _unpacked(packed: bytes, limit: int) -> bytes:
    """All members of a gzip file."""
    try:
        unpacked = GzipFile(fileobj=BytesIO(packed)).read(limit + 1)
    except (EOFError, OSError, zlib.error):
        raise ApiError(Outcome.MALFORMED, "the packed body is damaged or cut short") from None
    if len(unpacked) > limit:
        raise _too_large(limit)
    return unpacked


def _too_large(limit: int) -> ApiError:
    return ApiError(Outcome.TOO_LARGE, f"the body is larger than {limit} bytes")
