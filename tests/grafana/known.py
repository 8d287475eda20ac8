"""Every metric a dashboard may name, with its labels: of the catalogue, the client library, Prometheus, the rules."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from exporter.metrics.catalogue import CATALOGUE
from tests.grafana.boards import ROOT
from tests.grafana.promql import named

RULES = ROOT / "prometheus" / "rules"
TARGET = frozenset({"cluster", "job", "instance"})


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """Every rule of the rule files."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yml"))]
    return tuple(rule for file in files for group in file["groups"] for rule in group["rules"])


@cache
def alerts() -> dict[str, dict[str, Any]]:
    """Every alerting rule by its name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


@cache
def of_the_exporter() -> dict[str, frozenset[str]]:
    """The labels of every sample of the exporter's own metrics, by name; a histogram has three names."""
    known: dict[str, frozenset[str]] = {}
    for metric in CATALOGUE:
        labels = TARGET | frozenset(metric.labels)
        if metric.kind == "histogram":
            known.update({f"{metric.name}_bucket": labels | {"le"}, f"{metric.name}_sum": labels})
            known[f"{metric.name}_count"] = labels
        else:
            known[metric.name] = labels
    return known


@cache
def metrics() -> dict[str, frozenset[str]]:
    """The labels of every metric by its name. A rule's are those that its expression groups by, and its own."""
    known: dict[str, frozenset[str]] = {"up": TARGET, "scrape_duration_seconds": TARGET} | of_the_exporter()
    own = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=own)
    for family in own.collect():
        for sample in family.samples:
            known[sample.name] = TARGET | frozenset(sample.labels)
    firing = set(TARGET)
    for rule in rules():
        labels = TARGET | named(rule["expr"]).grouping | frozenset(rule.get("labels", ()))
        if "record" in rule:
            known[rule["record"]] = known.get(rule["record"], frozenset()) | labels - {"instance"}
        else:
            firing |= labels
    known["ALERTS_FOR_STATE"] = frozenset(firing) | {"alertname", "partner"}
    known["ALERTS"] = known["ALERTS_FOR_STATE"] | {"alertstate"}
    return known
