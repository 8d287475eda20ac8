"""Tests that install something need a package registry."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.rig.tools import missing

BUILD_BACKEND = "setuptools>=77"


@functools.cache
def _reachable() -> bool:
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", directory, BUILD_BACKEND]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def need_registry() -> None:
    """Skips the test where pip reaches no registry; fails it with REQUIRE_TOOLS=1."""
    if not _reachable():
        missing(f"pip reaches no package registry: it cannot download {BUILD_BACKEND}")


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """What a command prints; fails with all that it said if it does not work."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
