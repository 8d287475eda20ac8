"""prometheus/mixin.libsonnet: the shipped rules and dashboards, as jsonnet sees them."""

from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.checkout import ROOT, assets
from tests.rig.process import run
from tests.rig.tools import missing, tool

pytestmark = pytest.mark.process

MIXIN = "prometheus/mixin.libsonnet"
PARTS = ["prometheusAlerts", "prometheusRules", "grafanaDashboards"]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
BOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))

VISIBLE = f"local mixin = import '{ROOT / MIXIN}'; {{[name]: mixin[name] for name in {PARTS}}}"
EVALUATE = "import sys, _gojsonnet; print(_gojsonnet.evaluate_snippet('mixin', sys.argv[1]))"
"""Run in a process of its own: Helm's library has a Go runtime as well, and two do not belong into one process."""


@cache
def mixin() -> dict[str, Any]:
    """The fields of the mixin. Skips the test without the wheel of gojsonnet."""
    if importlib.util.find_spec("_gojsonnet") is None:
        missing("gojsonnet, which has wheels for Linux on x86-64, is not installed")
    fields: dict[str, Any] = json.loads(run(sys.executable, "-c", EVALUATE, VISIBLE))
    return fields


def shipped() -> list[dict[str, Any]]:
    return [group for path in RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]


@pytest.mark.parametrize(
    ("name", "kind", "suffix"), [("prometheusAlerts", "alert", ""), ("prometheusRules", "record", ".rules")]
)
def test_its_groups_are_those_that_ship(name: str, kind: str, suffix: str) -> None:
    halves = [
        {**group, "name": group["name"] + suffix, "rules": [rule for rule in group["rules"] if kind in rule]}
        for group in shipped()
    ]
    assert mixin()[name] == {"groups": [half for half in halves if half["rules"]]}


def test_its_dashboards_are_those_that_ship() -> None:
    assert mixin()["grafanaDashboards"] == {path.name: json.loads(path.read_text("utf-8")) for path in BOARDS}


def test_prometheus_takes_both_kinds_of_rules_from_one_file(tmp_path: Path) -> None:
    groups = [*mixin()["prometheusRules"]["groups"], *mixin()["prometheusAlerts"]["groups"]]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": groups}))
    run(tool("promtool"), "check", "rules", tmp_path / "rules.yml")


def test_it_is_among_the_assets_beside_what_it_reads() -> None:
    read = {path.relative_to(ROOT).as_posix() for path in (*RULES, *BOARDS)}
    assert {MIXIN, *read} <= assets().keys()
