"""Which alerts each fault fires, at each poll interval, with one exporter or two, in Prometheus 2, 3 and vmalert."""

from __future__ import annotations

import json
import re
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.rig.fetch import fetch
from tests.rig.process import free_port
from tests.rig.prometheus import RULES, rules_without_delays
from tests.rig.tools import tool, tool_3
from tests.rig.waiting import wait_for
from tests.rules.worlds import FAULTS, HOUR, MINUTE, ONSET, World, notation

pytestmark = pytest.mark.process

ALERTS = re.findall(r"- alert: (\w+)", "".join(path.read_text(encoding="utf-8") for path in RULES))
EXPECTED = {fault: set(alerts) for fault, alerts in FAULTS.items() if alerts}
Firing = dict[str, set[str]]
"""The names of alerts by partner; those that belong to none under the empty name."""
INTERVALS = {"15s": 15, "1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": HOUR}


def firing(world: World, moments: list[int], directory: Path, *, promtool: str = "") -> dict[int, Firing]:
    """Which alerts fire at these moments, by promtool: it names what was not expected, and nothing is."""
    looks = [{"alertname": alert, "eval_time": f"{at}s", "exp_alerts": []} for at in moments for alert in ALERTS]
    test = {
        "interval": f"{world.step}s",
        "input_series": [{"series": name, "values": notation(values)} for name, values in world.series()],
        "alert_rule_test": looks,
    }
    # Where polls are rarer, so are evaluations: each takes promtool as long, and the hours are more. But there are two
    # between polls at least, so that one comes long after a poll.
    between = max(MINUTE, min(world.interval // 2, 5 * MINUTE))
    document = {"rule_files": [str(path) for path in RULES], "evaluation_interval": f"{between}s", "tests": [test]}
    path = directory / "world.test.yml"
    path.write_text(json.dumps(document), encoding="utf-8")
    command = [promtool or tool("promtool"), "test", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    found: dict[int, Firing] = {at: {} for at in moments}
    for alert, at, labels in re.findall(r"alertname: (\w+), time: (\w+),|Labels:\{(.*)\}", output):
        if alert:
            moment = found[_seconds(at)]
            continue
        fired = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        moment.setdefault(fired.get("partner", ""), set()).add(fired["alertname"])
    assert all("VobizWatchdog" in fired.pop("") for fired in found.values()), output
    return found


def _seconds(duration: str) -> int:
    units = {"d": 24 * HOUR, "h": HOUR, "m": MINUTE, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([dhms])", duration))


@pytest.mark.parametrize("interval", INTERVALS.values(), ids=INTERVALS)
def test_each_fault_fires_its_alerts_and_no_other_at_every_poll_interval(interval: int, tmp_path: Path) -> None:
    world = World(interval=interval)
    calm = list(range(0, ONSET, 25 * MINUTE))
    # between two polls, too: an alert that comes and goes with each poll is no alert
    lasting = [world.end - 13 * MINUTE, world.end - 6 * MINUTE, world.end]
    found = firing(world, calm + lasting, tmp_path)
    assert [at for at in calm if found[at]] == []
    assert {at: found[at] for at in lasting} == dict.fromkeys(lasting, EXPECTED)


def test_losing_one_of_two_exporters_neither_pages_nor_hides_a_fault(tmp_path: Path) -> None:
    world = World(interval=MINUTE, exporters=2)
    found = firing(world, [ONSET - MINUTE, ONSET + 5 * MINUTE, world.end], tmp_path)
    assert found[ONSET - MINUTE] == {}
    assert "none" not in found[ONSET + 5 * MINUTE]
    assert found[world.end] == EXPECTED


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
