"""Files that others edit, and files that others read: has it changed, and replace it whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

Stamp = tuple[int, ...]


def stamp(path: Path) -> Stamp | None:
    """What changes when the file is edited, replaced or moved; None while there is no such file.

    Modification time alone misses a file that is renamed into place with its old time, and size alone an edit.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


class WatchedFile:
    """A file that is looked at now and then; one that is missing for the moment has not changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = stamp(path)

    def changed(self) -> bool:
        """Whether the file is a different one, or a different version, than at the previous call."""
        now = stamp(self._path)
        if now is None or now == self._seen:
            return False
        self._seen = now
        return True


def require_regular(path: Path) -> None:
    """Raise OSError if something is there that a file must not take the place of: a directory, a pipe, /dev/null."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "Not a regular file")


def write_atomically(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace a file whole: a reader sees the old content or the new, also after a crash. Raises OSError.

    The temporary file is hidden, in the same directory, and readable by its owner alone until it is complete. A link
    that waits under its name is not followed.
    """
    require_regular(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, mode)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
