"""What a status line means: an answer to read, or one of the ways to be refused."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from exporter.api.errors import (
    ApiError,
    ClientError,
    ConnectionFailed,
    Forbidden,
    NotFound,
    RateLimited,
    Redirected,
    ServerError,
    Unauthorized,
)
from exporter.api.retry_after import retry_after

_REFUSALS = {401: Unauthorized, 403: Forbidden, 429: RateLimited}


def failure_of(status: int, headers: Mapping[str, str], *, now: float) -> ApiError | None:
    """The error that a status stands for, None for 2xx; ``now`` is the Unix time, for headers that hold a date."""
    if 200 <= status <= 299:
        return None
    reason = f"the API answered {_named(status)}"
    if status in _REFUSALS:
        return _REFUSALS[status](reason, retry_after=retry_after(headers, now=now))
    if 300 <= status <= 399:
        return Redirected(reason)
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(reason)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return ConnectionFailed(f"the proxy answered {_named(status)}")
    if 400 <= status <= 499:
        return ClientError(reason)
    return ServerError(reason)


def _named(status: int) -> str:
    """The number, with the name that HTTP gives it; the server's own words are not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
