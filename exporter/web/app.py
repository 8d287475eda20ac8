"""Which path answers what. Knows nothing of sockets, TLS or passwords."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exporter.web.http import Request, Response

PLAIN = ("Content-Type", "text/plain; charset=utf-8")
NO_STORE = ("Cache-Control", "no-store")

Handler = Callable[[Request], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path's handler for each method; HEAD is answered wherever GET is."""

    handlers: Mapping[str, Handler]

    @property
    def allowed(self) -> str:
        """The value of the Allow header."""
        methods = {*self.handlers, *(("HEAD",) if "GET" in self.handlers else ())}
        return ", ".join(sorted(methods))


def application(routes: Mapping[str, Route]) -> Handler:
    """An app that answers these paths, 404 for others and 405 for other methods."""

    def app(request: Request) -> Response:
        route = routes.get(request.path)
        if route is None:
            return text(404, "not found; see / for what there is\n")
        handler = route.handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            return text(405, f"use {route.allowed}\n", ("Allow", route.allowed))
        return handler(request)

    return app


def text(status: int, body: str, *headers: tuple[str, str]) -> Response:
    """A plain-text answer."""
    return Response(status=status, headers=(PLAIN, NO_STORE, *headers), body=body.encode())
