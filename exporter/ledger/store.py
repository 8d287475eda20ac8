"""Ledgers on disk: one SQLite database, one row an account and kind, each with a checksum, for one process at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path


class StoreError(Exception):
    """The state cannot be used; one line that names the path and the remedy."""


class StoreWriteError(Exception):
    """The state could not be written this time; the next write tries again."""


class LedgerStore:
    """Rows of all accounts in one database. For any thread.

    Opening locks the database for this process and reads it whole. ``configured`` are the auth ids in use: rows of
    others are kept for 30 days after they were last written. Raises :class:`StoreError`.
    """

    def __init__(self, path: Path, *, configured: Collection[str], now: float) -> None:
        raise NotImplementedError

    def load(self, auth_id: str, kind: str) -> bytes | None:
        """The JSON of a row as it was last given to :meth:`save`, None if there is none."""
        raise NotImplementedError

    def save(self, auth_id: str, rows: Mapping[str, bytes], *, now: float) -> None:
        """Replace rows of one account, JSON by kind, in one transaction; durable on return.

        Raises :class:`StoreWriteError` if they are not; then they go out with the next save of any account.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Unlock."""
        raise NotImplementedError


def path_in_use(path: Path) -> str | None:
    """Why a daemon could not use this path for its state at this moment, in one line; None if it could."""
    raise NotImplementedError
