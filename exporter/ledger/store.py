"""Ledgers on disk: one SQLite database, a row for each account and kind, for one process at a time.

The journal is rolled back, not written ahead: between two transactions the database is one file that can be copied,
and an old copy that is put in its place is not mixed with what came later. It is truncated, not deleted: a power cut
that undoes a deletion would undo the transaction. ``synchronous=FULL``: what was written survives one.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from exporter.ledger.database import Content, Row, RowKey, connect, read, row_of, write
from exporter.ledger.lock import is_in_place, locked

log = logging.getLogger(__name__)

ABANDONED_AFTER = 30 * 86400
"""Seconds that rows of an account no longer configured are kept: as long as the API can still show what was missed."""


class StoreError(Exception):
    """The state cannot be used; one line that names the path and the remedy."""


class StoreWriteError(Exception):
    """The state could not be written this time; the next write tries again."""


class LedgerStore:
    """Rows of all accounts in one database. For any thread.

    Opening locks the database for this process and reads it whole. ``configured`` are the auth ids in use: rows of
    others are kept for 30 days after they were last written. ``now`` is in seconds since the epoch. A damaged database
    is put aside under another name and logged, and what can still be believed of it is used. Where the disk cannot be
    written, that is logged, and tried again at each save. Raises :class:`StoreError` if the directory does not exist,
    if another process uses the database, or if there is something of that name that cannot be opened.
    """

    def __init__(self, path: Path, *, configured: Collection[str], now: float) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._changed: set[RowKey] = set()
        self._descriptor: int | None = None
        self._database: sqlite3.Connection | None = None
        if not path.parent.is_dir():
            raise StoreError(f"state.path {path}: there is no directory {path.parent}; create it, or correct the path")
        content = self._open(now)
        self._rows = {
            key: row
            for key, row in content.rows.items()
            if key[0] in configured or now - row.saved_at <= ABANDONED_AFTER
        }

    def load(self, auth_id: str, kind: str) -> bytes | None:
        """The JSON of a row as it was last given to :meth:`save`, None if there is none."""
        with self._guard:
            row = self._rows.get((auth_id, kind))
        return None if row is None else row.data

    def save(self, auth_id: str, rows: Mapping[str, bytes], *, now: float) -> None:
        """Replace rows of one account, JSON by kind, in one transaction; durable on return.

        Raises :class:`StoreWriteError` if they are not; then they go out with the next save of any account.
        """
        news = {(auth_id, kind): row_of((auth_id, kind), data, int(now)) for kind, data in rows.items()}
        with self._guard:
            self._rows.update(news)
            self._changed |= news.keys()
        with self._writing:
            with self._guard:
                if not news.keys() & self._changed:
                    return  # they went out with another thread's
                current, changed, self._changed = dict(self._rows), self._changed, set()
            try:
                self._write(current, changed)
            except (OSError, sqlite3.Error) as error:
                self._disconnect()
                with self._guard:
                    self._changed |= changed
                raise StoreWriteError(f"{self._path}: {_reason(error)}") from None

    def put_aside(self, problem: str, *, now: float) -> Path:
        """Move the database away, whole, under a name that nothing has yet. Raises :class:`StoreError`."""
        self._disconnect()
        name = f"{self._path.name}.unusable-{int(now)}"
        candidates = (self._path.with_name(name if not n else f"{name}-{n}") for n in range(1000))
        aside = next(candidate for candidate in candidates if not candidate.exists())
        try:
            journal = _journal(self._path)
            if journal.exists() and journal.stat().st_size:
                # left in its place, it would be applied to the next database of that name
                journal.rename(_journal(aside))
            self._path.rename(aside)
        except OSError as error:
            raise StoreError(
                f"state.path {self._path}: {problem}, and it could not be put aside ({_reason(error)}); move it away"
            ) from None
        return aside

    def close(self) -> None:
        """Unlock."""
        with self._writing:
            self._disconnect()

    def _open(self, now: float) -> Content:
        try:
            self._descriptor = self._locked_or_read_only()
            content = read(self._path)
        except BlockingIOError as error:
            raise StoreError(f"state.path {self._path}: {_reason(error)}; give each a state.path of its own") from None
        except (OSError, sqlite3.Error) as error:
            self._disconnect()
            if os.path.lexists(self._path):
                raise StoreError(
                    f"state.path {self._path}: {_reason(error)}; "
                    "make it a file that this user can write, or move it away"
                ) from None
            log.error(
                "state cannot be written, counters would start again after a restart",
                extra={
                    "path": str(self._path),
                    "problem": _reason(error),
                    "action": "make the directory of state.path writable for this user; tried again at each poll",
                },
            )
            return Content()
        if content.problem or content.damaged:
            problem = content.problem or "some of its rows are damaged"
            aside = self.put_aside(problem, now=now)
            log.error(
                "state is damaged, counters that were lost with it start again",
                extra={
                    "path": str(self._path),
                    "problem": problem,
                    "lost": ", ".join(content.damaged) or "unknown",
                    "kept": len(content.rows),
                    "put_aside_as": str(aside),
                },
            )
            with contextlib.suppress(OSError, sqlite3.Error):
                self._write(content.rows, ())
        return content

    def _locked_or_read_only(self) -> int | None:
        try:
            return locked(self._path)
        except OSError as error:
            if error.errno == errno.EROFS and self._path.exists():
                return None  # nobody can write there
            raise

    def _write(self, rows: Mapping[RowKey, Row], changed: Collection[RowKey]) -> None:
        """Write the changed rows; all of them into a database that is not the one of the previous time."""
        database = self._database
        if database is not None and self._descriptor is not None and is_in_place(self._descriptor, self._path):
            write(database, rows, changed)
            return
        if self._descriptor is None or not is_in_place(self._descriptor, self._path):
            self._disconnect()
            self._descriptor = locked(self._path)
        self._database = connect(self._path)
        write(self._database, rows, None)

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._database = self._descriptor = None


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-journal")


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
