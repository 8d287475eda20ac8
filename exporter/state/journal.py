"""What has changed since the state file was last written whole: a line a change, appended and synced.

With a thousand partners the whole file is 24 MiB, and seventeen polls a second would each write all of it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

FORMAT = "vobiz-exporter journal"

_LINE = msgspec.json.Decoder(dict[str, dict[str, Any]])


class Journal:
    """A file beside the state file that it continues. Its first line says which one that is: by a name drawn by lot.

    So a journal that outlived its state file, by a kill in between or by somebody's hand, is never taken for another's.
    Not thread-safe.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = ""
        self.size = 0
        """Bytes of it that are on disk and whole."""

    def begin(self) -> str:
        """The name of a new journal, empty and without a file yet, for the state file that is about to be written."""
        self._name = secrets.token_hex(8)
        self.size = 0
        return self._name

    def append(self, entries: Mapping[str, bytes]) -> None:
        """Add entries (as JSON) by partner; on disk when this returns. Raises OSError; then nothing was added."""
        lines = [b'{"format":"%s","journal":"%s"}\n' % (FORMAT.encode(), self._name.encode())] if not self.size else []
        lines += [b"{" + msgspec.json.encode(name) + b":" + entry + b"}\n" for name, entry in entries.items()]
        content = b"".join(lines)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            # what a failed attempt, or another journal, has left
            file.truncate(self.size)
            file.seek(self.size)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if not self.size:
            sync_directory(self.path.parent)
        self.size += len(content)

    def read(self, name: str) -> dict[str, dict[str, Any]]:
        """The latest entries by partner of the journal of that name; none if this is another one, or there is none.

        It is read up to the first line that is not whole: what a kill has cut short was never shown to anyone. Raises
        OSError if it is there and cannot be read.
        """
        entries: dict[str, dict[str, Any]] = {}
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            if not _is_head(file.readline(), name):
                return {}
            for line in file:
                try:
                    entries.update(_LINE.decode(line) if line.endswith(b"\n") else {})
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                    break
        return entries

    def remove(self) -> None:
        """Delete the file, if it can be: another name in the state file has made it void already."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def sync_directory(path: Path) -> None:
    """Make the names of new files in a directory outlast a power cut."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _is_head(line: bytes, name: str) -> bool:
    try:
        return bool(msgspec.json.decode(line) == {"format": FORMAT, "journal": name})
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
