"""What a real Prometheus makes of the demonstration's extras: every query of the dashboard's row returns data."""

from __future__ import annotations

import subprocess
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.daemon.running import running
from tests.e2e.processes import Prometheus, free_port, wait_for
from tests.grafana.boards import ROOT, load, runnable
from tests.tools import tool

RULES = ("vobiz-thresholds.yml", "vobiz-wallets.yml")
DAYS = 2


def test_every_query_about_wallets_returns_data_from_a_prometheus_that_scrapes_the_demo(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running("demo", "--demo.volume=20000") as daemon:
        target = urlsplit(daemon.url).netloc
        _write_past(tmp_path / "past.om", target, data)
        prometheus = Prometheus(
            tool("prometheus"), directory=tmp_path, target=target, port=free_port(), rules=_hurried_rules(tmp_path)
        )
        with prometheus:
            for expr in _expressions():
                wait_for(partial(prometheus.query, expr), expr)
            [hours] = prometheus.query("vobiz:wallet_hours:7d")
            assert float(hours["value"][1]) > 0
            assert not prometheus.query("vobiz_account_info")


def _expressions() -> list[str]:
    board = load(ROOT / "grafana" / "dashboards" / "vobiz-overview.json")
    [row] = [panel for panel in board["panels"] if panel["type"] == "row"]
    expressions = [target["expr"] for panel in row["panels"] for target in panel["targets"]]
    assert len(expressions) >= 8
    return [runnable(expr) for expr in expressions]


def _hurried_rules(directory: Path) -> list[Path]:
    """The shipped rules, evaluated every second instead of every minute."""
    paths = []
    for name in RULES:
        document = yaml.safe_load((ROOT / "prometheus" / "rules" / name).read_text(encoding="utf-8"))
        for group in document["groups"]:
            group["interval"] = "1s"
        path = directory / name
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        paths.append(path)
    return paths


def _write_past(path: Path, target: str, data: Path) -> None:
    """Two days in which money left the wallet: without them nobody can say how long it lasts."""
    now = int(time.time())
    name = f'vobiz_wallet_balance{{job="vobiz",instance="{target}",partner="demo",currency="INR"}}'
    lines = ["# TYPE vobiz_wallet_balance gauge"]
    lines += [f"{name} {1_000_000_000 + ago} {now - ago}" for ago in range(DAYS * 86_400, 3_600, -240)]
    path.write_text("\n".join([*lines, "# EOF\n"]), encoding="utf-8")
    command = [tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(path), str(data)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
