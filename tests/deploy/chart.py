"""The Helm chart, filled as ``vobiz-exporter assets`` fills it, and what Helm's own library makes of it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.manifests import ROOT, Manifest, made
from tests.rig.tools import missing

helm: Any = importlib.import_module("helm_python") if importlib.util.find_spec("helm_python") else None

CHART = ROOT / "deploy" / "helm" / "vobiz-exporter"
RELEASE = "eu"

Values = Mapping[str, Any]


def write_chart(directory: Path) -> Path:
    """Lay out the chart in a directory, with rules, dashboards and schema; where it is."""
    chart = directory / CHART.name
    shutil.copytree(CHART, chart, ignore=shutil.ignore_patterns("rules", "dashboards", "values.schema.json"))
    for path, content in made().items():
        if path.is_relative_to(CHART):
            target = chart / path.relative_to(CHART)
            target.parent.mkdir(exist_ok=True)
            target.write_text(content, encoding="utf-8")
    return chart


def need_helm() -> None:
    """Skips the test where there is no wheel of helm-python-sdk; fails it with REQUIRE_TOOLS=1."""
    if helm is None:
        missing("helm-python-sdk, which has wheels for Linux on x86-64, is not installed")


def lint(chart: Path, values: Values) -> list[str]:
    """What ``helm lint --strict`` says, but for mere information."""
    report = helm.lint(chart, dict(values), strict=True)
    said = [f"{one['path']}: {one['error']}" for one in report["messages"] if one["severity"] > 1]
    return said + list(report["errors"])


def refusal(chart: Path, values: Values) -> str:
    """Why ``helm install`` would not take these values; empty if it would."""
    try:
        rendered(chart, values)
    except helm.HelmError as error:
        return str(error)
    return ""


def rendered(chart: Path, values: Values) -> list[Manifest]:
    """The objects that ``helm install`` would make. Raises HelmError."""
    return deepcopy(_objects(chart, json.dumps(values)))


@cache
def _objects(chart: Path, values: str) -> list[Manifest]:
    texts = [text for path, text in _rendered(chart, json.loads(values)).items() if path.endswith(".yaml")]
    return [manifest for text in texts for manifest in yaml.safe_load_all(text) if manifest is not None]


def notes(chart: Path, values: Values) -> str:
    """What is printed once it is installed."""
    [text] = [text for path, text in _rendered(chart, values).items() if path.endswith("NOTES.txt")]
    return text


def _rendered(chart: Path, values: Values) -> dict[str, str]:
    with helm.Chart.load(chart) as loaded:
        loaded.validate_schema(dict(values))
        texts: dict[str, str] = loaded.render(dict(values), name=RELEASE, namespace="vobiz")
        return texts
