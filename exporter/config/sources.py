"""Where secrets come from: a value given once, or a file that may be rotated while the exporter runs."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from exporter.config.errors import Invalid
from exporter.config.secrets import Secret, secret_from

LARGEST_SECRET = 16 * 1024
"""Bytes that a secret file may hold."""


class SecretSource(Protocol):
    """Where a secret comes from."""

    @property
    def problem(self) -> str | None:
        """Why :meth:`current` had to fall back on an older value, in one line; None when all is well."""

    def current(self) -> Secret:
        """The secret as it is now. Never raises: it was there when the source was made."""

    def refresh(self) -> bool:
        """Look again, for example after a 401; True if the secret is another one than before."""


class LiteralSecret:
    """A secret given as a value; it never changes.

    Raises :class:`~exporter.config.errors.Invalid` if it cannot be one.
    """

    __slots__ = ("_secret",)

    problem: str | None = None

    def __init__(self, value: str) -> None:
        self._secret = secret_from(value)

    def __repr__(self) -> str:
        return "LiteralSecret(***)"

    def current(self) -> Secret:
        """The secret."""
        return self._secret

    def refresh(self) -> bool:
        """False: it cannot change."""
        return False


_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """``stamp`` is that of the file the secret was read from; None: the file has become unusable since."""

    secret: Secret
    stamp: _Stamp | None
    problem: str | None


class FileSecret:
    """A secret in a file, read again when the file changes. White space around it is ignored.

    While the file cannot be used, the last good value stays. Raises :class:`~exporter.config.errors.Invalid` if there
    is none yet.
    """

    __slots__ = ("_path", "_seen")

    def __init__(self, path: Path) -> None:
        self._path = path
        # Replaced whole, so that every thread sees a value with the stamp that belongs to it.
        self._seen = _read(path)

    def __repr__(self) -> str:
        return f"FileSecret({str(self._path)!r})"

    @property
    def problem(self) -> str | None:
        """What has become of the file since the value in use was read, with its path; None when all is well."""
        return self._seen.problem

    def current(self) -> Secret:
        """The secret; its file is read again if it is another one, or has another size or time, than before."""
        if self._seen.stamp is None or self._seen.stamp != _stamp_of(self._path):
            self.refresh()
        return self._seen.secret

    def refresh(self) -> bool:
        """Read the file again, whatever its times say; True if the secret is another one than before."""
        before = self._seen.secret
        try:
            seen = _read(self._path)
        except Invalid as error:
            problem = f"{self._path}: {error.reason}; the value read before stays in use until this is mended"
            seen = _Seen(secret=before, stamp=None, problem=problem)
        self._seen = seen
        return seen.secret != before


def _read(path: Path) -> _Seen:
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Invalid("not a regular file", "give the file that holds the secret")
            data = file.read(LARGEST_SECRET + 1)
    except OSError as error:
        raise Invalid(
            f"the file cannot be read ({error.strerror})", "check its path, and that this user may read it"
        ) from None
    if len(data) > LARGEST_SECRET:
        raise Invalid(
            f"the file is larger than {LARGEST_SECRET // 1024} KiB",
            "give a file that holds the secret and nothing else",
        )
    # Latin-1 takes every byte; what is not ASCII is refused afterwards, without showing it.
    return _Seen(secret=secret_from(data.decode("latin-1")), stamp=_stamp(status), problem=None)


def _open_at_once(path: str, flags: int) -> int:
    # Opening a pipe would otherwise wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


def _stamp_of(path: Path) -> _Stamp | None:
    try:
        return _stamp(path.stat())
    except OSError:
        return None


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_mtime_ns, status.st_ino, status.st_size
