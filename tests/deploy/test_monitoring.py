"""deploy/kubernetes/monitoring: the shipped rules and dashboards, and target labels that the rules can live with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.metrics.catalogue import CATALOGUE
from tests.deploy.manifests import MONITORING, ROOT, Manifest, kustomization, objects, the
from tests.rig.process import run
from tests.rig.tools import tool

RULE_FILES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
BOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))


def every(kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in objects(MONITORING) if one["kind"] == kind}


def test_the_rules_are_those_of_prometheus() -> None:
    assert {name: one["spec"] for name, one in every("PrometheusRule").items()} == {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in RULE_FILES
    }


def test_rules_have_only_fields_that_the_operator_knows() -> None:
    known = {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"}
    for one in every("PrometheusRule").values():
        assert set(one["spec"]) == {"groups"}
        for group in one["spec"]["groups"]:
            assert set(group) <= {"name", "interval", "limit", "rules"}
            assert [rule for rule in group["rules"] if not set(rule) <= known] == []


def test_grafanas_sidecar_finds_the_dashboards_as_they_are() -> None:
    boards = every("ConfigMap")
    assert sorted(boards) == [f"{path.stem}-dashboard" for path in BOARDS]
    for path in BOARDS:
        one = boards[f"{path.stem}-dashboard"]
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert one["data"] == {path.name: path.read_text(encoding="utf-8")}
        assert json.loads(one["data"][path.name])["uid"] == path.stem


def test_kube_prometheus_stack_picks_them_up() -> None:
    assert {"release": "kube-prometheus-stack"}.items() <= kustomization(MONITORING)["labels"][0]["pairs"].items()


@pytest.fixture(scope="module")
def target_labels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The labels that every scraped series gets: found out by Prometheus, from what the operator makes of the
    ServiceMonitor and from what Kubernetes says of the pod of a Service whose name has got a prefix."""
    folder = tmp_path_factory.mktemp("discovery")
    found = {
        "__address__": "10.0.0.7:10147",
        "__meta_kubernetes_namespace": "vobiz",
        "__meta_kubernetes_service_name": "eu-vobiz-exporter",
        "__meta_kubernetes_service_label_app_kubernetes_io_name": "vobiz-exporter",
        "__meta_kubernetes_pod_name": "eu-vobiz-exporter-0",
        "__meta_kubernetes_pod_container_name": "vobiz-exporter",
    }
    address = found.pop("__address__")
    (folder / "targets.json").write_text(json.dumps([{"targets": [address], "labels": found}]))
    name = "serviceMonitor/vobiz/vobiz-exporter/0"
    job = {
        "job_name": name,
        "file_sd_configs": [{"files": [str(folder / "targets.json")]}],
        "relabel_configs": [*_added_by_the_operator(), *_in_prometheus_words()],
    }
    config = folder / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": [job]}))
    [target] = _discovered(config, name)
    labels: dict[str, str] = target["labels"]
    return {name: value for name, value in labels.items() if not name.startswith("__")}


def _added_by_the_operator() -> list[dict[str, Any]]:
    monitor = the("ServiceMonitor")["spec"]
    label = re.sub(r"\W", "_", monitor["jobLabel"])
    meta = "__meta_kubernetes_"
    return [
        {"source_labels": [f"{meta}namespace"], "target_label": "namespace"},
        {"source_labels": [f"{meta}service_name"], "target_label": "service"},
        {"source_labels": [f"{meta}pod_name"], "target_label": "pod"},
        {"source_labels": [f"{meta}pod_container_name"], "target_label": "container"},
        {"source_labels": [f"{meta}service_name"], "target_label": "job"},
        {"source_labels": [f"{meta}service_label_{label}"], "target_label": "job", "regex": "(.+)"},
        {"target_label": "endpoint", "replacement": monitor["endpoints"][0]["port"]},
    ]


def _in_prometheus_words() -> list[dict[str, Any]]:
    relabelings = the("ServiceMonitor")["spec"]["endpoints"][0]["relabelings"]
    return [
        {re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", key): value for key, value in step.items()}
        for step in relabelings
    ]


def _discovered(config: Path, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        run(tool("promtool"), "check", "service-discovery", "--timeout=2s", config, job)
    )
    return found


@pytest.mark.process
def test_the_job_is_one_that_vobiz_exporter_down_knows(target_labels: dict[str, str]) -> None:
    rules = "\n".join(path.read_text(encoding="utf-8") for path in RULE_FILES)
    [pattern] = set(re.findall(r'up\{job=~"([^"]+)"\}', rules))
    assert re.fullmatch(pattern, target_labels["job"])


@pytest.mark.process
def test_the_instance_stays_when_the_pod_gets_another_address(target_labels: dict[str, str]) -> None:
    assert target_labels["instance"] == "eu-vobiz-exporter-0"


@pytest.mark.process
def test_no_label_of_a_target_replaces_one_of_a_metric(target_labels: dict[str, str]) -> None:
    assert set(target_labels) == {"job", "instance", "namespace"}
    assert set(target_labels) & {label for metric in CATALOGUE for label in metric.labels} == set()
