"""A clean copy of this checkout: what is or would be committed, and nothing that lies about."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from exporter.commands.copies import copies
from tests.rig.tools import missing

ROOT = Path(__file__).parent.parent.parent


def committed() -> list[Path]:
    """Every file of the repository, relative to :data:`ROOT`; links count as files. Skips a test without git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"git cannot list the files of this checkout: {done.stderr.strip()}")
    paths = [Path(name) for name in done.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_symlink() or (ROOT / path).exists()]


def copy_to(directory: Path) -> None:
    """Lay the files out in a directory, links as links."""
    for path in committed():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target, follow_symlinks=False)


def written_assets() -> dict[str, bytes]:
    """What ``vobiz-exporter assets`` writes: what it holds, and what it makes of that."""
    return {**assets(), **dict(copies(ROOT))}


def assets() -> dict[str, bytes]:
    """What ``exporter/assets`` leads to, but for hidden files: contents by path."""
    home = Path("exporter/assets")
    found: dict[str, bytes] = {}
    for link in (path for path in committed() if path.is_relative_to(home)):
        target = (ROOT / link).resolve().relative_to(ROOT)
        for path in committed():
            if path.is_relative_to(target) and not path.name.startswith("."):
                name = link.relative_to(home) / path.relative_to(target)
                found[name.as_posix()] = (ROOT / path).read_bytes()
    return found
