"""From a status, or an exception of requests, urllib3, http.client, ssl or the system, to the one error that it means.

The texts are put together from what cannot hold a secret: numbers, and the words of the system and of OpenSSL. The
texts of the libraries hold URLs, proxies' passwords and servers' answers, and are dropped.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead, RemoteDisconnected, responses

from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import InvalidHeader, ProxyError

from exporter.api.errors import MAX_RETRY_AFTER, ApiError, Outcome

_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12
"""A number from here on is a moment since 1970, in seconds or in milliseconds; a smaller one is a span from now."""

_RUN_OUT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Here, and not in the network."""

_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
_OF_STATUS = {
    304: Outcome.MALFORMED,  # to a request that allows no answer from a cache
    401: Outcome.UNAUTHORIZED,
    403: Outcome.FORBIDDEN,
    404: Outcome.NOT_FOUND,
    407: Outcome.CONNECTION,
    429: Outcome.RATE_LIMITED,
}


def require_success(status: int, headers: Mapping[str, str], *, now: float) -> None:
    """Raise the error that a status stands for; ``now`` is the Unix time, for headers that hold a date."""
    if 200 <= status <= 299:
        return
    of_class = {3: Outcome.REDIRECT, 4: Outcome.CLIENT_ERROR}.get(status // 100, Outcome.SERVER_ERROR)
    reason = f"{'the proxy' if status == 407 else 'the API'} answered {status} {responses.get(status, '')}"
    raise ApiError(_OF_STATUS.get(status, of_class), reason.rstrip(), retry_after=retry_after(headers, now=now))


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
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
        number = float(text) / (1000 if float(text) >= _EPOCH_MILLISECONDS else 1)
        return number - now if number >= _EPOCH_SECONDS else number
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() - now
    return 0.0


def timed_out(seconds: float) -> ApiError:
    """The error of a request that took longer than ``api.timeout``, body included."""
    return ApiError(Outcome.TIMEOUT, f"no complete answer within {seconds:g} s")


def explain(error: BaseException, *, timeout: float) -> ApiError:
    """What an exception of the network's libraries means, without a trace of the exception itself."""
    chain = list(_causes(error))
    peer = "the proxy" if any(isinstance(cause, ProxyError) for cause in chain) else "the API"
    if any(isinstance(cause, TimeoutError) and cause.errno is None for cause in chain):
        return timed_out(timeout)
    found = (_explain_one(cause, peer) for cause in chain)
    return next(filter(None, found), ApiError(Outcome.CONNECTION, f"the connection to {peer} failed"))


def _explain_one(cause: BaseException, peer: str) -> ApiError | None:
    match cause:
        case InvalidURL() | InvalidSchema():
            return ApiError(Outcome.CONNECTION, "api.base_url or the proxy's URL cannot be used")
        case RemoteDisconnected():
            return ApiError(Outcome.CONNECTION, "the connection was closed before an answer came")
        case IncompleteRead():
            return ApiError(Outcome.CONNECTION, "the answer ended before it was complete")
        case HTTPException() | InvalidHeader():
            return ApiError(Outcome.CONNECTION, "the answer is not valid HTTP")
        case ssl.SSLCertVerificationError():
            return ApiError(Outcome.TLS, f"the certificate of {peer} is not trusted: {cause.verify_message}")
        case ssl.SSLEOFError():
            return ApiError(Outcome.CONNECTION, f"{peer} closed the connection")
        case ssl.SSLError():
            reason = (cause.reason or "no reason given").replace("_", " ").lower()
            return ApiError(Outcome.TLS, f"TLS with {peer} failed: {reason}")
        case socket.gaierror():
            return ApiError(Outcome.CONNECTION, f"the host name of {peer} cannot be resolved: {cause.strerror}")
        case OSError() if tunnel := _TUNNEL.match(str(cause)):
            return ApiError(Outcome.CONNECTION, f"the proxy refused to connect, with HTTP {tunnel[1]}")
        case OSError() if cause.errno is not None:
            remedy = "raise the limit on open files and memory" if cause.errno in _RUN_OUT else ""
            reason = f"the connection to {peer} failed: {os.strerror(cause.errno)}"
            return ApiError(Outcome.CONNECTION, reason, remedy=remedy)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and those it was made from, the outer ones first; libraries keep them in args, reason or cause."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
