"""The committed dashboards: generated, complete, and about metrics that exist."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.grafana.boards import PATHS, ROOT, load
from tests.grafana.checks import CHECKS

needs_sdk = pytest.mark.skipif(sys.version_info < (3, 11), reason="grafana-foundation-sdk needs Python 3.11 or later")


def test_there_are_four_dashboards() -> None:
    assert [path.stem for path in PATHS] == ["vobiz-finance", "vobiz-health", "vobiz-overview", "vobiz-traffic"]


@needs_sdk
@pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
def test_generating_again_gives_the_committed_bytes() -> None:
    from grafana.generator.files import HOME, boards
    from grafana.generator.frame import written

    for uid, board in boards():
        assert (HOME / f"{uid}.json").read_text(encoding="utf-8") == written(board), f"run make dashboards: {uid}"


@needs_sdk
@pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
def test_who_imports_an_exported_dashboard_is_asked_for_the_data_source_and_nothing_else(tmp_path: Path) -> None:
    from grafana.generator.files import main

    assert main([f"--export={tmp_path}"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in PATHS]
    for path in tmp_path.iterdir():
        board = load(path)
        [asked] = board["__inputs"]
        assert (asked["name"], asked["pluginId"]) == ("DS_PROMETHEUS", "prometheus")
        assert "datasource" not in [variable["name"] for variable in board["templating"]["list"]]
        assert "${datasource" not in path.read_text(encoding="utf-8")


def test_what_the_linter_is_not_to_say_has_reasons() -> None:
    lint = yaml.safe_load((ROOT / "grafana" / "dashboards" / ".lint").read_text(encoding="utf-8"))
    assert all(rule["reason"] for rule in lint["exclusions"].values())


@needs_sdk
@pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_sdk_reads_every_key_of_a_dashboard(path: Path) -> None:
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins
    from grafana_foundation_sdk.models.dashboard import Dashboard

    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(load(path)), cls=JSONEncoder))
    assert list(lost(load(path), again, "")) == []


def lost(before: Any, after: Any, where: str) -> list[str]:
    """The paths of keys that are not there any more. An id or version of null says nothing and may go."""
    if isinstance(before, dict):
        missing = [f"{where}.{key}" for key, value in before.items() if value is not None and key not in after]
        inner = [lost(value, after[key], f"{where}.{key}") for key, value in before.items() if key in after]
    elif isinstance(before, list):
        missing = [] if len(before) == len(after) else [where]
        inner = [
            lost(old, new, f"{where}[{number}]") for number, (old, new) in enumerate(zip(before, after, strict=False))
        ]
    else:
        return []
    return missing + [path for paths in inner for path in paths]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_dashboard_satisfies_the_check(path: Path, check: str) -> None:
    assert list(CHECKS[check](load(path))) == []


def test_every_dashboard_is_explained() -> None:
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    assert [path.stem for path in PATHS if load(path)["title"] not in page] == []
