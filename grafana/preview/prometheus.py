"""A Prometheus of our own on a loopback port, over blocks of the past."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0
"""Seconds that a start may take."""


class Prometheus:
    """One that runs. ``url`` is where."""

    def __init__(self, url: str) -> None:
        self.url = url


def import_rules(promtool: str, url: str, rules: Path, data: Path, *, start: float, end: float, step: float) -> None:
    """Make blocks of what recording rules would have recorded. Raises RuntimeError with what promtool says."""
    _run(
        *(promtool, "tsdb", "create-blocks-from", "rules", f"--url={url}", f"--start={start:.0f}", f"--end={end:.0f}"),
        *(f"--eval-interval={step:.0f}s", f"--output-dir={data}", str(rules)),
    )


@contextmanager
def running(program: str, directory: Path) -> Iterator[Prometheus]:
    """Prometheus over ``directory/data``, which scrapes nothing."""
    path = directory / "prometheus.yml"
    path.write_text("global: {}\n", encoding="utf-8")
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
