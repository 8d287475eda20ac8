"""The web configuration in force: what it asks of connections and requests, read again when its files change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from math import inf
from pathlib import Path

from exporter.clock import Clock
from exporter.files import Stamp, stamp
from exporter.web.auth import Authenticator
from exporter.web.config_file import WebConfig, read_web_config
from exporter.web.connection import Connection
from exporter.web.http import Handler, Request, Response, WebServerError, plain
from exporter.web.tls import TlsEndpoint

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0
_WARN_EVERY_SECONDS = 86_400.0
_ASK_FOR_PASSWORD = ("WWW-Authenticate", 'Basic realm="vobiz-exporter", charset="UTF-8"')


class Security:
    """TLS, passwords and headers, as the newest good version of the file has them; without a file: none.

    What protects, once on, goes off by a restart alone: a file that is empty for a moment, as one that is being
    written, or that lacks a section, is a failed reload. Raises WebServerError if the file cannot be used.
    """

    def __init__(self, file: Path | None, *, clock: Clock = Clock()) -> None:  # noqa: B008 - frozen
        self._file, self._clock = file, clock
        self._reading = threading.RLock()
        self._authenticator = Authenticator()
        self._looked_at = self._warned_at = -inf
        self._active: tuple[WebConfig, TlsEndpoint | None] = (WebConfig(), None)
        self._seen: Mapping[Path, Stamp | None] = {}
        self.reload()

    def tls(self) -> TlsEndpoint | None:
        """How new connections are secured; None: they are not."""
        return self._current()[1]

    def answer(self, request: Request, app: Handler, connection: Connection) -> Response:
        """The app's response to a request that is let in, or a refusal; with the configured headers.

        These take the place of the app's own of that name: they are the operator's choice.
        """
        config, _ = self._current()
        users, authorization = config.basic_auth_users, request.headers.get("authorization")
        if users and not self._authenticator.admits(users, authorization, connection):
            response = plain(401, _ASK_FOR_PASSWORD)
        else:
            response = app(request)
        configured = config.http_server_config.headers
        names = {name.lower() for name in configured}
        kept = tuple(header for header in response.headers if header[0].lower() not in names)
        return replace(response, headers=(*kept, *configured.items())) if configured else response

    def reload(self) -> None:
        """Reads the file now. Raises WebServerError, and keeps the old version, if it is bad."""
        if self._file is None:
            return
        with self._reading:
            # Stamps are taken before the files are read: a change in between is then seen at the next look. A bad
            # version's own files count, too: it becomes good when a missing certificate comes.
            seen = {self._file: stamp(self._file)}
            try:
                config = read_web_config(self._file)
                seen |= {file: stamp(file) for file in config.files()}
                if missing := self._active[0].protections() - config.protections():
                    problem = f"{min(missing)} is gone, and what protects goes off by a restart alone"
                    raise WebServerError(f"{self._file}: {problem}; put it back, or restart")
                tls = config.tls_server_config
                self._active = config, None if tls is None else TlsEndpoint(tls)
                self._warned_at = -inf
            finally:
                self._seen = seen

    def warnings(self) -> list[str]:
        """What to say of the file and the certificate that are in force."""
        config, tls = self._active
        return [*config.warnings, *(() if tls is None else tls.warnings(self._clock.wall()))]

    def _current(self) -> tuple[WebConfig, TlsEndpoint | None]:
        """The version in force, after a look at the files, at most once a second. A bad one is logged once."""
        # One thread looks; the others go on with what there is.
        now = self._clock.elapsed()
        if now - self._looked_at >= _LOOK_EVERY_SECONDS and self._reading.acquire(blocking=False):
            try:
                self._looked_at = now
                if {file: stamp(file) for file in self._seen} != self._seen:
                    self.reload()
                    log.info("web configuration read again: %s", self._file)
                if now - self._warned_at >= _WARN_EVERY_SECONDS:
                    self._warned_at = now
                    for warning in self.warnings():
                        log.warning("%s", warning)
            except WebServerError as error:
                log.error("web configuration not taken over, the old one stays: %s", error)
            finally:
                self._reading.release()
        return self._active
