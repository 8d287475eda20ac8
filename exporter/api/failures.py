"""From a status, or whatever requests, urllib3, http.client, ssl or the system raised, to the one error that it means.

The texts are put together from what cannot hold a secret: numbers, and the words of the system and of OpenSSL. The
texts of the libraries hold URLs, proxies' passwords and servers' answers, and are dropped.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

import requests
import urllib3.exceptions

from exporter.api.errors import (
    ApiError,
    ClientError,
    ConnectionFailed,
    Forbidden,
    Malformed,
    NotFound,
    RateLimited,
    Redirected,
    RequestTimeout,
    ServerError,
    TlsFailed,
    Unauthorized,
)
from exporter.api.retry_after import retry_after

_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
_REFUSALS = {401: Unauthorized, 403: Forbidden, 429: RateLimited}


def status_failure(status: int, headers: Mapping[str, str], *, now: float) -> ApiError | None:
    """The error that a status stands for, None for 2xx; ``now`` is the Unix time, for headers that hold a date."""
    if 200 <= status <= 299:
        return None
    name = next((f"{known.value} {known.phrase}" for known in HTTPStatus if known == status), str(status))
    reason = f"the API answered {name}"
    if status in _REFUSALS:
        return _REFUSALS[status](reason, retry_after=retry_after(headers, now=now))
    if status == HTTPStatus.NOT_MODIFIED:
        return Malformed(f"{reason}, which has no body, to a request that allows no answer from a cache")
    if 300 <= status <= 399:
        return Redirected(reason)
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(reason)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return ConnectionFailed(f"the proxy answered {name}")
    return ClientError(reason) if 400 <= status <= 499 else ServerError(reason)


def too_late(timeout: float) -> RequestTimeout:
    """The error of a request that was not over after so many seconds."""
    return RequestTimeout(f"no complete answer within {timeout:g} s")


def explain(error: BaseException, *, timeout: float) -> ApiError:
    """The outcome that an exception of the network's libraries stands for, without a trace of the exception itself."""
    chain = list(causes(error))
    peer = "the proxy" if any(isinstance(cause, urllib3.exceptions.ProxyError) for cause in chain) else "the API"
    if any(isinstance(cause, TimeoutError) and cause.errno is None for cause in chain):
        return too_late(timeout)
    found = (_explain_one(cause, peer) for cause in chain)
    return next(filter(None, found), ConnectionFailed(f"the connection to {peer} failed"))


def _explain_one(cause: BaseException, peer: str) -> ApiError | None:
    match cause:
        case requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema():
            return ConnectionFailed("api.base_url or the proxy's URL cannot be used")
        case RemoteDisconnected():
            return ConnectionFailed("the connection was closed before an answer came")
        case IncompleteRead() | urllib3.exceptions.InvalidChunkLength():
            return ConnectionFailed("the answer ended before it was complete")
        case urllib3.exceptions.InvalidHeader():
            return ConnectionFailed("the answer is not valid HTTP")
        case HTTPException() if not isinstance(cause, urllib3.exceptions.HTTPError):
            return ConnectionFailed("the answer is not valid HTTP")
        case ssl.SSLCertVerificationError():
            return TlsFailed(f"the certificate of {peer} is not trusted: {cause.verify_message}")
        case ssl.SSLEOFError():
            return ConnectionFailed(f"{peer} closed the connection")
        case ssl.SSLError():
            return TlsFailed(f"TLS with {peer} failed: {(cause.reason or 'no reason given').replace('_', ' ').lower()}")
        case socket.gaierror():
            return ConnectionFailed(f"the host name of {peer} cannot be resolved: {cause.strerror}")
        case OSError() if tunnel := _TUNNEL.match(str(cause)):
            return ConnectionFailed(f"the proxy refused to connect, with HTTP {tunnel[1]}")
        case OSError() if cause.errno is not None:
            return ConnectionFailed(f"the connection to {peer} failed: {os.strerror(cause.errno)}")
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and those it was made from, the outer ones first; libraries keep them in args, reason or cause."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        related = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        waiting.extend(one for one in related if isinstance(one, BaseException))
