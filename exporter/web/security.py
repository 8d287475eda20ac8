"""The web configuration in force: what it asks of connections and requests, read again when its files change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from exporter.clock import Clock
from exporter.files import Stamp, stamp
from exporter.web.auth import Authenticator
from exporter.web.config_file import WebConfig, read_web_config
from exporter.web.connection import Connection
from exporter.web.http import Handler, Request, Response, WebConfigError, plain
from exporter.web.tls import TlsEndpoint

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0
_WARN_EVERY_SECONDS = 86_400.0
_ASK_FOR_PASSWORD = ("WWW-Authenticate", 'Basic realm="vobiz-exporter", charset="UTF-8"')


class Security:
    """TLS, passwords, headers and rate limit, as the newest good version of the file has them; without a file: none.

    What protects, once on, goes off by a restart alone: a file that is empty for a moment, as one that is being
    written, or that lacks a section, is a failed reload. Raises WebConfigError if the file cannot be used.
    """

    def __init__(self, file: Path | None, *, clock: Clock) -> None:
        self._file, self._clock = file, clock
        self._reading, self._counting = threading.RLock(), threading.Lock()
        self._authenticator = Authenticator()
        self._looked_at = self._warned_at = clock.elapsed()
        self._active: tuple[WebConfig, TlsEndpoint | None] = (WebConfig(), None)
        self._seen: Mapping[Path, Stamp | None] = {}
        self._rate_used_until = 0.0
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
        if not self._within_rate(config):
            response = plain(429, ("Retry-After", "1"))
        elif users and not self._authenticator.admits(users, authorization, connection):
            response = plain(401, _ASK_FOR_PASSWORD)
        else:
            response = app(request)
        configured = config.http_server_config.headers
        names = {name.lower() for name in configured}
        kept = tuple(header for header in response.headers if header[0].lower() not in names)
        return replace(response, headers=(*kept, *configured.items())) if configured else response

    def reload(self) -> None:
        """Reads the file now. Raises WebConfigError, and keeps the old version, if it is bad."""
        with self._reading:
            if self._file is not None:
                self._read(self._file)

    def _current(self) -> tuple[WebConfig, TlsEndpoint | None]:
        """The version in force, after a look at the files, at most once a second. A bad one is logged once."""
        # One thread looks; the others go on with what there is.
        due = self._clock.elapsed() - self._looked_at >= _LOOK_EVERY_SECONDS
        if self._file is not None and due and self._reading.acquire(blocking=False):
            try:
                self._looked_at = self._clock.elapsed()
                if {file: stamp(file) for file in self._seen} != self._seen:
                    self.reload()
                    log.info("web configuration read again: %s", self._file)
                elif self._looked_at - self._warned_at >= _WARN_EVERY_SECONDS:
                    self._warn()
            except WebConfigError as error:
                log.error("web configuration not taken over, the old one stays: %s", error)
            finally:
                self._reading.release()
        return self._active

    def _read(self, file: Path) -> None:
        # Stamps are taken before the files are read: a change in between is then seen at the next look. A bad version's
        # own files count, too: it becomes good when a missing certificate comes.
        seen = {file: stamp(file)}
        try:
            config = read_web_config(file)
            if config.tls_server_config is not None:
                seen |= {file: stamp(file) for file in config.tls_server_config.files()}
            if missing := self._active[0].protections() - config.protections():
                raise WebConfigError(
                    f"{file}: {min(missing)} is gone, and what protects goes off by a restart alone; "
                    "put it back, or restart"
                )
            self._active = config, _endpoint_of(config)
        finally:
            self._seen = seen
        self._warn()

    def _warn(self) -> None:
        self._warned_at = self._clock.elapsed()
        tls = self._active[1]
        for warning in [] if tls is None else tls.warnings(self._clock.wall()):
            log.warning("%s", warning)

    def _within_rate(self, config: WebConfig) -> bool:
        """Whether one more request is within `rate_limit`; if so, it counts.

        Each takes up one interval; as many as may come at once are taken up ahead of time.
        """
        limit, now = config.rate_limit, self._clock.elapsed()
        with self._counting:
            used_until = max(self._rate_used_until, now) + limit.interval
            if limit.interval and used_until - now > limit.interval * limit.burst:
                return False
            self._rate_used_until = used_until
            return True


def check_web_config(file: Path, clock: Clock = Clock()) -> list[str]:  # noqa: B008 - frozen
    """Reads the file and what it names, as a server does at its start; returns what a user should be warned of.

    Raises WebConfigError if a server could not start.
    """
    tls = _endpoint_of(read_web_config(file))
    return [] if tls is None else tls.warnings(clock.wall())


def _endpoint_of(config: WebConfig) -> TlsEndpoint | None:
    return None if config.tls_server_config is None else TlsEndpoint(config.tls_server_config)
