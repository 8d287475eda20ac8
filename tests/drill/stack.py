"""The simulated Vobiz, the exporter, Prometheus and Alertmanager, set up and started in one directory."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from exporter.config import format_duration
from tests.drill import shipped
from tests.drill.history import History, make_blocks
from tests.drill.processes import DrillError, Process, free_port
from tests.drill.receiver import PAGES, SIGNS_OF_LIFE, WARNINGS, Receiver
from tests.drill.vobiz import READY, SimulatedVobiz

PROGRAMS = ("prometheus", "promtool", "prometheus-alertmanager")
SEED = 1
MIDNIGHT_IN = "13h"
"""The simulated day is at 11:00 when the drill begins: what it shows does not depend on the hour it is run at."""
INTERVAL = 60.0
"""Seconds between polls of the exporter, and until Prometheus repeats an alert, both their defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How big and how fast: calls an hour and partner, the divisor of all intervals, days of past."""

    volume: float
    shorten: float
    days: float

    @property
    def interval(self) -> str:
        """:data:`INTERVAL`, shortened; the exporter takes no less than a second."""
        return format_duration(max(1.0, INTERVAL / self.shorten))


class Stack:
    """All of it, running once it is made, and ended with ``with``.

    Raises :class:`DrillError` if a program is missing or does not start.
    """

    def __init__(self, *, directory: Path, partners: Sequence[str], scale: Scale, receiver: Receiver) -> None:
        self._directory = directory
        self._scale = scale
        self._receiver = receiver
        self._addresses = {name: f"127.0.0.1:{free_port()}" for name in ("vobiz", "prometheus", "alertmanager")}
        self._programs = {name: _program(name) for name in PROGRAMS}
        with ExitStack() as self._open:
            self._vobiz, self._auth_ids, tokens = self._start_vobiz(partners)
            self._write_past()
            self._exporter = self._start_exporter(tokens)
            self._start_alertmanager()
            self._start_prometheus()
            self._running = self._open.pop_all()

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def cause(self, partner: str, incident: Mapping[str, object]) -> int:
        """Let an incident begin for one partner; its number."""
        return self._vobiz.cause(self._auth_ids[partner], incident)

    def clear(self, number: int) -> None:
        """End an incident."""
        self._vobiz.clear(number)

    def kill_exporter(self) -> None:
        """As a machine that fails would: without a chance to say goodbye."""
        self._exporter.end(signal.SIGKILL)

    def restart_exporter(self) -> None:
        """Start it again, on its state file."""
        self._exporter.start()

    def _start_vobiz(self, partners: Sequence[str]) -> tuple[SimulatedVobiz, dict[str, str], dict[str, str]]:
        """The simulated Vobiz, the partners' auth_ids by name, and their tokens by auth_id."""
        flags = {"partners": len(partners), "volume": self._scale.volume, "seed": SEED, "midnight-in": MIDNIGHT_IN}
        arguments = [f"--demo.{name}={value}" for name, value in flags.items()]
        process = self._process("vobiz", sys.executable, "-m", "exporter.simulator", *arguments)
        process.wait_for(lambda: READY in process.output, "its address")
        vobiz = SimulatedVobiz(process.output)
        credentials = vobiz.credentials()
        auth_ids = [auth_id for auth_id, _ in credentials]
        return vobiz, dict(zip(partners, auth_ids, strict=True)), dict(credentials)

    def _write_past(self) -> None:
        now = time.time()
        history = History(
            partners=self._auth_ids,
            seed=SEED,
            volume=self._scale.volume,
            shift=self._vobiz.now() - now,
            labels={"job": "vobiz", "instance": self._addresses["vobiz"]},
        )
        files = history.write(
            start=now - self._scale.days * 86_400,
            end=now,
            directory=self._directory,
            state=self._directory / "state.db",
        )
        for file in files:
            make_blocks(self._programs["promtool"], file, self._directory / "prometheus")
            file.unlink()

    def _start_exporter(self, tokens: Mapping[str, str]) -> Process:
        config = {
            "partners": [
                {"name": name, "auth_id": auth_id, "auth_token": tokens[auth_id]}
                for name, auth_id in self._auth_ids.items()
            ],
            "api": {"base_url": self._vobiz.url},
            "poll": {"interval": self._scale.interval},
            "state": {"path": str(self._directory / "state.db")},
        }
        address = self._addresses["vobiz"]
        arguments = (f"--config.file={self._write('exporter.yml', config)}", f"--web.listen-address={address}")
        process = self._process("exporter", sys.executable, "-m", "exporter", "run", *arguments)
        process.wait_for_page(f"http://{address}/-/ready")
        return process

    def _start_alertmanager(self) -> None:
        config = shipped.alertmanager_config(
            shipped.shortened(shipped.shipped("alertmanager.example.yml"), self._scale.shorten),
            pages=self._receiver.url + PAGES,
            warnings=self._receiver.url + WARNINGS,
            signs_of_life=self._receiver.url + SIGNS_OF_LIFE,
            routing_key=self._receiver.routing_key,
            secret=self._secret,
        )
        address = self._addresses["alertmanager"]
        arguments = (
            f"--config.file={self._write('alertmanager.yml', config)}",
            f"--storage.path={self._directory / 'alertmanager'}",
            f"--web.listen-address={address}",
            "--cluster.listen-address=",
        )
        process = self._process("alertmanager", self._programs["prometheus-alertmanager"], *arguments)
        process.wait_for_page(f"http://{address}/-/ready")

    def _start_prometheus(self) -> None:
        for name in shipped.rule_files():
            self._write(name, shipped.shortened(shipped.shipped(name), self._scale.shorten))
        config = shipped.prometheus_config(
            shipped.shortened(shipped.shipped("prometheus.example.yml"), self._scale.shorten), addresses=self._addresses
        )
        address = self._addresses["prometheus"]
        arguments = (
            f"--config.file={self._write('prometheus.yml', config)}",
            f"--storage.tsdb.path={self._directory / 'prometheus'}",
            f"--rules.alert.resend-delay={self._scale.interval}",
            f"--web.listen-address={address}",
        )
        process = self._process("prometheus", self._programs["prometheus"], *arguments)
        process.wait_for_page(f"http://{address}/-/ready")

    def _process(self, name: str, *command: str) -> Process:
        return self._open.enter_context(Process(name, command, self._directory / f"{name}.log"))

    def _write(self, name: str, content: Any) -> Path:
        path = self._directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000), encoding="utf-8")
        return path

    def _secret(self, name: str, value: str) -> str:
        path = self._directory / name
        path.write_text(value, encoding="utf-8")
        return str(path)


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise DrillError(f"{name} is not on PATH; Debian has it in the packages prometheus and prometheus-alertmanager")
    return path
