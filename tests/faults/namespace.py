"""A view of the file system of our own, so that disks can be mounted and names be forgotten for our children alone.

All mounts end with the last process that sees them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOST = "api.vobiz.test"
WHY = "not tried: it needs a mount namespace, which unshare does not give here"

_MARK = "FAULTS_PRIVATE"
_LOCALHOST = "127.0.0.1 localhost\n"
_hosts = Path("/nowhere")


def enter(argv: Sequence[str]) -> None:
    """Start this program again in a mount namespace, as root of it; return where that is not possible."""
    if _MARK in os.environ or shutil.which("unshare") is None:
        return
    command = ["unshare", "--mount", "--propagation=private", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
        os.environ[_MARK] = str(os.getpid())
        os.execvp(command[0], [*command, sys.executable, "-m", "tests.faults", *argv])


def is_private() -> bool:
    """Whether mounts are ours alone."""
    return _MARK in os.environ


def know_host_by(directory: Path) -> None:
    """Put files in this directory over ``/etc/hosts`` and ``/etc/resolv.conf``; :data:`HOST` is here."""
    global _hosts
    _hosts = directory / "hosts"
    know_host()
    (directory / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="utf-8")
    for path in (_hosts, directory / "resolv.conf"):
        subprocess.run(["mount", "--bind", str(path), f"/etc/{path.name}"], check=True)


def know_host() -> None:
    """Let :data:`HOST` be this machine."""
    _hosts.write_text(f"{_LOCALHOST}127.0.0.1 {HOST}\n", encoding="utf-8")


def forget_host() -> None:
    """Let nobody know :data:`HOST`, and no server be there to ask."""
    _hosts.write_text(_LOCALHOST, encoding="utf-8")


def mount_disk(path: Path, *, size: str) -> None:
    """A small disk in memory."""
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], check=True)


def make_read_only(path: Path) -> None:
    """Until :func:`unmount`, nothing can be written below this path; what is open for writing stays so."""
    subprocess.run(["mount", "--bind", str(path), str(path)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(path)], check=True)


def unmount(path: Path) -> None:
    """Take away what was mounted last."""
    subprocess.run(["umount", "--lazy", str(path)], check=True)
