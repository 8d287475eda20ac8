"""From whatever requests, urllib3, http.client, ssl or the system raised to the one error of ours that it means.

The texts are put together from what cannot hold a secret: numbers, and the words of the system and of OpenSSL. The
texts of the libraries hold URLs, proxies' passwords and servers' answers, and are dropped.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

import requests
import urllib3.exceptions

from exporter.api.connections import Unanswered
from exporter.api.errors import ApiError, ConnectionFailed, Malformed, RequestTimeout, TlsFailed

_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")


def too_late(timeout: float) -> RequestTimeout:
    """The error of a request that was not over after so many seconds."""
    return RequestTimeout(f"no complete answer within {timeout:g} s")


def explain(error: BaseException, *, timeout: float) -> ApiError:
    """The outcome that an exception of the network's libraries stands for, without a trace of the exception itself.

    ``timeout`` is how many seconds the request had.
    """
    chain = list(_causes(error))
    peer = "the proxy" if _has(chain, urllib3.exceptions.ProxyError) else "the API"
    if any(isinstance(cause, TimeoutError) and cause.errno is None for cause in chain):
        return too_late(timeout)
    for cause in chain:
        found = _explain_one(cause, peer)
        if found is not None:
            return found
    return ConnectionFailed(f"the connection to {peer} failed")


def came_to_nothing(error: BaseException) -> bool:
    """Whether the connection ended before the first byte of an answer."""
    return _has(_causes(error), Unanswered)


def _explain_one(cause: BaseException, peer: str) -> ApiError | None:
    if isinstance(cause, urllib3.exceptions.DecodeError):
        return Malformed("the packed body is damaged")
    if isinstance(cause, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ConnectionFailed("api.base_url or the proxy's URL cannot be used")
    if isinstance(cause, urllib3.exceptions.InvalidHeader):
        return ConnectionFailed("the answer is not valid HTTP")
    if isinstance(cause, RemoteDisconnected):
        return ConnectionFailed("the connection was closed before an answer came")
    if isinstance(cause, (IncompleteRead, urllib3.exceptions.InvalidChunkLength)):
        return ConnectionFailed("the answer ended before it was complete")
    if isinstance(cause, HTTPException) and not isinstance(cause, urllib3.exceptions.HTTPError):
        return ConnectionFailed("the answer is not valid HTTP")
    return _explain_os_error(cause, peer) if isinstance(cause, OSError) else None


def _explain_os_error(cause: OSError, peer: str) -> ApiError | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TlsFailed(f"the certificate of {peer} is not trusted: {cause.verify_message}")
    if isinstance(cause, ssl.SSLEOFError):
        return ConnectionFailed(f"{peer} closed the connection")
    if isinstance(cause, ssl.SSLError):
        return TlsFailed(f"TLS with {peer} failed: {(cause.reason or 'no reason given').replace('_', ' ').lower()}")
    if isinstance(cause, socket.gaierror):
        return ConnectionFailed(f"the host name of {peer} cannot be resolved: {cause.strerror}")
    if tunnel := _TUNNEL.match(str(cause)):
        return ConnectionFailed(f"the proxy refused to connect, with HTTP {tunnel[1]}")
    if cause.errno is not None:
        return ConnectionFailed(f"the connection to {peer} failed: {os.strerror(cause.errno)}")
    return None


def _has(chain: Iterator[BaseException] | list[BaseException], kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in chain)


def _causes(error: BaseException) -> Iterator[BaseException]:
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
