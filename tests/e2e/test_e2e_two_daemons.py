"""The example of docs/scaling.md: two daemons with partners of their own under one Prometheus, and the rules."""

from __future__ import annotations

import re
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.drill.shipped import rule_files, shipped, shortened
from tests.e2e.conftest import StartVobiz
from tests.rig.counting import CountingExporter
from tests.rig.prometheus import Prometheus, scraping
from tests.rig.simulated import SimulatedVobiz
from tests.rig.tools import tool
from tests.rig.waiting import wait_for

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
SHORTEN = 30
"""What intervals and "for" are divided by: a test does not wait for three minutes."""


def example(name: str) -> dict[str, Any]:
    """The YAML of the page that begins with the name of its file."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (text,) = (block for block in blocks if block.startswith(f"# {name}"))
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def daemon(config: dict[str, Any], vobiz: SimulatedVobiz, number: int, directory: Path) -> CountingExporter:
    """One of the two, with the credentials of a partner of the simulated Vobiz and its state under this directory."""
    auth_id, token = vobiz.partners[number]
    for partner in config["partners"]:
        partner.update(auth_id=auth_id, auth_token=token)
        del partner["auth_token_file"]
    del config["state"]
    return CountingExporter(directory, vobiz, config=config)


def start_prometheus(targets: dict[str, str], directory: Path) -> Prometheus:
    """With the page's scrape configuration, its targets replaced, and every rule file that ships."""
    jobs = example("prometheus.yml")["scrape_configs"]
    for job in jobs:
        for static in job["static_configs"]:
            static["targets"] = [targets[target] for target in static["targets"]]
    rules = []
    for name in rule_files():
        path = directory / Path(name).name
        path.write_text(yaml.safe_dump(shortened(shipped(name), SHORTEN), width=10_000), encoding="utf-8")
        rules.append(path)
    tool("prometheus")
    return Prometheus(directory, {**scraping([], rules=rules), "scrape_configs": jobs})


def drop_scores(prometheus: Prometheus) -> dict[str, float]:
    """The threshold that the rules use, by partner."""
    found = prometheus.query('vobiz:alert_threshold{alert="answer_drop_score"}')
    return {series["metric"]["partner"]: float(series["value"][1]) for series in found}


def recorded(prometheus: Prometheus, partner: str) -> set[str]:
    """What the rules have recorded of a partner."""
    found = prometheus.query(f'{{__name__=~"vobiz:.+",partner="{partner}"}}')
    return {series["metric"]["__name__"] for series in found}


@pytest.mark.timeout(300)
def test_two_daemons_under_one_prometheus_are_judged_each_by_itself(
    start_vobiz: StartVobiz, ending: ExitStack, tmp_path: Path
) -> None:
    vobiz = start_vobiz(seed=5, partners=2, volume=20_000)
    north = ending.enter_context(daemon(example("north.yaml"), vobiz, 0, tmp_path / "north"))
    south = ending.enter_context(daemon(example("south.yaml"), vobiz, 1, tmp_path / "south"))
    (tmp_path / "prometheus").mkdir()
    targets = {"localhost:10147": north.address, "localhost:10148": south.address}
    prometheus = ending.enter_context(start_prometheus(targets, tmp_path / "prometheus"))
    own = {("acme", north.address), ("zenith", south.address)}

    def whose(expression: str) -> set[tuple[str, str]]:
        found = [series["metric"] for series in prometheus.query(expression)]
        return {(labels["partner"], labels["instance"]) for labels in found}

    wait_for(lambda: whose("vobiz_up == 1") == own, "both partners polled")
    wait_for(lambda: whose("vobiz:answer_ratio:expected") == own, "what is usual, of both")
    wait_for(lambda: {rule["health"] for rule in prometheus.rules()} == {"ok"}, "every rule evaluated")
    assert not [rule["name"] for rule in prometheus.rules() if rule.get("lastError")]

    thresholds = {"acme": 1.0, "zenith": 2.0}
    wait_for(lambda: drop_scores(prometheus) == thresholds, "each partner's own threshold")

    assert whose('{__name__=~"vobiz:.+",partner!=""}') == own
    wait_for(lambda: recorded(prometheus, "acme") == recorded(prometheus, "zenith"), "the same of both")

    south.stop(signal.SIGKILL)
    down = 'ALERTS{alertname="VobizExporterDown"}'
    wait_for(lambda: prometheus.query(down), "an alert for the daemon that was killed")
    assert {series["metric"]["instance"] for series in prometheus.query(down)} == {south.address}
