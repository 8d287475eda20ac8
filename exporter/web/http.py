"""Requests and responses as handlers see them, the table of routes, and the server's errors."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

log = logging.getLogger(__name__)


class OncePerMinute:
    """Whether to log what clients can cause, by the ``elapsed`` clock: they cannot fill the log."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed, self._again_at = elapsed, 0.0

    def __call__(self) -> bool:
        """True at the first call, and then at the first after a minute."""
        now = self._elapsed()
        if now < self._again_at:
            return False
        self._again_at = now + 60
        return True


class WebServerError(Exception):
    """The server cannot start, or cannot take a new web configuration file: why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, already checked by the server. Its body, if it has one, is not read.

    ``path`` is percent-decoded and never normalised: ``/../x`` stays as it is and names no route. ``query`` is as it
    was sent. Header names are in lower case; fields that came more than once are joined by a comma.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer of a handler. The server adds Date, Content-Length and Connection, and no body for HEAD.

    There is always content: no 204 or 304.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | tuple[bytes, ...] = b""

    @property
    def chunks(self) -> tuple[bytes, ...]:
        """The body as a tuple."""
        return self.body if isinstance(self.body, tuple) else (self.body,)


Handler = Callable[[Request], Response]
PLAIN = "text/plain; charset=utf-8"


def text(status: int, body: str, *headers: tuple[str, str], content_type: str = PLAIN) -> Response:
    """An answer in text, not to be cached."""
    fixed = (("Content-Type", content_type), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"))
    return Response(status=status, headers=fixed + headers, body=body.encode())


def plain(status: int, *headers: tuple[str, str]) -> Response:
    """The status in words. It repeats nothing of the request."""
    return text(status, f"{status} {HTTPStatus(status).phrase}\n", *headers)


def application(
    pages: Mapping[str, Handler],
    *,
    actions: Mapping[str, Handler] | None = None,
    elapsed: Callable[[], float] = time.monotonic,
) -> Handler:
    """Answers these paths: `pages` GET and HEAD, `actions` POST and PUT, which a link cannot cause.

    Other paths are 404, other methods 405; a handler that fails is 500, which does not say why, and is logged at most
    once a minute.
    """
    routes = {path: (("GET", "HEAD"), handler) for path, handler in pages.items()}
    routes |= {path: (("POST", "PUT"), handler) for path, handler in (actions or {}).items()}
    may_log = {path: OncePerMinute(elapsed) for path in routes}

    def app(request: Request) -> Response:
        if request.path not in routes:
            return text(404, "not found; see / for what there is\n")
        methods, handler = routes[request.path]
        if request.method not in methods:
            allowed = ", ".join(methods)
            return text(405, f"use {allowed}\n", ("Allow", allowed))
        try:
            return handler(request)
        except Exception:
            if may_log[request.path]():
                log.exception("a request could not be answered")
            return plain(500)

    return app
