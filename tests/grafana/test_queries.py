"""What a real Prometheus answers: every query of every dashboard returns data, where the shipped rules are loaded."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bench.rules.history import Drop, History
from bench.rules.values import DAY, HOUR
from tests.grafana.boards import PATHS, expressions, load, runnable
from tests.rig.prometheus import Prometheus, rules_without_delays
from tests.rig.tools import tool, tool_3
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

LAST_RECORDED = ("vobiz:wallet_left", "vobiz:data_age_seconds", 'ALERTS{alertstate="firing",partner="beta"}')


@pytest.mark.parametrize("find", [tool, tool_3], ids=["2", "3"])
def test_every_query_returns_data_from_a_prometheus_with_a_past(find: Callable[[str], str], tmp_path: Path) -> None:
    server = find("prometheus")
    tool("promtool")
    now = time.time()
    past = History(
        partners=("acme", "beta"), end=now, step=240, days=9 * DAY, drop=Drop(partner="beta", begin=now - HOUR)
    )
    past.write(tmp_path, tmp_path / "data")
    rules = [str(path) for path in rules_without_delays(tmp_path / "rules")]
    config = {"global": {"evaluation_interval": "1s"}, "rule_files": rules}
    # nothing is scraped: what is there stays the latest
    flags = ("--query.lookback-delta=15m",)
    with Prometheus(tmp_path, config, flags=flags, server=server) as prometheus:
        for recorded in LAST_RECORDED:
            wait_for(partial(prometheus.query, recorded), recorded)
        empty = [
            f"{path.stem}, {name}"
            for path in PATHS
            for name, expr in expressions(load(path))
            if not shown(prometheus, expr)
        ]
    assert empty == []


def shown(prometheus: Prometheus, expr: str) -> bool:
    """Whether there is data for all partners, for the one that has a drop, or for the one that has none."""
    # a day's bar reaches to the end of its day
    at = time.time() - (DAY if "offset -1d" in expr else 0)
    chosen = (expr.replace("$partner", partner) for partner in ("$partner", "beta", "acme"))
    return any(prometheus.query(runnable(text, rate_interval="15m", window="30m"), at=at) for text in chosen)
