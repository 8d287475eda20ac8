"""Noticing that a file was changed."""

from __future__ import annotations

from pathlib import Path


class WatchedFile:
    """A file that is looked at now and then; one that is missing for the moment has not changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._look()

    def changed(self) -> bool:
        """Whether it is another file, or another version, than when this was last asked."""
        now = self._look()
        if now is None or now == self._seen:
            return False
        self._seen = now
        return True

    def _look(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
