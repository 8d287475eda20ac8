"""The state file: written aside, synced, renamed: a kill at any moment leaves the old one or the new one, whole.

Above :data:`SMALL` bytes, changes go to a journal beside it, until that has grown as large as the file.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import zlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from exporter.state.document import (
    ABANDONED_AFTER,
    UnusableStateError,
    decode_document,
    decode_entry,
    encode_document,
)
from exporter.state.journal import Journal, sync_directory
from exporter.state.lock import StateLock

log = logging.getLogger(__name__)

SMALL = 1 << 20
"""Bytes up to which the file is written whole at each change: what forty partners take."""


class StateError(Exception):
    """The daemon cannot start on this state file; one line that says why and what to do."""


class StateWriteError(Exception):
    """The state could not be written this time; the next write tries again."""


class Packed:
    """An entry as JSON, compressed: of a thousand partners it is 24 MiB, and packed a fifth of that."""

    __slots__ = ("_bytes", "size")

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._bytes = zlib.compress(content, 1)

    def content(self) -> bytes:
        """The entry as JSON."""
        return zlib.decompress(self._bytes)


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
        self._opened_at = 0.0
        self._packed: dict[str, Packed] = {}
        self._changed: set[str] = set()
        self._wanted = 0
        self._written = 0
        self._journal = Journal(path.with_name(path.name + ".journal"))
        self._continued: tuple[int, int] | None = None
        """The file that the journal continues; None if there is none that it could."""

    def open(self, *, configured: Collection[str], now: float) -> None:
        """Lock and read the file.

        A partner no longer configured keeps its entry for 30 days from ``now`` (seconds since the epoch). A file that
        cannot be used is put aside under another name, and the state starts afresh. A directory that cannot be written
        is told and tried again at each save. Raises :class:`StateError` if another process uses the file, or if it is
        there but cannot be read: to start afresh would throw away what it holds.
        """
        self._opened_at = now
        self._prepare()
        kept = self._read(configured, now)
        with self._guard:
            self._packed = kept

    def entry(self, name: str) -> dict[str, Any] | None:
        """One partner's entry as it was last saved; None if there is none."""
        with self._guard:
            packed = self._packed.get(name)
        return None if packed is None else decode_entry(packed.content())

    def save(self, name: str, entry: Mapping[str, Any]) -> None:
        """Replace one partner's entry; returns when it is on disk. Raises :class:`StateWriteError` if it is not."""
        packed = Packed(msgspec.json.encode(entry))
        with self._guard:
            self._packed[name] = packed
            self._changed.add(name)
            self._wanted += 1
            ticket = self._wanted
        with self._writing:
            if self._written >= ticket:
                return
            with self._guard:
                entries, changed, covered = dict(self._packed), self._changed, self._wanted
                self._changed = set()
            try:
                self._lock.acquire()
                self._write(entries, changed)
            except OSError as error:
                with self._guard:
                    self._changed |= changed
                raise StateWriteError(f"{self._path}: {_why(error)}") from None
            self._written = covered

    def keep_copy(self) -> Path | None:
        """Copy the file under another name, before an entry in it that cannot be used is replaced; None if it fails.

        The journal goes with it: the entry may have come from there.
        """
        aside = _free_name(self._path, self._opened_at)
        try:
            _write(aside, [self._path.read_bytes()])
            if self._journal.path.exists():
                _write(aside.with_name(aside.name + ".journal"), [self._journal.path.read_bytes()])
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

    def _write(self, entries: Mapping[str, Packed], changed: Collection[str]) -> None:
        size = sum(entry.size for entry in entries.values())
        if size > SMALL and self._journal.size <= size and self._continued == _identity(self._path) is not None:
            self._journal.append({name: entries[name].content() for name in changed})
            return
        self._continued = None
        journal = self._journal.begin() if size > SMALL else None
        unpacked = ((name, entry.content()) for name, entry in entries.items())
        _replace(self._path, encode_document(unpacked, journal=journal))
        self._journal.remove()
        self._continued = None if journal is None else _identity(self._path)

    def _read(self, configured: Collection[str], now: float) -> dict[str, Packed]:
        try:
            document = decode_document(self._path.read_bytes())
            journal = {} if document.journal is None else self._journal.read(document.journal)
            kept = {}
            for name in {**document.partners, **journal}:
                entry = journal.get(name) or decode_entry(document.partners[name])
                if (current := _unless_abandoned(entry, name in configured, now)) is not None:
                    kept[name] = Packed(msgspec.json.encode(current))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise StateError(
                f"state.path {self._path}: {_why(error)}; make it readable for this user, or move it away"
            ) from None
        except UnusableStateError as error:
            self._put_aside(str(error), now)
            return {}
        return kept

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


def _unless_abandoned(entry: Mapping[str, Any], configured: bool, now: float) -> dict[str, Any] | None:
    if configured:
        return {key: value for key, value in entry.items() if key != "unconfigured_since"}
    since = entry.get("unconfigured_since", now)
    if not isinstance(since, int | float) or now - since <= ABANDONED_AFTER:
        return {**entry, "unconfigured_since": since}
    return None


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from one that somebody else has put in its place; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _replace(path: Path, content: Iterable[bytes]) -> None:
    aside = path.with_name(path.name + ".new")
    try:
        _write(aside, content)
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
    sync_directory(path.parent)


def _write(path: Path, content: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # The mode above is for a new file only, and one may have been left over.
        os.fchmod(descriptor, 0o600)
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())


def _free_name(path: Path, now: float) -> Path:
    """A name beside the file that nothing has yet: what was put aside before is not overwritten."""
    name = f"{path.name}.unusable-{int(now)}"
    candidates = (path.with_name(name if not n else f"{name}-{n}") for n in range(1000))
    return next(candidate for candidate in candidates if not candidate.exists())


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
