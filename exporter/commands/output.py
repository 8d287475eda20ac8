"""What the commands write: the file of ``--output``, and how far one is that takes minutes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from exporter.config.errors import StartError
from exporter.files import require_regular, write_atomically


def check_output(path: Path) -> None:
    """Raise StartError if the file cannot be written: before the first request, and not after the last."""
    with _reported(path):
        require_regular(path)
        with TemporaryFile(dir=path.parent):
            pass


def write_output(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write the file in one step. Raises StartError."""
    with _reported(path):
        write_atomically(path, content, mode=mode)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "give a file in a directory that can be written"
        raise StartError(f"--output {path}: {error.strerror}; {remedy}") from None


def show_progress(name: str, done: float, where: str) -> None:
    """One line on stderr while that is a terminal, nothing elsewhere; ``done`` is 0 to 1."""
    if sys.stderr.isatty():
        print(f"\r{name} {done:4.0%} {where:<20}", end="" if done < 1 else "\n", file=sys.stderr, flush=True)
