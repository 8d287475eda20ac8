"""The simulated Vobiz, the exporter, Prometheus and Alertmanager, set up and started in one directory."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from exporter.config.kinds import format_duration
from tests.drill import shipped
from tests.drill.history import History, make_blocks
from tests.drill.receiver import PAGES, SIGNS_OF_LIFE, WARNINGS, Receiver
from tests.rig.exporter import Exporter
from tests.rig.process import free_port
from tests.rig.prometheus import Alertmanager, Prometheus, program
from tests.rig.simulated import SimulatedVobiz

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
    """All of it, running once it is made, and ended with ``with``. Raises ProcessError if a program does not start."""

    def __init__(self, *, directory: Path, partners: Sequence[str], scale: Scale, receiver: Receiver) -> None:
        self._directory = directory
        self._scale = scale
        self._receiver = receiver
        self._ports = {name: free_port() for name in ("vobiz", "prometheus", "alertmanager")}
        self._addresses = {name: f"127.0.0.1:{port}" for name, port in self._ports.items()}
        for name in PROGRAMS:
            program(name)
        with ExitStack() as opened:
            self._vobiz = opened.enter_context(
                SimulatedVobiz(
                    log=directory / "vobiz.log",
                    partners=len(partners),
                    volume=scale.volume,
                    seed=SEED,
                    midnight_in=MIDNIGHT_IN,
                )
            )
            self._credentials = dict(zip(partners, self._vobiz.partners, strict=True))
            self._write_past()
            self._exporter = opened.enter_context(self._make_exporter())
            self._exporter.wait_until_ready()
            opened.enter_context(self._make_alertmanager())
            opened.enter_context(self._make_prometheus())
            self._running = opened.pop_all()

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def begin(self, partner: str, incident: Mapping[str, object]) -> int:
        """Begin an incident of one partner; its number."""
        return self._vobiz.begin_incident({**incident, "partner": self._credentials[partner][0]})

    def end(self, number: int) -> None:
        """End an incident."""
        self._vobiz.end(number)

    def kill_exporter(self) -> None:
        """As a machine that fails would: without a chance to say goodbye."""
        self._exporter.stop(signal.SIGKILL)

    def restart_exporter(self) -> None:
        """Start it again, on its state."""
        self._exporter.start()

    def _write_past(self) -> None:
        now = time.time()
        history = History(
            partners={name: auth_id for name, (auth_id, _) in self._credentials.items()},
            seed=SEED,
            volume=self._scale.volume,
            shift=self._vobiz.now() - now,
            labels={"job": "vobiz", "instance": self._addresses["vobiz"]},
        )
        start = now - self._scale.days * 86_400
        for file in history.write(start=start, end=now, directory=self._directory, state=self._state):
            make_blocks(file, self._directory / "data")
            file.unlink()

    def _make_exporter(self) -> Exporter:
        config = {
            "partners": [
                {"name": name, "auth_id": auth_id, "auth_token": token}
                for name, (auth_id, token) in self._credentials.items()
            ],
            "api": {"base_url": self._vobiz.url},
            "poll": {"interval": self._scale.interval},
            "state": {"path": str(self._state)},
        }
        path = self._directory / "exporter.yml"
        # YAML reads JSON
        path.write_text(json.dumps(config), encoding="utf-8")
        address = self._addresses["vobiz"]
        arguments = ("run", f"--config.file={path}", f"--web.listen-address={address}")
        return Exporter(*arguments, log=self._directory / "exporter.log")

    def _make_alertmanager(self) -> Alertmanager:
        config = shipped.alertmanager_config(
            shipped.shortened(shipped.shipped("alertmanager.example.yml"), self._scale.shorten),
            pages=self._receiver.url + PAGES,
            warnings=self._receiver.url + WARNINGS,
            signs_of_life=self._receiver.url + SIGNS_OF_LIFE,
            routing_key=self._receiver.routing_key,
            secret=self._secret,
        )
        return Alertmanager(self._directory, config, port=self._ports["alertmanager"])

    def _make_prometheus(self) -> Prometheus:
        for name in shipped.rule_files():
            self._write(name, shipped.shortened(shipped.shipped(name), self._scale.shorten))
        config = shipped.prometheus_config(
            shipped.shortened(shipped.shipped("prometheus.example.yml"), self._scale.shorten), addresses=self._addresses
        )
        flags = (f"--rules.alert.resend-delay={self._scale.interval}",)
        return Prometheus(self._directory, config, flags=flags, port=self._ports["prometheus"])

    @property
    def _state(self) -> Path:
        return self._directory / "state.db"

    def _write(self, name: str, content: Any) -> None:
        path = self._directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000), encoding="utf-8")

    def _secret(self, name: str, value: str) -> str:
        path = self._directory / name
        path.write_text(value, encoding="utf-8")
        return str(path)
