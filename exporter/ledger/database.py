"""The SQLite database of the store: its lock, its schema, and what of it can be believed.

Each row has a checksum. A row that is lost with a damaged page is noticed by SQLite's own check of the whole.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

VERSION = 1
APPLICATION_ID = 0x766F627A
"""``vobz``: what ``file`` shows of the database."""

SCHEMA = (
    "CREATE TABLE state (auth_id TEXT NOT NULL, kind TEXT NOT NULL, saved_at INTEGER NOT NULL, "
    "checksum TEXT NOT NULL, data TEXT NOT NULL)"
)
"""``saved_at`` in seconds since the epoch; ``data`` is JSON. Without an index: a damaged key costs its row alone."""

BUSY_TIMEOUT = 5.0
"""Seconds to wait for somebody who reads the database at this moment."""

RowKey = tuple[str, str]
"""Auth id and kind."""

_ENVIRONMENT = ("locked", "disk I/O error", "unable to open", "readonly", "full")
"""Words of SQLite's errors that say nothing of the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """JSON of one account, and when it was saved, in seconds since the epoch."""

    saved_at: int
    data: bytes


def lock(path: Path) -> int:
    """Lock the database, which is made first if there is none; returns a descriptor that holds the lock until closed.

    Two processes would overwrite each other's marks and count calls twice. The lock is on the file itself, and the
    kernel releases it when the process ends, however it ends. Raises BlockingIOError if another process holds it, any
    other OSError if the file cannot be opened or made, or is no regular file.
    """
    while True:
        if path.is_symlink():
            raise OSError(errno.ELOOP, "it is a symbolic link")
        try:
            # Without O_NONBLOCK a FIFO in its place would wait for ever.
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            _make(path)
            continue
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise BlockingIOError(errno.EAGAIN, "another vobiz-exporter uses it") from None
            raise
        if is_in_place(descriptor, path):
            return descriptor
        os.close(descriptor)


def in_use(path: Path) -> bool:
    """Whether another process has the database open; False if there is none, or it cannot be opened."""
    try:
        if path.exists():
            os.close(lock(path))
    except OSError as error:
        return isinstance(error, BlockingIOError)
    return False


def is_in_place(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def connect(path: Path) -> sqlite3.Connection:
    """A connection for one thread at a time. Raises sqlite3.Error.

    The journal is rolled back, not written ahead: between two transactions the database is one file that can be
    copied, and an old copy in its place is not mixed with what came later. It is truncated, not deleted: a power cut
    that undoes a deletion would undo the transaction. ``synchronous=FULL``: what was written survives one.
    """
    database = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    database.text_factory = lambda text: text.decode(errors="replace")  # damaged text is found by its checksum
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA journal_mode = TRUNCATE")
    except sqlite3.Error:
        database.close()
        raise
    return database


def read(path: Path) -> tuple[dict[RowKey, Row], str | None]:
    """All rows that can be believed, and what is wrong with the database or with rows of it, None if nothing is.

    Raises sqlite3.OperationalError if the database cannot be opened now.
    """
    rows: dict[RowKey, Row] = {}
    damaged = []
    try:
        with closing(connect(path)) as database:
            problem = _foreign(database)
            if problem is not None:
                return {}, problem
            for auth_id, kind, saved_at, checksum, data in database.execute("SELECT * FROM state"):
                if checksum == _checksum(auth_id, kind, saved_at, data):
                    rows[auth_id, kind] = Row(saved_at=saved_at, data=data.encode())
                else:
                    damaged.append(f"{kind!s:.40} of {auth_id!s:.80}")
            if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                return rows, "it is damaged"
    except UnicodeDecodeError:  # SQLite quotes damaged bytes in a message
        return rows, "it is damaged"
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in _ENVIRONMENT):
            raise
        return rows, f"it is damaged: {error}"
    return rows, f"damaged rows: {', '.join(damaged)}" if damaged else None


def write(database: sqlite3.Connection, rows: Iterable[tuple[RowKey, Row]], *, instead_of_all: bool = False) -> None:
    """Write these rows in one transaction, in place of their older versions or of everything; durable on return."""
    try:
        database.execute("BEGIN IMMEDIATE")
        if instead_of_all:
            database.execute("DELETE FROM state")
        for (auth_id, kind), row in rows:
            data = row.data.decode()
            columns = (auth_id, kind, row.saved_at, _checksum(auth_id, kind, row.saved_at, data), data)
            database.execute("DELETE FROM state WHERE auth_id = ? AND kind = ?", (auth_id, kind))
            database.execute("INSERT INTO state VALUES (?, ?, ?, ?, ?)", columns)
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _make(path: Path) -> None:
    """Make the database under another name first: what is there under its own name is always whole."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(connect(new)) as database:
            database.executescript(
                f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; {SCHEMA}; COMMIT;"
            )
        # Not a rename: that would replace what another process has made meanwhile.
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)
        new.with_name(new.name + "-journal").unlink(missing_ok=True)


def _foreign(database: sqlite3.Connection) -> str | None:
    """Why a database is none of ours, or of another version; None if it is ours."""
    [application] = database.execute("PRAGMA application_id").fetchone()
    [version] = database.execute("PRAGMA user_version").fetchone()
    schema = database.execute("SELECT sql FROM sqlite_master").fetchall()
    if version != VERSION and application == APPLICATION_ID:
        return f"it has version {version}, and this release reads version {VERSION}"
    if application != APPLICATION_ID or schema != [(SCHEMA,)]:
        return "it is not a state database of vobiz-exporter, or it is damaged"
    return None


def _checksum(*columns: object) -> str:
    """Of the columns of a row, whatever types damage has made of them."""
    return hashlib.blake2b(repr(columns).encode(), digest_size=16).hexdigest()
