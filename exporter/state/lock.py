"""One daemon to a state file: two would overwrite each other's marks and count calls twice."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class StateLock:
    """An advisory lock beside the state file; the kernel lets go of it when the process ends, however it ends.

    A file of its own, because the state file is replaced at each write and a lock stays with the file it was taken on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock, or do nothing if it is held already.

        Raises BlockingIOError if another process holds it, any other OSError if the lock file cannot be opened.
        """
        if self.held:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go. The lock file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
