"""A real Prometheus and a real Alertmanager on loopback, and promtool."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import yaml

from tests.rig.fetch import fetch, fetch_json
from tests.rig.process import Process, ProcessError, free_port
from tests.rig.tools import PACKAGES

RULES = sorted((Path(__file__).parents[2] / "prometheus" / "rules").glob("*.yml"))
"""The shipped rules."""


class Prometheus(Process):
    """A Prometheus with this configuration, all it writes in ``directory``; it answers once ``with`` has begun.

    ``flags`` are added to the command line; ``server`` is the program, the one on PATH unless given.
    """

    def __init__(
        self,
        directory: Path,
        config: Mapping[str, object],
        *,
        flags: Sequence[str] = (),
        address: str = "",
        server: str = "",
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        address = address or f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}"
        command = [
            server or program("prometheus"),
            f"--config.file={_write(directory / 'prometheus.yml', config)}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address={address}",
            *flags,
        ]
        super().__init__(command, log=directory / "prometheus.log")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        super().start()
        self.wait_for_page(f"{self.url}/-/ready")

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health."""
        groups = fetch_json(f"{self.url}/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def query(self, expression: str, *, at: float | None = None) -> list[dict[str, Any]]:
        """The series of an instant query, now or at a moment. Raises ValueError with what Prometheus says."""
        parameters = {"query": expression, **({} if at is None else {"time": f"{at:.3f}"})}
        try:
            body = fetch(f"{self.url}/api/v1/query?{urlencode(parameters)}")
        except HTTPError as error:
            with error:
                raise ValueError(f"{expression}: {error.read().decode()}") from None
        result: list[dict[str, Any]] = json.loads(body)["data"]["result"]
        return result


class Alertmanager(Process):
    """An Alertmanager with this configuration, all it writes in ``directory``. ``flags`` say whom it knows."""

    def __init__(self, directory: Path, config: Mapping[str, object], *, address: str, flags: Sequence[str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.url = f"http://{address}"
        command = [
            program("prometheus-alertmanager"),
            f"--config.file={_write(directory / 'alertmanager.yml', config)}",
            f"--storage.path={directory / 'alertmanager'}",
            f"--web.listen-address={address}",
            *flags,
        ]
        super().__init__(command, name="alertmanager", log=directory / "alertmanager.log")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        super().start()
        self.wait_for_page(f"{self.url}/-/ready")


def scraping(targets: Sequence[str], *, interval: str = "1s", rules: Sequence[Path] = ()) -> dict[str, object]:
    """The configuration of a Prometheus that scrapes ``host:port`` targets as job ``vobiz``, and evaluates rules."""
    return {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "scrape_configs": [{"job_name": "vobiz", "static_configs": [{"targets": list(targets)}]}],
        "rule_files": [str(path) for path in rules],
    }


def rules_without_delays(directory: Path) -> list[Path]:
    """The shipped rules in ``directory``, evaluated every second, and without ``for`` and ``keep_firing_for``."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for shipped in RULES:
        document = yaml.safe_load(shipped.read_text(encoding="utf-8"))
        for group in document["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                rule.pop("for", None)
                rule.pop("keep_firing_for", None)
        path = directory / shipped.name
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        paths.append(path)
    return paths


def promtool(*arguments: str) -> str:
    """What promtool prints. Raises ProcessError if it fails."""
    done = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join(arguments[:4])
        raise ProcessError(f"promtool {words} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def program(name: str) -> str:
    """The path of a program. Raises ProcessError if it is not on PATH."""
    path = shutil.which(name)
    if path is None:
        raise ProcessError(f"{name} is not on PATH (Debian package {PACKAGES.get(name, name)})")
    return path


def _write(path: Path, config: Mapping[str, object]) -> Path:
    # YAML reads JSON
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")
    return path
