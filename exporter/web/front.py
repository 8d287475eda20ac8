"""What stands between a request and the app: the rate limit, the password, the configured headers, and a net below."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from exporter.web.auth import Authenticator, Verdict
from exporter.web.config_watch import ConfigWatch
from exporter.web.http import App, Request, Response, plain
from exporter.web.throttle import Throttle

if TYPE_CHECKING:
    from exporter.web.tls import TlsDoor

_ASK_FOR_PASSWORD = ("WWW-Authenticate", 'Basic realm="vobiz-exporter", charset="UTF-8"')
_SOON = ("Retry-After", "1")


class Front:
    """Answers requests with the app, under the web configuration that holds at that moment."""

    def __init__(self, app: App, *, watch: ConfigWatch, log: logging.Logger, throttle: Throttle) -> None:
        self._app = app
        self._watch = watch
        self._log = log
        self._throttle = throttle
        self._authenticator = Authenticator()

    def door(self) -> TlsDoor | None:
        """How connections are secured at present; None: they are not."""
        return self._watch.current().door

    def answer(self, request: Request, client: str) -> Response:
        """The response to a request of `client`. Never raises: a failing app is a 500 that says nothing of why."""
        active = self._watch.current()
        if active.bucket is not None and not active.bucket.take():
            response = plain(429, _SOON)
        elif active.config.users:
            authorization = request.headers.get("authorization")
            match self._authenticator.check(active.config.users, authorization, client):
                case Verdict.ADMITTED:
                    response = self._ask_app(request)
                case Verdict.BUSY:
                    response = plain(503, _SOON)
                case Verdict.REFUSED:
                    response = plain(401, _ASK_FOR_PASSWORD)
        else:
            response = self._ask_app(request)
        return _with_headers(response, active.config.headers)

    def _ask_app(self, request: Request) -> Response:
        try:
            return self._app(request)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a page, the server goes on
            if self._throttle.allows(f"{type(error).__qualname__}: {error}"):
                self._log.exception("a page could not be made")
            return plain(500)


def _with_headers(response: Response, configured: tuple[tuple[str, str], ...]) -> Response:
    """The configured headers take the place of the app's own of that name: they are the operator's choice."""
    if not configured:
        return response
    names = {name.lower() for name, _ in configured}
    kept = tuple((name, value) for name, value in response.headers if name.lower() not in names)
    return replace(response, headers=kept + configured)
