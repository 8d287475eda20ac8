"""A container without an engine: a root of its own in a mount namespace, made by the steps of the Dockerfile.

Where the image has a Debian with Python, this has the machine's own /usr and /etc and the Python that runs the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.deploy.dockerfile import Settings, copied, instructions, settings
from tests.packaging.checkout import ROOT
from tests.rig.tools import missing

_MACHINE = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/dev", "/proc")
_BASE_PATH = "/base/bin:/usr/local/bin:/usr/bin:/bin"
_ENTER = """
root=$1 access=$2; shift 2
umask 022
mount --bind "$root" "$root"
for path in {paths}; do
  [ -e "$path" ] || continue
  mkdir -p "$root$path"
  mount --rbind "$path" "$root$path"
  [ "$path" = /dev ] || [ "$path" = /proc ] || mount -o "remount,bind,ro" "$root$path"
done
for volume in {volumes}; do
  [ "$access" = rw ] || mount --bind "$root$volume" "$root$volume"
done
mount -o "remount,bind,$access" "$root"
exec "$@"
"""


def need_namespaces() -> None:
    """Skips the test where it may not make a mount namespace; fails it with REQUIRE_TOOLS=1."""
    unshare = shutil.which("unshare")
    if unshare and os.geteuid() == 0:
        done = subprocess.run([unshare, "--mount", "mount", "--bind", "/", "/"], capture_output=True, check=False)
        if done.returncode == 0:
            return
    missing("a container needs root, unshare, and leave to mount")


class Container:
    """Built in a folder. Paths are those of the image."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings: Settings = settings()
        root.chmod(0o755)
        python = root / "base/bin/python"
        python.parent.mkdir(parents=True)
        for directory in (python.parent, python.parent.parent):
            # whatever the umask
            directory.chmod(0o755)
        python.symlink_to(Path(sys.executable).resolve())

    def build(self) -> None:
        """Carry out the steps of all stages in one root. Raises CalledProcessError if one fails."""
        cwd = "/"
        for word, rest in instructions():
            if word == "WORKDIR":
                cwd = rest
                self.at(cwd).mkdir(parents=True)
            elif word == "COPY" and not rest.startswith("--from="):
                for source, target in copied(rest).items():
                    to = self.at(cwd) / target
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / source, to, follow_symlinks=False)
            elif word == "RUN":
                shell = ["sh", "-c", f"cd {cwd}; {rest}"]
                environment = {**os.environ, "PATH": _BASE_PATH}
                subprocess.run(self._enter("rw", shell), env=environment, check=True, capture_output=True, text=True)
        shutil.rmtree(self.at("/src"))

    def at(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / path.lstrip("/")

    def command(self, arguments: Sequence[str]) -> list[str]:
        """How a command is run in it as the image's user, with nothing writable but the volumes, and no privilege."""
        user, _, group = self.settings.user.partition(":")
        drop = ["--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        return self._enter("ro", ["setpriv", *drop, "--inh-caps=-all", "--", *arguments])

    def environment(self) -> Mapping[str, str]:
        """All of its environment: the image's, and nothing else."""
        return {name: value.replace("$PATH", _BASE_PATH) for name, value in self.settings.environment.items()}

    def _enter(self, access: str, arguments: Sequence[str]) -> list[str]:
        paths = " ".join([*_MACHINE, *([] if sys.base_prefix == "/usr" else [sys.base_prefix])])
        script = _ENTER.format(paths=paths, volumes=" ".join(self.settings.volumes))
        inside = ["/usr/sbin/chroot", str(self.root), *arguments]
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-ec", script, "sh", str(self.root), access, *inside]
