"""Ledgers on disk: one SQLite database, a row for each account and kind, for one process at a time."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from exporter.ledger.database import Row, RowKey, connect, is_in_place, lock, read, write

log = logging.getLogger(__name__)

ABANDONED_AFTER = 30 * 86400
"""Seconds that rows of an account no longer configured are kept: as long as the API can still show what was missed."""


class StoreError(Exception):
    """The state cannot be used; one line that names the path and the remedy."""


class LedgerStore:
    """Rows of all accounts in one database. For any thread.

    Opening locks the database for this process and reads it whole. ``configured`` are the auth ids in use: rows of
    others are kept for 30 days after they were last written. ``now`` is in seconds since the epoch. A damaged database
    is put under another name and logged, and what can still be believed of it is used. Where no database can be made,
    that is logged, and tried again at each save; no directory is made. Raises :class:`StoreError` if another process
    uses the database, or if there is something of that name that cannot be opened or written.
    """

    def __init__(self, path: Path, *, configured: Collection[str], now: float) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._unsaved: set[RowKey] = set()
        self._descriptor: int | None = None
        self._database: sqlite3.Connection | None = None
        self._rows = {
            key: row
            for key, row in self._open(now).items()
            if key[0] in configured or now - row.saved_at <= ABANDONED_AFTER
        }

    def load(self, auth_id: str, kind: str) -> bytes | None:
        """The JSON of a row as it was last given to :meth:`save`, None if there is none."""
        with self._lock:
            row = self._rows.get((auth_id, kind))
        return None if row is None else row.data

    def save(self, auth_id: str, rows: Mapping[str, bytes], *, now: float) -> bool:
        """Replace rows of one account, JSON by kind, in one transaction; durable on return.

        Nothing is written when nothing changed. False if the database could not be written, which is logged once; then
        they go out with the next save of any account.
        """
        with self._lock:
            failing = bool(self._unsaved)
            for kind, data in rows.items():
                known = self._rows.get((auth_id, kind))
                if known is None or known.data != data:
                    self._rows[auth_id, kind] = Row(saved_at=int(now), data=data)
                    self._unsaved.add((auth_id, kind))
            try:
                if self._unsaved:
                    self._write(self._rows, self._unsaved)
            except (OSError, sqlite3.Error) as error:
                self._disconnect()
                if not failing:
                    self._log("state not saved", error, "free space or fix permissions; what was counted is in memory")
                return False
            if failing:
                log.info("state saved again", extra={"path": str(self._path)})
            self._unsaved.clear()
            return True

    def close(self) -> None:
        """Unlock."""
        with self._lock:
            self._disconnect()

    def _open(self, now: float) -> dict[RowKey, Row]:
        try:
            self._descriptor = lock(self._path)
            rows, problem = read(self._path)
        except BlockingIOError as error:
            raise StoreError(f"state.path {self._path}: {_reason(error)}; give each a state.path of its own") from None
        except (OSError, sqlite3.Error) as error:
            self._disconnect()
            if os.path.lexists(self._path):
                remedy = "make it a file that this user can write, or move it away"
                raise StoreError(f"state.path {self._path}: {_reason(error)}; {remedy}") from None
            message = "state cannot be written, counters would start again after a restart"
            self._log(message, error, "make the directory of state.path writable; tried again at each poll")
            return {}
        if problem is not None:
            extra = {"path": str(self._path), "problem": problem, "kept": len(rows)}
            extra["put_aside_as"] = str(self._put_aside(problem, now))
            log.error("state is damaged, counters that were lost with it start again", extra=extra)
            try:
                self._write(rows, ())
            except (OSError, sqlite3.Error):
                self._disconnect()  # the next write is of all rows
        return rows

    def _put_aside(self, problem: str, now: float) -> Path:
        """Move the database away, whole."""
        self._disconnect()
        aside = self._path.with_name(f"{self._path.name}.unusable-{int(now)}")
        try:
            journal = self._path.with_name(self._path.name + "-journal")
            if journal.exists() and journal.stat().st_size:
                # left in its place, it would be applied to the next database of that name
                journal.rename(aside.with_name(aside.name + "-journal"))
            self._path.rename(aside)
        except OSError as error:
            raise StoreError(
                f"state.path {self._path}: {problem}, and it could not be put aside ({_reason(error)}); move it away"
            ) from None
        return aside

    def _write(self, rows: Mapping[RowKey, Row], changed: Collection[RowKey]) -> None:
        """Write the changed rows; all of them into a database that is not the one of the previous time."""
        in_place = self._descriptor is not None and is_in_place(self._descriptor, self._path)
        if self._database is not None and in_place:
            write(self._database, [(key, rows[key]) for key in changed])
            return
        if not in_place:
            self._disconnect()
            self._descriptor = lock(self._path)
        self._database = connect(self._path)
        write(self._database, rows.items(), instead_of_all=True)

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._database = self._descriptor = None

    def _log(self, message: str, error: Exception, action: str) -> None:
        log.error(message, extra={"path": str(self._path), "problem": _reason(error), "action": action})


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
