"""The SQLite database of the store: its schema, its checksums, and what of it can be believed.

Each row has a checksum, and one row, the manifest, lists the checksums of all others: so a row that is missing, or an
older version of one that a damaged page brings back, is noticed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

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

_MANIFEST: RowKey = ("", "manifest")
_ENVIRONMENT = ("locked", "disk I/O error", "unable to open", "readonly", "full")
"""Words of SQLite's errors that say nothing of the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: when it was saved, its JSON, and the checksum of these and its key."""

    saved_at: int
    data: bytes
    checksum: str


@dataclass(slots=True, kw_only=True)
class Content:
    """What could be read: ``damaged`` names the rows that could not, ``problem`` says what is wrong with the whole."""

    rows: dict[RowKey, Row] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    problem: str | None = None


def row_of(key: RowKey, data: bytes, saved_at: int) -> Row:
    """A row with its checksum."""
    content = b"\0".join((key[0].encode(), key[1].encode(), b"%d" % saved_at, data))
    return Row(saved_at=saved_at, data=data, checksum=hashlib.blake2b(content, digest_size=16).hexdigest())


def create(path: Path) -> None:
    """Make an empty database. Raises sqlite3.Error."""
    with closing(connect(path)) as database:
        database.executescript(
            f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; {SCHEMA}; COMMIT;"
        )


def connect(path: Path) -> sqlite3.Connection:
    """A connection for one thread at a time. Raises sqlite3.Error."""
    database = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    database.text_factory = bytes  # damaged text is found by its checksum
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA journal_mode = TRUNCATE")
    except sqlite3.Error:
        database.close()
        raise
    return database


def read(path: Path) -> Content:
    """All rows that can be believed. Raises sqlite3.OperationalError if the database cannot be opened now."""
    content = Content()
    manifest: dict[RowKey, str] | None = None
    try:
        with closing(connect(path)) as database:
            content.problem = _foreign(database)
            if content.problem is not None:
                return content
            for key, row in _verified(database, content.damaged):
                if key == _MANIFEST:
                    manifest = _listed(row.data)
                else:
                    content.rows[key] = row
            [ok] = database.execute("PRAGMA integrity_check(1)").fetchone()
            if ok != b"ok":
                content.problem = "it is damaged"
    except UnicodeDecodeError:
        content.problem = "it is damaged"
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in _ENVIRONMENT):
            raise
        content.problem = f"it is damaged: {error}"
    if manifest is None:
        if content.rows or content.damaged:
            content.problem = content.problem or "it is damaged: its manifest cannot be read"
        return content
    lost = [
        key for key, checksum in manifest.items() if key not in content.rows or content.rows[key].checksum != checksum
    ]
    content.rows = {key: content.rows[key] for key in manifest.keys() - lost}
    content.damaged = [f"{kind} of {auth_id}" for auth_id, kind in lost]
    return content


def write(database: sqlite3.Connection, rows: Mapping[RowKey, Row], changed: Collection[RowKey] | None) -> None:
    """Write the changed ones of these rows, None for all, in one transaction; durable on return."""
    with _transaction(database):
        if changed is None:
            database.execute("DELETE FROM state")
        listed: dict[str, dict[str, str]] = {}
        for (auth_id, kind), row in rows.items():
            listed.setdefault(auth_id, {})[kind] = row.checksum
        manifest = row_of(_MANIFEST, msgspec.json.encode(listed), 0)
        for key in (*(rows if changed is None else changed), _MANIFEST):
            row = manifest if key == _MANIFEST else rows[key]
            database.execute("DELETE FROM state WHERE auth_id = ? AND kind = ?", key)
            database.execute(
                "INSERT INTO state VALUES (?, ?, ?, ?, ?)", (*key, row.saved_at, row.checksum, row.data.decode())
            )


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _foreign(database: sqlite3.Connection) -> str | None:
    """Why a database is none of ours, or of another version; None if it is ours."""
    [application] = database.execute("PRAGMA application_id").fetchone()
    [version] = database.execute("PRAGMA user_version").fetchone()
    schema = database.execute("SELECT sql FROM sqlite_master").fetchall()
    if version != VERSION and application == APPLICATION_ID:
        return f"it has version {version}, and this release reads version {VERSION}"
    if application != APPLICATION_ID or schema != [(SCHEMA.encode(),)]:
        return "it is not a state database of vobiz-exporter, or it is damaged"
    return None


def _verified(database: sqlite3.Connection, damaged: list[str]) -> Iterator[tuple[RowKey, Row]]:
    """The rows whose checksum is right; the others are named in ``damaged``, as far as they can be."""
    for auth_id, kind, saved_at, checksum, data in database.execute("SELECT * FROM state ORDER BY rowid"):
        try:
            key = (auth_id.decode(), kind.decode())
            row = row_of(key, b"" + data, saved_at)
            known = row.checksum == checksum.decode()
        except (AttributeError, TypeError, UnicodeDecodeError):
            known = False
        if known:
            yield key, row
        else:
            damaged.append(f"{kind!r:.40} of {auth_id!r:.80}")


def _listed(manifest: bytes) -> dict[RowKey, str]:
    listed = msgspec.json.decode(manifest, type=dict[str, dict[str, str]])
    return {(auth_id, kind): checksum for auth_id, kinds in listed.items() for kind, checksum in kinds.items()}
