"""The web configuration in force: what it asks of connections and requests, read again when its files change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporter.clock import Clock
from exporter.files import Stamp, stamp
from exporter.web.auth import Authenticator
from exporter.web.config_file import WebConfig, read_web_config
from exporter.web.connections import Connection
from exporter.web.errors import WebConfigError
from exporter.web.http import App, Request, Response, plain
from exporter.web.rate_limit import TokenBucket

if TYPE_CHECKING:
    from exporter.web.tls import TlsEndpoint

_LOOK_EVERY_SECONDS = 1.0
_WARN_EVERY_SECONDS = 86_400.0
_ASK_FOR_PASSWORD = ("WWW-Authenticate", 'Basic realm="vobiz-exporter", charset="UTF-8"')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Active:
    """One version of the configuration, ready for use; `stamps` are those of its files when it was read."""

    config: WebConfig
    tls: TlsEndpoint | None
    bucket: TokenBucket | None
    stamps: Mapping[Path, Stamp | None]


class Security:
    """TLS, passwords, headers and rate limit, as the newest good version of the file has them; without a file: none.

    What protects, once on, goes off by a restart alone: a file that is empty for a moment, as one that is being
    written, or that lacks a section, is a failed reload.
    """

    def __init__(self, file: Path | None, *, clock: Clock, log: logging.Logger) -> None:
        """Reads the file. Raises WebConfigError if it cannot be used."""
        self._file = file
        self._clock = clock
        self._log = log
        self._reading = threading.Lock()
        self._authenticator = Authenticator()
        self._looked_at = self._warned_at = clock.elapsed()
        self._active = _Active(config=WebConfig(), tls=None, bucket=None, stamps={})
        self._seen: Mapping[Path, Stamp | None] = {}
        self.reload()

    def tls(self) -> TlsEndpoint | None:
        """How new connections are secured; None: they are not."""
        return self._current().tls

    def answer(self, request: Request, app: App, connection: Connection) -> Response:
        """The app's response to a request that is let in, or a refusal; with the configured headers."""
        active = self._current()
        users, authorization = active.config.basic_auth_users, request.headers.get("authorization")
        if active.bucket is not None and not active.bucket.take():
            response = plain(429, ("Retry-After", "1"))
        elif users and not self._authenticator.admits(users, authorization, connection):
            response = plain(401, _ASK_FOR_PASSWORD)
        else:
            response = app(request)
        return _with_headers(response, active.config.http_server_config.headers)

    def reload(self) -> None:
        """Reads the file now. Raises WebConfigError, and keeps the old version, if it is bad."""
        with self._reading:
            self._read()

    def _current(self) -> _Active:
        """The version in force, after a look at the files, at most once a second. A bad one is logged once."""
        # One thread looks; the others go on with what there is.
        due = self._clock.elapsed() - self._looked_at >= _LOOK_EVERY_SECONDS
        if self._file is not None and due and self._reading.acquire(blocking=False):
            try:
                self._looked_at = self._clock.elapsed()
                if {file: stamp(file) for file in self._seen} != self._seen:
                    self._read()
                    self._log.info("web configuration read again: %s", self._file)
                elif self._looked_at - self._warned_at >= _WARN_EVERY_SECONDS:
                    self._warn()
            except WebConfigError as error:
                self._log.error("web configuration not taken over, the old one stays: %s", error)
            finally:
                self._reading.release()
        return self._active

    def _read(self) -> None:
        if self._file is None:
            return
        old = self._active
        # Stamps are taken before the files are read: a change in between is then seen at the next look.
        self._seen = {file: stamp(file) for file in (self._file, *self._seen)}
        config = read_web_config(self._file)
        settings = config.tls_server_config
        certificates = {file: stamp(file) for file in settings.files()} if settings else {}
        # A bad version's own files count, too: it becomes good when a missing certificate comes.
        self._seen = {self._file: self._seen[self._file], **certificates}
        if missing := old.config.protections() - config.protections():
            raise WebConfigError(
                f"{self._file}: {min(missing)} is gone, and what protects goes off by a restart alone; "
                "put it back, or restart"
            )
        bucket = old.bucket if config.rate_limit == old.config.rate_limit else self._bucket(config)
        tls = old.tls
        if settings != old.config.tls_server_config or any(
            old.stamps.get(file) != seen for file, seen in certificates.items()
        ):
            tls = _endpoint(config)
        self._active = _Active(config=config, tls=tls, bucket=bucket, stamps=certificates)
        if tls is not old.tls:
            self._warn()

    def _warn(self) -> None:
        self._warned_at = self._clock.elapsed()
        if self._active.tls is not None and (warning := self._active.tls.expiry_warning(self._clock.wall())):
            self._log.warning("%s", warning)

    def _bucket(self, config: WebConfig) -> TokenBucket | None:
        limit = config.rate_limit
        if not limit.interval:
            return None
        return TokenBucket(interval=limit.interval, burst=limit.burst, clock=self._clock.elapsed)


def check_web_config(file: Path, clock: Clock = Clock()) -> list[str]:  # noqa: B008 - frozen
    """Reads the file and what it names, as a server does at its start; returns what a user should be warned of.

    Raises WebConfigError if a server could not start.
    """
    tls = _endpoint(read_web_config(file))
    warning = None if tls is None else tls.expiry_warning(clock.wall())
    return [] if warning is None else [warning]


def _endpoint(config: WebConfig) -> TlsEndpoint | None:
    if config.tls_server_config is None:
        return None
    from exporter.web.tls import TlsEndpoint  # only where TLS is configured

    return TlsEndpoint(config.tls_server_config)


def _with_headers(response: Response, configured: Mapping[str, str]) -> Response:
    """The configured headers take the place of the app's own of that name: they are the operator's choice."""
    if not configured:
        return response
    names = {name.lower() for name in configured}
    kept = tuple((name, value) for name, value in response.headers if name.lower() not in names)
    return replace(response, headers=(*kept, *configured.items()))
