"""One process to a database: two would overwrite each other's marks and count calls twice."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

from exporter.ledger.database import create

IN_USE = "another vobiz-exporter uses it"


def locked(path: Path) -> int:
    """Lock the database, which is made first if there is none; returns a descriptor that holds the lock until closed.

    The lock is on the file itself: there is no lock file that somebody could delete. The kernel releases it when the
    process ends, however it ends. Raises BlockingIOError if another process holds it, any other OSError if the file
    cannot be opened or made, or is no regular file.
    """
    while True:
        try:
            descriptor = _open(path)
        except FileNotFoundError:
            _make(path)
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise BlockingIOError(errno.EAGAIN, IN_USE) from None
        if is_in_place(descriptor, path):
            return descriptor
        os.close(descriptor)


def is_in_place(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def path_in_use(path: Path) -> str | None:
    """Why a daemon could not use this path for its state now, in a few words; None if it could. Changes nothing."""
    try:
        descriptor = _open(path)
    except FileNotFoundError:
        if not path.parent.is_dir():
            return f"there is no directory {path.parent}"
        return None if os.access(path.parent, os.W_OK | os.X_OK) else f"directory {path.parent} cannot be written"
    except OSError as error:
        return error.strerror
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return IN_USE
    finally:
        os.close(descriptor)
    return None if os.access(path.parent, os.W_OK | os.X_OK) else f"directory {path.parent} cannot be written"


def _open(path: Path) -> int:
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link")
    # Without O_NONBLOCK a FIFO in its place would wait for ever.
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return descriptor


def _make(path: Path) -> None:
    """Make the database under another name first: what is there under its own name is always whole."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        create(new)
        # Not a rename: that would replace what another process has made meanwhile.
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)
        new.with_name(new.name + "-journal").unlink(missing_ok=True)
