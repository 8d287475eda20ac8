"""The programs that some tests need.

``python -m tests.rig.tools`` installs what is missing from Debian's packages when run as root where there is apt.
Elsewhere it changes nothing: tests skip with a reason, or fail with ``REQUIRE_TOOLS=1``.

The required Prometheus is bookworm's 2.42, the oldest that is supported. Prometheus 3 comes from Debian unstable, and
goes into ``.tools`` of the checkout. It is never required: unstable may have another Prometheus tomorrow, or none.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from tests.rig.process import ProcessError, run

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

UNSTABLE = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian unstable main\n"
PROMETHEUS_3 = Path(__file__).parents[2] / ".tools" / "prometheus-3"
"""What the packages ``prometheus`` and ``promtool`` of Debian unstable hold; git ignores it."""


def tool(name: str) -> str:
    """The path of a program; skips the test if it is not there, fails it with REQUIRE_TOOLS=1."""
    path = shutil.which(name)
    if path is None:
        missing(f"{name} is not on PATH (Debian package {PACKAGES.get(name, name)})")
    return path


def tool_3(name: str) -> str:
    """The path of a program of Prometheus 3; skips the test if it is not there, also with REQUIRE_TOOLS=1."""
    path = PROMETHEUS_3 / "usr" / "bin" / name
    if not path.exists():
        pytest.skip(
            f"Prometheus 3 is not in {PROMETHEUS_3} (make tools, as root on Debian, gets it from Debian unstable)"
        )
    return str(path)


def missing(reason: str) -> NoReturn:
    """Something that a test needs is not here: skips the test, fails it with REQUIRE_TOOLS=1."""
    if os.environ.get("REQUIRE_TOOLS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def main() -> int:
    """Install what is missing, if that is possible here."""
    missing = sorted({package for name, package in PACKAGES.items() if shutil.which(name) is None})
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        if missing:
            print("tests that need these will be skipped: " + ", ".join(missing), file=sys.stderr)
        return 0
    if missing:
        _install(missing)
    if not PROMETHEUS_3.exists():
        _get_prometheus_3()
    return 0


def _install(packages: list[str]) -> None:
    print(f"installing {', '.join(packages)} from Debian (a few minutes on a slow mirror)", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "--quiet", env=environment)
    run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages, env=environment)


def _get_prometheus_3() -> None:
    """Unpack it from Debian unstable; apt verifies the signature. Prints one line if that does not work."""
    print("getting Prometheus 3 from Debian unstable, once (46 MB)", flush=True)
    PROMETHEUS_3.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PROMETHEUS_3.parent) as name:
        directory = Path(name)
        try:
            for part in ("lists/partial", "cache/archives/partial", "unpacked"):
                (directory / part).mkdir(parents=True)
            (directory / "sources.list").write_text(UNSTABLE, encoding="utf-8")
            _apt(directory, "update")
            _apt(directory, "download", "prometheus", "promtool")
            for package in directory.glob("*.deb"):
                run("dpkg-deb", "--extract", package, directory / "unpacked")
            version = run(directory / "unpacked/usr/bin/prometheus", "--version")
            if "version 3." not in version:
                raise ProcessError(f"it has {version.splitlines()[0]}")
            (directory / "unpacked").rename(PROMETHEUS_3)
        except (OSError, ProcessError) as error:
            print(f"tests with Prometheus 3 will be skipped: {error}", file=sys.stderr)


def _apt(directory: Path, *arguments: str) -> None:
    options = (
        f"Dir::Etc::SourceList={directory}/sources.list",
        "Dir::Etc::SourceParts=-",
        f"Dir::State::Lists={directory}/lists",
        f"Dir::Cache={directory}/cache",
        # apt's own user cannot write into every checkout
        "APT::Sandbox::User=root",
        "APT::Update::Error-Mode=any",
        "Acquire::http::Timeout=20",
        "Acquire::Retries=1",
    )
    run("apt-get", "--quiet", *(f"--option={option}" for option in options), *arguments, cwd=directory)


if __name__ == "__main__":
    sys.exit(main())
