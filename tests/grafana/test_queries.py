"""What a real Prometheus answers: every query of every dashboard returns data, where the shipped rules are loaded."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from bench.rules.history import DAY, HOUR, Drop, History
from tests.grafana.boards import PATHS, expressions, load, runnable
from tests.grafana.known import RULES
from tests.rig.fetch import fetch
from tests.rig.process import free_port
from tests.rig.tools import tool
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

LAST_RECORDED = ("vobiz:wallet_left", "vobiz:data_age_seconds", 'ALERTS{alertstate="firing",partner="beta"}')


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def query(address: str, expr: str, at: float) -> list[dict[str, Any]]:
    answer = json.loads(fetch(f"{address}/api/v1/query?{urlencode({'query': expr, 'time': at})}"))
    assert answer["status"] == "success", answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def _now(address: str, expr: str) -> list[dict[str, Any]]:
    return query(address, expr, time.time())


@pytest.mark.timeout(300)
def test_every_query_returns_data_from_a_prometheus_with_a_past(ending: ExitStack, tmp_path: Path) -> None:
    tool("promtool")
    now = time.time()
    past = History(
        partners=("acme", "beta"), end=now, step=240, days=9 * DAY, drop=Drop(partner="beta", begin=now - HOUR)
    )
    past.write(tmp_path, tmp_path / "data")
    config = {"global": {"evaluation_interval": "1s"}, "rule_files": [str(path) for path in _hurried_rules(tmp_path)]}
    (tmp_path / "prometheus.yml").write_text(json.dumps(config), encoding="utf-8")
    port = free_port()
    program = [
        tool("prometheus"),
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
    ]
    # nothing is scraped: what is there stays the latest
    flags = [f"--web.listen-address=127.0.0.1:{port}", "--query.lookback-delta=15m", "--log.level=error"]
    process = subprocess.Popen([*program, *flags])
    ending.callback(process.wait, 30)
    ending.callback(process.terminate)
    address = f"http://127.0.0.1:{port}"
    for recorded in LAST_RECORDED:
        wait_for(partial(_now, address, recorded), recorded)
    empty = [
        f"{path.stem}, {name}" for path in PATHS for name, expr in expressions(load(path)) if not shown(address, expr)
    ]
    assert empty == []


def shown(address: str, expr: str) -> bool:
    """Whether there is data for all partners, for the one that has a drop, or for the one that has none."""
    # a day's bar reaches to the end of its day
    at = time.time() - (DAY if "offset -1d" in expr else 0)
    chosen = (expr.replace("$partner", partner) for partner in ("$partner", "beta", "acme"))
    return any(query(address, runnable(text, rate_interval="15m", window="30m"), at) for text in chosen)


def _hurried_rules(directory: Path) -> list[Path]:
    """The shipped rules, evaluated every second, and without waiting."""
    paths = []
    for shipped in sorted(RULES.glob("*.yml")):
        document = yaml.safe_load(shipped.read_text(encoding="utf-8"))
        for group in document["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                rule.pop("for", None)
        path = directory / shipped.name
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        paths.append(path)
    return paths
