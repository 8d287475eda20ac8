"""The programs that some tests need: Prometheus, Alertmanager, VictoriaMetrics, Chromium, systemd-analyze, faketime.

``python -m tests.rig.tools`` installs what is missing from Debian's packages when run as root where there is apt.
Elsewhere it changes nothing: tests look for the programs on PATH and skip with a reason. With ``REQUIRE_TOOLS=1`` a
missing program is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import NoReturn

import pytest

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "chromium": "chromium",
    "systemd-analyze": "systemd",
    "faketime": "faketime",
    "victoria-metrics": "victoria-metrics",
    "vmalert": "victoria-metrics",
    "vmagent": "victoria-metrics",
}


def tool(name: str) -> str:
    """The path of a program; skips the test if it is not there, fails it with REQUIRE_TOOLS=1."""
    path = shutil.which(name)
    if path is None:
        missing(f"{name} is not on PATH (Debian package {PACKAGES.get(name, name)})")
    return path


def missing(reason: str) -> NoReturn:
    """Something that a test needs is not here: skips the test, fails it with REQUIRE_TOOLS=1."""
    if os.environ.get("REQUIRE_TOOLS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def main() -> int:
    """Install what is missing, if that is possible here."""
    missing = sorted({package for name, package in PACKAGES.items() if shutil.which(name) is None})
    if not missing:
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("tests that need these will be skipped: " + ", ".join(missing), file=sys.stderr)
        return 0
    print(f"installing {', '.join(missing)} from Debian (a few minutes on a slow mirror)", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], check=True, env=environment, stdout=subprocess.DEVNULL)
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
