"""The route table: which path is answered by which handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exporter.web.http import App, Request, Response, text

Handler = Callable[[Request], Response]


def application(pages: Mapping[str, Handler], *, actions: Mapping[str, Handler] | None = None) -> App:
    """An app of these paths: `pages` answer GET and HEAD, `actions` POST and PUT, which a link cannot cause.

    Other paths are 404, other methods 405.
    """
    routes = {path: (("GET", "HEAD"), handler) for path, handler in pages.items()}
    routes |= {path: (("POST", "PUT"), handler) for path, handler in (actions or {}).items()}

    def app(request: Request) -> Response:
        if request.path not in routes:
            return text(404, "not found; see / for what there is\n")
        methods, handler = routes[request.path]
        if request.method not in methods:
            allowed = ", ".join(methods)
            return text(405, f"use {allowed}\n", ("Allow", allowed))
        return handler(request)

    return app
