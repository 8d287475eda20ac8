"""Prometheus 3 beside Prometheus 2: it takes the rules and the example, scrapes the same series, and fires the same."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.rig.exporter import Exporter, write_config
from tests.rig.fetch import fetch_json
from tests.rig.process import run
from tests.rig.prometheus import RULES, Prometheus, rules_without_delays, scraping
from tests.rig.simulated import SimulatedVobiz
from tests.rig.tools import tool, tool_3
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
FIRING = {"VobizWatchdog", "VobizAuthFailed", "VobizApiErrors"}
UNIT_TESTS = sorted(Path(__file__).parent.glob("*.test.yml"))


def test_its_promtool_takes_the_rules_and_the_example() -> None:
    run(tool_3("promtool"), "check", "rules", *RULES)
    run(tool_3("promtool"), "check", "config", ROOT / "prometheus" / "prometheus.example.yml")


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.name)
def test_the_alerts_fire_and_stay_quiet_as_their_unit_tests_say(path: Path) -> None:
    run(tool_3("promtool"), "test", "rules", path)


def test_both_scrape_the_same_series_and_fire_the_same_alerts(tmp_path: Path) -> None:
    rules = rules_without_delays(tmp_path / "rules")
    servers = [tool("prometheus"), tool_3("prometheus")]
    with ExitStack() as ending:
        vobiz = ending.enter_context(SimulatedVobiz(partners=2))
        partners = "\n".join(f"- {{auth_id: {auth_id}, auth_token: {token}}}" for auth_id, token in vobiz.partners)
        config = write_config(tmp_path, vobiz.url, partners=partners, extra="collect: [wallet, customers, causes]\n")
        exporter = ending.enter_context(Exporter(f"--config.file={config}"))
        exporter.wait_until_ready()
        scrape = scraping([exporter.url.removeprefix("http://").removesuffix("/metrics")], rules=rules)
        two, three = (
            ending.enter_context(Prometheus(tmp_path / f"prometheus-{number}", scrape, server=server))
            for number, server in enumerate(servers)
        )
        vobiz.begin(kind="unauthorized", partner="PA_DEMO0001")
        wait_for(lambda: alerts(two).keys() == FIRING and alerts(two) == alerts(three), "the same alerts")
        vobiz.pause()
        wait_for(lambda: series(two) == series(three), "the same series")
        groups = fetch_json(f"{three.url}/api/v1/rules")["data"]["groups"]
        assert [rule for group in groups for rule in group["rules"] if rule["health"] != "ok"] == []


def alerts(prometheus: Prometheus) -> dict[str, list[dict[str, str]]]:
    """The labels of those that fire, by name."""
    firing: dict[str, list[dict[str, str]]] = {}
    for one in fetch_json(f"{prometheus.url}/api/v1/alerts")["data"]["alerts"]:
        if one["state"] == "firing":
            firing.setdefault(one["labels"]["alertname"], []).append(one["labels"])
    return firing


def series(prometheus: Prometheus) -> set[str]:
    """Every series that it has scraped."""
    found = prometheus.query('{job="vobiz",instance!="",__name__!~"vobiz:.+|ALERTS.*"}')
    return {str(sorted(one["metric"].items())) for one in found}
