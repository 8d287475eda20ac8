"""What a real Prometheus answers: every query of every dashboard returns data, where the shipped rules are loaded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.grafana.boards import PATHS, expressions, load, runnable
from tests.grafana.known import RULES
from tests.grafana.past import DAY, Series, write_past
from tests.rig.exporter import running
from tests.rig.prometheus import Prometheus, scraping
from tests.rig.tools import tool
from tests.rig.waiting import wait_for

LAST_RECORDED = ("vobiz:answer_drop_score", "vobiz:cost_per_minute:15m", "vobiz:minutes_per_call:15m")
"""What the rules record last of what needs no past of recorded series."""

FAST = 3_600
"""Simulated seconds a second: a day's spend within minutes makes a critical alert fire, which some panels are about."""


@pytest.mark.timeout(300)
def test_every_query_returns_data_from_a_prometheus_that_scrapes_the_demo(tmp_path: Path) -> None:
    tool("prometheus")
    data, rules = tmp_path / "data", _hurried_rules(tmp_path)
    with running("demo", "--demo.volume=20000", f"--demo.speed={FAST}") as daemon:
        target = urlsplit(daemon.url).netloc

        def prometheus() -> Prometheus:
            return Prometheus(tmp_path, scraping([target], rules=rules))

        wait_for(lambda: daemon.value("vobiz_customers_below_balance") is not None, "customers on the page")
        wait_for(lambda: daemon.value("vobiz_product_call_seconds_total"), "calls that were counted")
        write_past(tmp_path, data, _scraped(daemon.page(), target), value=_before)
        with prometheus() as first:
            for name in LAST_RECORDED:
                wait_for(partial(first.query, name), name)
            recorded = [(one["metric"], float(one["value"][1])) for one in first.query('{__name__=~"vobiz:.+"}')]
        write_past(tmp_path, data, recorded, value=lambda _name, now, _ago: now)
        with prometheus() as second:
            for name, expr in _queries():
                # a day's bar reaches to the end of its day
                at = time.time() - DAY if "offset -1d" in expr else None
                wait_for(partial(second.query, expr, at=at), f"{name}: {expr}")
            [hours] = second.query("vobiz:wallet_hours:7d")
            assert float(hours["value"][1]) > 0
            assert not second.query("vobiz_account_info")


def _queries() -> Iterator[tuple[str, str]]:
    for path in PATHS:
        for name, expr in expressions(load(path)):
            yield f"{path.stem}, {name}", runnable(expr)


def _scraped(page: str, target: str) -> Iterator[Series]:
    """What Prometheus makes of the figures on a page."""
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name.startswith("vobiz_"):
                yield {"__name__": sample.name, **sample.labels, "job": "vobiz", "instance": target}, sample.value


def _before(name: str, now: float, ago: float) -> float:
    """A past in which the last poll was always fresh, money left the wallet, and counters grew for nine days."""
    if name.endswith("_timestamp_seconds"):
        return now - ago
    if name == "vobiz_wallet_balance":
        return now + ago
    counts = name.endswith(("_total", "_bucket", "_count", "_sum"))
    return now * (1 - ago / (9 * DAY)) if counts else now


def _hurried_rules(directory: Path) -> list[Path]:
    """The shipped rules, evaluated every second instead of once or twice a minute."""
    paths = []
    for shipped in sorted(RULES.glob("*.yml")):
        document = yaml.safe_load(shipped.read_text(encoding="utf-8"))
        for group in document["groups"]:
            group["interval"] = "1s"
        path = directory / shipped.name
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        paths.append(path)
    return paths
