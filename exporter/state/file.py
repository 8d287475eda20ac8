"""The state file: written aside, synced, renamed: a kill at any moment leaves the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from exporter.state.document import ABANDONED_AFTER, UnusableStateError, decode_document, encode_document
from exporter.state.lock import StateLock

log = logging.getLogger(__name__)


class StateError(Exception):
    """The daemon cannot start on this state file; one line that says why and what to do."""


class StateWriteError(Exception):
    """The state could not be written this time; the next write tries again."""


class StateFile:
    """Entries of all partners in one file.

    Use: :meth:`open` once, :meth:`entry` to load, :meth:`save` after each change, :meth:`close`. :meth:`save` may be
    called by many threads: those that come while a write is under way share the next one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = StateLock(path.with_name(path.name + ".lock"))
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._encoded: dict[str, bytes] = {}
        self._opened_at = 0.0
        self._wanted = 0
        self._written = 0

    def open(self, *, configured: Collection[str], now: float) -> None:
        """Lock and read the file.

        A partner no longer configured keeps its entry for 30 days from ``now`` (seconds since the epoch). A file that
        cannot be used is put aside under another name, and the state starts afresh. A directory that cannot be written
        is told and tried again at each save. Raises :class:`StateError` if another process uses the file, or if it is
        there but cannot be read: to start afresh would throw away what it holds.
        """
        self._opened_at = now
        self._prepare()
        kept = _without_abandoned(self._read(now), configured, now)
        with self._guard:
            self._encoded = {name: msgspec.json.encode(entry) for name, entry in kept.items()}

    def entry(self, name: str) -> dict[str, Any] | None:
        """One partner's entry as it was last saved; None if there is none."""
        with self._guard:
            encoded = self._encoded.get(name)
        return None if encoded is None else msgspec.json.decode(encoded, type=dict[str, Any])

    def save(self, name: str, entry: Mapping[str, Any]) -> None:
        """Replace one partner's entry; returns when it is on disk. Raises :class:`StateWriteError` if it is not."""
        encoded = msgspec.json.encode(entry)
        with self._guard:
            self._encoded[name] = encoded
            self._wanted += 1
            ticket = self._wanted
        with self._writing:
            if self._written >= ticket:
                return
            with self._guard:
                content, covered = encode_document(self._encoded), self._wanted
            try:
                self._lock.acquire()
                _replace(self._path, content)
            except OSError as error:
                raise StateWriteError(f"{self._path}: {_why(error)}") from None
            self._written = covered

    def keep_copy(self) -> Path | None:
        """Copy the file under another name, before an entry in it that cannot be used is replaced; None if it fails."""
        aside = _free_name(self._path, self._opened_at)
        try:
            _write(aside, self._path.read_bytes())
        except OSError as error:
            log.error("state file could not be copied", extra=self._told(error))
            return None
        return aside

    def close(self) -> None:
        """Let go of the lock."""
        self._lock.release()

    def _prepare(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except BlockingIOError:
            raise StateError(
                f"state.path {self._path}: another vobiz-exporter uses it; give each daemon a state file of its own"
            ) from None
        except OSError as error:
            log.error("state cannot be written, counters would start again after a restart", extra=self._told(error))

    def _read(self, now: float) -> dict[str, Any]:
        try:
            return decode_document(self._path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise StateError(
                f"state.path {self._path}: {_why(error)}; make it readable for this user, or move it away"
            ) from None
        except UnusableStateError as error:
            self._put_aside(str(error), now)
            return {}

    def _put_aside(self, problem: str, now: float) -> None:
        aside = _free_name(self._path, now)
        try:
            self._path.rename(aside)
        except OSError as error:
            raise StateError(
                f"state.path {self._path}: {problem}, and it could not be put aside ({_why(error)}); move it away"
            ) from None
        log.error(
            "state file unusable, counters start afresh",
            extra={"path": str(self._path), "problem": problem, "put_aside_as": str(aside)},
        )

    def _told(self, error: OSError) -> dict[str, str]:
        return {
            "path": str(self._path),
            "problem": _why(error),
            "action": "make the directory of state.path writable for this user; tried again at each poll",
        }


def _without_abandoned(
    entries: Mapping[str, Any], configured: Collection[str], now: float
) -> dict[str, dict[str, Any]]:
    kept = {}
    for name, entry in entries.items():
        if name in configured:
            kept[name] = {key: value for key, value in entry.items() if key != "unconfigured_since"}
            continue
        since = entry.get("unconfigured_since", now)
        if not isinstance(since, int | float) or now - since <= ABANDONED_AFTER:
            kept[name] = {**entry, "unconfigured_since": since}
    return kept


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(path.name + ".new")
    try:
        _write(aside, content)
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # The mode above is for a new file only, and one may have been left over.
        os.fchmod(descriptor, 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _free_name(path: Path, now: float) -> Path:
    """A name beside the file that nothing has yet: what was put aside before is not overwritten."""
    name = f"{path.name}.unusable-{int(now)}"
    candidates = (path.with_name(name if not n else f"{name}-{n}") for n in range(1000))
    return next(candidate for candidate in candidates if not candidate.exists())


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
