"""A real Prometheus and a real Alertmanager on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import yaml

from tests.rig.fetch import fetch
from tests.rig.process import Process, free_port

RULES = sorted((Path(__file__).parents[2] / "prometheus" / "rules").glob("*.yml"))
"""The shipped rules."""


class _Server(Process):
    """Started with this configuration, all it writes in ``directory``; it answers once ``with`` has begun."""

    def __init__(
        self, name: str, command: Sequence[str], directory: Path, config: Mapping[str, object], address: str
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / f"{name}.yml"
        # YAML reads JSON
        file.write_text(json.dumps(config, indent=1), encoding="utf-8")
        self.url = f"http://{address}"
        command = [*command, f"--config.file={file}", f"--web.listen-address={address}"]
        super().__init__(command, name=name, log=directory / f"{name}.log")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        super().start()
        self.wait_for_page(f"{self.url}/-/ready")


class Prometheus(_Server):
    """``flags`` are added to the command line; ``server`` is the program, the one on PATH unless given."""

    def __init__(
        self,
        directory: Path,
        config: Mapping[str, object],
        *,
        flags: Sequence[str] = (),
        address: str = "",
        server: str = "prometheus",
    ) -> None:
        command = (server, f"--storage.tsdb.path={directory / 'data'}", *flags)
        super().__init__("prometheus", command, directory, config, address or f"127.0.0.1:{free_port()}")

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


class Alertmanager(_Server):
    """``flags`` say which others it knows."""

    def __init__(self, directory: Path, config: Mapping[str, object], *, address: str, flags: Sequence[str]) -> None:
        command = ("prometheus-alertmanager", f"--storage.path={directory / 'alertmanager'}", *flags)
        super().__init__("alertmanager", command, directory, config, address)


def scraping(targets: Sequence[str], *, rules: Sequence[Path] = ()) -> dict[str, object]:
    """The configuration of a Prometheus that scrapes ``host:port`` targets, and evaluates rules, every second."""
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
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
