"""A module of ours as a process, it and all that it starts marked by their environment: what is left is seen."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path


def start(module: str, *arguments: str, mark: Path) -> subprocess.Popen[str]:
    """``python -m module``; its output and errors are one stream. The mark is where it keeps temporary files."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(mark)},
    )


def processes(mark: Path) -> int:
    """How many processes with that mark are running."""
    found = 0
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            found += f"TMPDIR={mark}\0".encode() in entry.read_bytes()
    return found
