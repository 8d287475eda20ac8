"""Prometheus 3, and VictoriaMetrics with vmalert, fire the same alerts as Prometheus 2."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.rig.fetch import fetch
from tests.rig.process import free_port
from tests.rig.prometheus import rules_without_delays
from tests.rig.tools import tool, tool_3
from tests.rig.waiting import wait_for
from tests.rules.worlds import EXPECTED, MINUTE, ONSET, Firing, World, firing

pytestmark = pytest.mark.process


def test_prometheus_3_fires_the_same(tmp_path: Path) -> None:
    world = World(interval=MINUTE)
    found = firing(world, [ONSET - MINUTE, world.end], tmp_path, promtool=tool_3("promtool"))
    assert found == {ONSET - MINUTE: {}, world.end: EXPECTED}


class Vmalert:
    """VictoriaMetrics with a world that ends in six minutes, and vmalert on the shipped rules.

    Without ``for`` and ``keep_firing_for``: it looks at one moment, and versions before 1.92 do not know the latter.
    """

    def __init__(self, world: World, directory: Path, ending: ExitStack) -> None:
        self.database = f"http://127.0.0.1:{free_port()}"
        self.address = f"http://127.0.0.1:{free_port()}"
        self._ending = ending
        self._start(
            "victoria-metrics",
            f"-storageDataPath={directory / 'data'}",
            f"-httpListenAddr={self.database.removeprefix('http://')}",
            "-search.latencyOffset=0s",
        )
        wait_for(lambda: fetch(f"{self.database}/health"), "VictoriaMetrics")
        begin = time.time() - world.end + 6 * MINUTE
        lines = [
            f"{name} {value + begin if name.startswith(('vobiz_last', 'process')) else value!r} "
            f"{1000 * (begin + number * world.step):.0f}\n"
            for name, values in world.series()
            for number, value in enumerate(values)
            if value is not None
        ]
        post(f"{self.database}/api/v1/import/prometheus", "".join(lines).encode())
        fetch(f"{self.database}/internal/force_flush")
        rules_without_delays(directory / "rules")
        self._start(
            "vmalert",
            f"-rule={directory / 'rules'}/*.yml",
            f"-datasource.url={self.database}",
            f"-remoteWrite.url={self.database}",
            "-remoteWrite.flushInterval=200ms",
            # nobody listens there
            "-notifier.url=http://127.0.0.1:9",
            f"-httpListenAddr={self.address.removeprefix('http://')}",
        )

    def _start(self, program: str, *flags: str) -> None:
        process = subprocess.Popen([tool(program), *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._ending.callback(process.wait, 30)
        self._ending.callback(process.terminate)

    def alerts(self) -> list[dict[str, Any]]:
        """Those that fire now, the watchdog apart."""
        found = json.loads(fetch(f"{self.address}/api/v1/alerts"))["data"]["alerts"] or []
        return [one for one in found if one["state"] == "firing" and one["name"] != "VobizWatchdog"]


def post(url: str, body: bytes) -> None:
    """Send a body, without any proxy."""
    with build_opener(ProxyHandler({})).open(Request(url, data=body, method="POST"), timeout=60):
        pass


def test_victoriametrics_loads_the_rules_and_fires_the_same(tmp_path: Path) -> None:
    with ExitStack() as ending:
        vmalert = Vmalert(World(interval=MINUTE), tmp_path, ending)

        def by_partner() -> Firing:
            found: Firing = {}
            for one in vmalert.alerts():
                found.setdefault(one["labels"].get("partner", ""), set()).add(one["name"])
            return found

        wait_for(lambda: by_partner() == EXPECTED, "the same alerts as in Prometheus")
        assert not [one for one in vmalert.alerts() if "{{" in json.dumps([one["labels"], one["annotations"]])]
