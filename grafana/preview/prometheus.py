"""A Prometheus of our own on a loopback port, over blocks of the past and a page of the present."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from grafana.preview.world import INSTANCE, JOB

PATIENCE = 60.0
"""Seconds that a start may take."""


class Prometheus:
    """One that runs. ``url`` is where."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expr: str, at: float | None = None) -> list[dict[str, Any]]:
        """The series of an instant query, now or at a moment. Raises ValueError with what Prometheus says."""
        parameters = {"query": expr} if at is None else {"query": expr, "time": f"{at:.3f}"}
        return self._get("query", parameters)

    def query_range(self, expr: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The series of a range query. Raises ValueError with what Prometheus says."""
        return self._get("query_range", {"query": expr, "start": f"{start}", "end": f"{end}", "step": f"{step}"})

    def _get(self, what: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
        try:
            with urllib.request.urlopen(
                f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}", timeout=60
            ) as answer:
                result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
                return result
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(f"{parameters['query']}: {error.read().decode()}") from None


def import_past(promtool: str, past: Path, data: Path) -> None:
    """Make blocks of an OpenMetrics file. Raises RuntimeError with what promtool says."""
    _run(promtool, "tsdb", "create-blocks-from", "openmetrics", str(past), str(data))


def import_rules(promtool: str, url: str, rules: Path, data: Path, *, start: float, end: float, step: float) -> None:
    """Make blocks of what recording rules would have recorded. Raises RuntimeError with what promtool says."""
    _run(
        *(promtool, "tsdb", "create-blocks-from", "rules", f"--url={url}", f"--start={start:.0f}", f"--end={end:.0f}"),
        *(f"--eval-interval={step:.0f}s", f"--output-dir={data}", str(rules)),
    )


@contextmanager
def running(
    program: str, directory: Path, *, page: int | None = None, rules: Sequence[Path] = (), interval: float = 1.0
) -> Iterator[Prometheus]:
    """Prometheus over ``directory/data``; scrapes a loopback port if one is given, and evaluates rules."""
    targets = [] if page is None else [{"targets": [f"127.0.0.1:{page}"], "labels": {"instance": INSTANCE}}]
    config = {
        "global": {"scrape_interval": f"{interval:g}s", "evaluation_interval": f"{interval:g}s"},
        "rule_files": [str(path) for path in rules],
        "scrape_configs": [{"job_name": JOB, "static_configs": targets}],
    }
    path = directory / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    port = _free_port()
    command = [
        *(program, f"--config.file={path}", f"--storage.tsdb.path={directory / 'data'}"),
        *("--storage.tsdb.retention.time=400d", f"--web.listen-address=127.0.0.1:{port}"),
        *("--web.cors.origin=.*", "--log.level=warn"),
    ]
    with (directory / "prometheus.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process, directory / "prometheus.log")
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} failed: {done.stderr.strip() or done.stdout.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Prometheus did not start: {log.read_text(errors='replace')[-2000:]}")
