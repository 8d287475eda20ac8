"""The web configuration that holds now: read at the start, read again when one of its files has changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exporter.web.config_file import RateLimit, WebConfig, read_web_config
from exporter.web.errors import WebConfigError
from exporter.web.rate_limit import TokenBucket
from exporter.web.tls_settings import TlsSettings

if TYPE_CHECKING:
    from exporter.web.tls import TlsDoor

_LOOK_EVERY_SECONDS = 1.0

Signature = Mapping[Path, tuple[int, ...] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """One version of the configuration, ready for use."""

    config: WebConfig
    door: TlsDoor | None
    bucket: TokenBucket | None
    seen: Signature
    """The state of the configuration's files when it was read."""


class ConfigWatch:
    """Holds the newest good version. Without a file: no TLS, no authentication. `clock` is monotonic, in seconds."""

    def __init__(self, file: Path | None, *, clock: Callable[[], float], log: logging.Logger) -> None:
        """Reads the file. Raises WebConfigError if it cannot be used."""
        self._file = file
        self._clock = clock
        self._log = log
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._watched: tuple[Path, ...] = ()
        self._active = Active(config=WebConfig(), door=None, bucket=None, seen={})
        self._seen: Signature = {}
        self.reload()

    def current(self) -> Active:
        """The version that holds now, after a look at the files, at most once a second.

        A new version that is bad is told once, in one line, and the old one stays.
        """
        if self._file is not None and self._clock() - self._looked_at >= _LOOK_EVERY_SECONDS:
            self._look()
        return self._active

    def reload(self) -> None:
        """Reads the file now. Raises WebConfigError, and keeps the old version, if it is bad."""
        with self._lock:
            if self._file is not None:
                self._read(self._file)

    def _look(self) -> None:
        # One thread looks; the others go on with what there is.
        if self._file is None or not self._lock.acquire(blocking=False):
            return
        try:
            self._looked_at = self._clock()
            if _signature(self._watched) != self._seen:
                self._read(self._file)
                self._log.info("web configuration read again: %s", self._file)
        except WebConfigError as error:
            self._log.error("web configuration not taken over, the old one stays: %s", error)
        finally:
            self._lock.release()

    def _read(self, file: Path) -> None:
        self._seen = _signature(self._watched or (file,))
        config = read_web_config(file)
        files = config.tls.files() if config.tls else ()
        # A bad version's own files count too: it becomes good when a missing certificate comes.
        self._watched = (file, *files)
        self._seen = _signature(self._watched)
        old = self._active
        self._active = Active(
            config=config,
            door=self._door(config.tls, files),
            bucket=old.bucket if config.rate_limit == old.config.rate_limit else self._bucket(config.rate_limit),
            seen=self._seen,
        )

    def _door(self, settings: TlsSettings | None, files: tuple[Path, ...]) -> TlsDoor | None:
        old = self._active
        if settings == old.config.tls and all(self._seen[file] == old.seen.get(file) for file in files):
            return old.door
        if settings is None:
            return None
        from exporter.web.tls import TlsDoor  # only where TLS is configured

        return TlsDoor(settings)

    def _bucket(self, limit: RateLimit | None) -> TokenBucket | None:
        if limit is None:
            return None
        return TokenBucket(interval=limit.interval, burst=limit.burst, clock=self._clock)


def check_web_config(file: Path) -> None:
    """Reads the file and what it names, as a server does at its start. Raises WebConfigError if one could not start."""
    ConfigWatch(file, clock=time.monotonic, log=logging.getLogger(__name__))


def _signature(files: tuple[Path, ...]) -> Signature:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> tuple[int, ...] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_dev, stat.st_ino)
