"""The Pythons that are installed here, on PATH or by pyenv."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
"""Those that setup.cfg promises."""


def python(version: str) -> Path | None:
    """An interpreter of this version that can make environments and fill them; None if there is none."""
    for candidate in _candidates(version):
        code = "import pip, sys, venv; print(*sys.version_info[:2], sep='.')"
        done = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return candidate
    return None


def _candidates(version: str) -> Iterator[Path]:
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from root.glob(f"versions/{version}.*/bin/python")
