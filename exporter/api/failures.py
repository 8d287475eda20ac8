"""From a status, or an exception of http.client, ssl or the system, to the one error that it means.

The texts are put together from what cannot hold a secret: numbers, and the words of the system and of OpenSSL. The
texts of the libraries hold URLs, proxies' passwords and servers' answers, and are dropped.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from contextlib import suppress
from datetime import timezone
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

from exporter.api.errors import (
    ApiError,
    ConnectionFailed,
    Forbidden,
    Malformed,
    Outcome,
    RateLimited,
    RequestTimeout,
    ServerError,
    TlsFailed,
    Unauthorized,
)

MAX_RETRY_AFTER = 900.0
"""Seconds; a longer wait is cut to this, so that no header can silence the exporter."""

_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12
"""A number from here on is a moment since 1970, in seconds or in milliseconds; a smaller one is a span from now."""

_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_MAX_TEXT = 64
_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
_REFUSALS = {401: Unauthorized, 403: Forbidden, 429: RateLimited}


def status_failure(status: int, headers: Message, *, now: float) -> ApiError | None:
    """The error that a status stands for, None for 2xx; ``now`` is the Unix time, for headers that hold a date."""
    if 200 <= status <= 299:
        return None
    name = next((f"{known.value} {known.phrase}" for known in HTTPStatus if known == status), str(status))
    reason = f"the API answered {name}"
    if status in _REFUSALS:
        return _REFUSALS[status](reason, retry_after=retry_after(headers, now=now))
    if status == HTTPStatus.NOT_MODIFIED:
        return Malformed(f"{reason}, which has no body, to a request that allows no answer from a cache")
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return ConnectionFailed(f"the proxy answered {name}")
    if 300 <= status <= 399:
        return ApiError(reason, outcome=Outcome.REDIRECT)
    if 400 <= status <= 499:
        return ApiError(reason, outcome=Outcome.NOT_FOUND if status == 404 else Outcome.CLIENT_ERROR)
    return ServerError(reason)


def retry_after(headers: Message, *, now: float) -> float | None:
    """Seconds to wait by ``Retry-After`` (RFC 9110, 10.2.3), else ``X-RateLimit-Reset``; at most 900, None for none.

    ``headers`` finds names in any case; ``now`` is the Unix time. Never raises, whatever the headers hold.
    """
    for name in ("Retry-After", "X-RateLimit-Reset"):
        seconds = _seconds(headers.get(name, "").strip(), now)
        if seconds > 0:
            return min(seconds, MAX_RETRY_AFTER)
    return None


def _seconds(text: str, now: float) -> float:
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number >= _EPOCH_MILLISECONDS:
            return number / 1000 - now
        return number - now if number >= _EPOCH_SECONDS else number
    if len(text) <= _MAX_TEXT:
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            moment = parsedate_to_datetime(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() - now
    return 0.0


def too_late(timeout: float) -> RequestTimeout:
    """The error of a request that was not over after so many seconds."""
    return RequestTimeout(f"no complete answer within {timeout:g} s")


def explain(error: BaseException, *, peer: str, timeout: float) -> ApiError:
    """What an exception of http.client, ssl or the system means, without a trace of the exception itself.

    ``peer`` is who was being talked to: the API or the proxy.
    """
    match error:
        case TimeoutError() if error.errno is None:
            return too_late(timeout)
        case RemoteDisconnected():
            return ConnectionFailed("the connection was closed before an answer came")
        case IncompleteRead():
            return ConnectionFailed("the answer ended before it was complete")
        case HTTPException():
            return ConnectionFailed("the answer is not valid HTTP")
        case ssl.SSLCertVerificationError():
            return TlsFailed(f"the certificate of {peer} is not trusted: {error.verify_message}")
        case ssl.SSLEOFError():
            return ConnectionFailed(f"{peer} closed the connection")
        case ssl.SSLError():
            return TlsFailed(f"TLS with {peer} failed: {(error.reason or 'no reason given').replace('_', ' ').lower()}")
        case socket.gaierror():
            return ConnectionFailed(f"the host name of {peer} cannot be resolved: {error.strerror}")
        case OSError() if tunnel := _TUNNEL.match(str(error)):
            return ConnectionFailed(f"the proxy refused to connect, with HTTP {tunnel[1]}")
        case OSError() if error.errno is not None:
            return ConnectionFailed(f"the connection to {peer} failed: {os.strerror(error.errno)}")
    return ConnectionFailed(f"the connection to {peer} failed")
