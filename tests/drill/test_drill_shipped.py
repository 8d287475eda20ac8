"""The drill changes addresses and intervals of the shipped files, and nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.config.kinds import parse_duration
from tests.drill import shipped
from tests.rig.tools import tool

ADDRESSES = {name: [f"127.0.0.1:{port}"] for port, name in enumerate(("vobiz", "prometheus", "alertmanager"), 1)}


def leaves(content: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value of a YAML document with the keys that lead to it."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from leaves(value, *path, key)
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from leaves(value, *path, str(place))
    else:
        yield path, content


def alertmanager(secrets: Path, factor: float = 10) -> shipped.Yaml:
    """The drill's Alertmanager configuration, its secrets in that directory."""
    content = shipped.shortened(shipped.shipped("alertmanager.example.yml"), factor)
    return shipped.alertmanager_config(content, receiver="http://127.0.0.1:4", routing_key="0" * 32, directory=secrets)


def prometheus(rules: Path, factor: float = 10) -> shipped.Yaml:
    """The drill's Prometheus configuration."""
    content = shipped.shortened(shipped.shipped("prometheus.example.yml"), factor)
    return shipped.prometheus_config(content, addresses=ADDRESSES, rules=rules, replica=1)


@pytest.mark.parametrize("name", shipped.rule_files())
def test_rules_differ_in_intervals_only(name: str) -> None:
    before = dict(leaves(shipped.shipped(name)))
    after = dict(leaves(shipped.shortened(shipped.shipped(name), 10)))
    assert before.keys() == after.keys()
    assert {path[-1] for path in before if before[path] != after[path]} <= shipped.INTERVALS


@pytest.mark.parametrize("name", shipped.rule_files())
def test_every_interval_is_divided_by_one_factor(name: str) -> None:
    before = dict(leaves(shipped.shipped(name)))
    after = dict(leaves(shipped.shortened(shipped.shipped(name), 10)))
    for path, value in before.items():
        if path[-1] in shipped.INTERVALS:
            assert parse_duration(after[path]) == pytest.approx(parse_duration(value) / 10)


def test_routes_and_inhibitions_differ_in_intervals_only(tmp_path: Path) -> None:
    before = shipped.shipped("alertmanager.example.yml")
    after = alertmanager(tmp_path)
    assert after["inhibit_rules"] == before["inhibit_rules"]
    changed = dict(leaves(after["route"]))
    differ = {path[-1] for path, value in leaves(before["route"]) if changed[path] != value}
    assert differ <= shipped.INTERVALS


def test_no_notification_leaves_this_machine(tmp_path: Path) -> None:
    for receiver in alertmanager(tmp_path)["receivers"]:
        for path, value in leaves(receiver):
            if path[-1].endswith("_file"):
                assert value.startswith(str(tmp_path))
            if path[-1] == "url":
                assert value.startswith("http://127.0.0.1:")


def test_every_job_of_the_example_is_scraped_at_its_address(tmp_path: Path) -> None:
    jobs = prometheus(tmp_path)["scrape_configs"]
    assert {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs} == ADDRESSES


def test_alerts_of_two_prometheus_servers_have_the_same_labels(tmp_path: Path) -> None:
    config = prometheus(tmp_path)
    dropped = {one["regex"] for one in config["alerting"]["alert_relabel_configs"] if one["action"] == "labeldrop"}
    assert set(config["global"]["external_labels"]) == dropped


@pytest.mark.process
def test_prometheus_and_alertmanager_take_the_changed_files(tmp_path: Path) -> None:
    promtool, amtool = tool("promtool"), tool("amtool")
    (tmp_path / "rules").mkdir()
    for name in shipped.rule_files():
        (tmp_path / name).write_text(yaml.safe_dump(shipped.shortened(shipped.shipped(name), 7)))
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(prometheus(tmp_path, 7)))
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(alertmanager(tmp_path, 7)))
    for command in ([promtool, "check", "config"], [amtool, "check-config"]):
        file = tmp_path / ("prometheus.yml" if "promtool" in command[0] else "alertmanager.yml")
        done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
