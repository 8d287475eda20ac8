"""The simulated Vobiz, exporters, Prometheus servers and Alertmanagers, set up and started in one directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from exporter.config.kinds import format_duration
from exporter.simulator.climate import Climate
from tests.drill import shipped
from tests.drill.past import write_past
from tests.drill.receiver import Receiver
from tests.rig.exporter import Exporter
from tests.rig.fetch import fetch_json
from tests.rig.process import Process, free_port
from tests.rig.prometheus import Alertmanager, Prometheus
from tests.rig.simulated import SimulatedVobiz

SEED = 1
MIDNIGHT_IN = "13h"
"""The simulated day is at 11:00 when the drill begins: what it shows does not depend on the hour it is run at."""
INTERVAL = 60.0
"""Seconds between polls of the exporter, and until Prometheus repeats an alert, both their defaults."""
PEER_TIMEOUT = 15.0
"""Seconds that an Alertmanager leaves to the previous one in the cluster, its default."""
CAUSE_PAGES = 10
"""Pages of call records in a poll: the first reading, which says what is usual, has to have enough of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How big and how fast: calls an hour and partner, the divisor of all intervals, how many there are of each
    program."""

    volume: float
    shorten: float
    copies: int = 1

    @property
    def interval(self) -> str:
        """:data:`INTERVAL`, shortened; the exporter takes no less than a second."""
        return format_duration(max(1.0, INTERVAL / self.shorten))


class Stack:
    """All of it, running once it is made, and ended with ``with``. Raises ProcessError if a program does not start.

    ``programs`` are named ``exporter-1``, ``prometheus-1``, ``alertmanager-1``, and so on for their copies.
    """

    def __init__(self, *, directory: Path, partners: Sequence[str], scale: Scale, receiver: Receiver) -> None:
        self._directory = directory
        self._scale = scale
        self._receiver = receiver
        self.programs: dict[str, Process] = {}
        copies = range(scale.copies)
        self._addresses = {
            name: [f"127.0.0.1:{free_port()}" for _ in copies]
            for name in ("vobiz", "prometheus", "alertmanager", "gossip")
        }
        for name in shipped.rule_files():
            self._write(name, shipped.shortened(shipped.shipped(name), scale.shorten))
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
            makers: tuple[Callable[[int], Process], ...] = (
                self._make_exporter,
                self._make_alertmanager,
                self._make_prometheus,
            )
            for make in makers:
                for copy in copies:
                    made = opened.enter_context(make(copy))
                    self.programs[f"{made.name}-{copy + 1}"] = made
            self._wait_until_whole()
            self._running = opened.pop_all()

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def begin(self, partner: str, incident: Mapping[str, object]) -> int:
        """Begin an incident of one partner; its number."""
        return self._vobiz.begin(**incident, partner=self._credentials[partner][0])

    def end(self, number: int) -> None:
        """End an incident."""
        self._vobiz.end(number)

    def repair(self) -> None:
        """Start what is dead, and wait until everything knows everything."""
        for one in self.programs.values():
            if not one.running:
                one.start()
        self._wait_until_whole()

    def _wait_until_whole(self) -> None:
        """Until each Prometheus scrapes everything, every partner is polled, and Alertmanagers know each other."""
        copies, partners = self._scale.copies, len(self._credentials)
        whole = f'sum(up) == {3 * copies} and sum(vobiz_up{{endpoint="dashboard"}}) == {partners * copies}'
        for one in self.programs.values():
            if isinstance(one, Prometheus):
                one.wait_for(partial(one.query, whole), "all targets", patience=300)
            elif isinstance(one, Alertmanager):
                one.wait_for(partial(_settled, one.url, copies), "the others")

    def _make_exporter(self, copy: int) -> Exporter:
        directory = self._of("exporter", copy)
        climates = {
            auth_id: Climate(seed=SEED, auth_id=auth_id, volume=self._scale.volume)
            for auth_id, _ in self._credentials.values()
        }
        now = time.time()
        write_past(directory / "state.db", climates, now=now, shift=self._vobiz.now() - now)
        config = {
            "partners": [
                {"name": name, "auth_id": auth_id, "auth_token": token}
                for name, (auth_id, token) in self._credentials.items()
            ],
            "api": {"base_url": self._vobiz.url},
            "poll": {"interval": self._scale.interval},
            "state": {"path": str(directory / "state.db")},
            "collect": ["causes"],
            "causes": {"pages": CAUSE_PAGES},
        }
        self._write(f"{directory.name}/exporter.yml", config)
        address = self._addresses["vobiz"][copy]
        arguments = ("run", f"--config.file={directory / 'exporter.yml'}", f"--web.listen-address={address}")
        return Exporter(*arguments, log=directory / "exporter.log")

    def _make_alertmanager(self, copy: int) -> Alertmanager:
        config = shipped.alertmanager_config(
            shipped.shortened(shipped.shipped("alertmanager.example.yml"), self._scale.shorten),
            receiver=self._receiver.url,
            routing_key=self._receiver.routing_key,
            directory=self._directory,
        )
        own, *others = self._addresses["gossip"][copy:] + self._addresses["gossip"][:copy]
        flags = [f"--cluster.listen-address={own if others else ''}", *(f"--cluster.peer={one}" for one in others)]
        flags.append(f"--cluster.peer-timeout={PEER_TIMEOUT / self._scale.shorten:g}s")
        return Alertmanager(
            self._of("alertmanager", copy), config, flags=flags, address=self._addresses["alertmanager"][copy]
        )

    def _make_prometheus(self, copy: int) -> Prometheus:
        config = shipped.prometheus_config(
            shipped.shortened(shipped.shipped("prometheus.example.yml"), self._scale.shorten),
            addresses=self._addresses,
            rules=self._directory,
            replica=copy + 1,
        )
        flags = (f"--rules.alert.resend-delay={self._scale.interval}",)
        return Prometheus(
            self._of("prometheus", copy), config, flags=flags, address=self._addresses["prometheus"][copy]
        )

    def _of(self, kind: str, copy: int) -> Path:
        directory = self._directory / f"{kind}-{copy + 1}"
        directory.mkdir()
        return directory

    def _write(self, name: str, content: Any) -> None:
        path = self._directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000), encoding="utf-8")


def _settled(url: str, copies: int) -> bool:
    cluster = fetch_json(f"{url}/api/v2/status")["cluster"]
    return copies == 1 or (cluster["status"] == "ready" and len(cluster["peers"]) == copies)
