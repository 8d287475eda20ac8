"""deploy/helm: the chart makes what the manifests of kustomize are, and refuses values that would not work."""

from __future__ import annotations

import json
import tarfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from exporter.commands.arguments import parse_arguments
from exporter.config.load import load_config
from tests.deploy.chart import CHART, RELEASE, Values, lint, need_helm, notes, refusal, rendered, write_chart
from tests.deploy.manifests import KUBERNETES, ROOT, SECRET, Manifest, container, filled, pod, the
from tests.docs.pages import blocks
from tests.rig.process import run

RULE_FILES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
BOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
DEPLOYMENT = ROOT / "docs" / "deployment.md"
NAME = f"{RELEASE}-vobiz-exporter"

PLAIN: Values = {"config": {"partners": yaml.safe_load((KUBERNETES / "config.yaml").read_text("utf-8"))["partners"]}}
EVERYTHING: Values = {
    **PLAIN,
    "shards": 3,
    "image": {"digest": "sha256:" + 64 * "a"},
    "imagePullSecrets": [{"name": "pull"}],
    "extraArgs": ["--log.format=json"],
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
    "extraVolumes": [{"name": "web", "secret": {"secretName": "web"}}],
    "extraVolumeMounts": [{"name": "web", "mountPath": "/etc/web"}],
    "persistence": {"storageClassName": "fast"},
    "commonLabels": {"team": "voice"},
    "podLabels": {"cost": "low"},
    "podAnnotations": {"note": "1"},
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "voice", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "high",
    "networkPolicy": {"enabled": True, "extraEgress": [{"ports": [{"protocol": "TCP", "port": 3128}]}]},
    "serviceMonitor": {"enabled": True, "labels": {"release": "stack"}, "endpoint": {"scheme": "https"}},
    "prometheusRule": {"enabled": True, "labels": {"release": "stack"}},
    "dashboards": {"enabled": True},
}
DOCUMENTED: Values = yaml.safe_load(
    next(page for page in blocks(DEPLOYMENT, "yaml") if page.startswith("# values.yaml"))
)


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_helm()
    return write_chart(tmp_path_factory.mktemp("chart"))


def only(chart: Path, kind: str, values: Values) -> Manifest:
    made = [one for one in rendered(chart, values) if one["kind"] == kind]
    [found] = [one for one in made if "grafana_dashboard" not in one["metadata"]["labels"]]
    return found


def pod_of(chart: Path, values: Values) -> Manifest:
    spec: Manifest = only(chart, "StatefulSet", values)["spec"]["template"]["spec"]
    return spec


def configuration(chart: Path, values: Values) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(only(chart, "ConfigMap", values)["data"]["config.yaml"])
    return document


@pytest.mark.parametrize("values", [PLAIN, DOCUMENTED, EVERYTHING], ids=["plain", "documented", "everything"])
def test_helm_has_no_objection_to_the_chart(chart: Path, values: Values) -> None:
    assert lint(chart, values) == []


@pytest.mark.parametrize("version", ["1.29", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("values", [PLAIN, EVERYTHING], ids=["plain", "everything"])
def test_the_published_schema_takes_what_it_makes(chart: Path, values: Values, version: str) -> None:
    built_in = [one for one in rendered(chart, values) if not one["apiVersion"].startswith("monitoring.coreos.com")]
    assert {"ConfigMap", "Service", "StatefulSet"} <= {one["kind"] for one in built_in}
    for manifest in built_in:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_its_pod_is_that_of_the_manifests(chart: Path) -> None:
    made, theirs = pod_of(chart, PLAIN), deepcopy(pod())
    [ours] = made["containers"]
    assert ours.pop("image") == f"registry.example.com/vobiz-exporter:{yaml_of('Chart')['appVersion']}"
    assert ours.pop("imagePullPolicy") == "IfNotPresent"
    theirs["containers"] = [{key: value for key, value in container().items() if key != "image"}]
    theirs["volumes"][0]["configMap"]["name"] = NAME
    assert made == theirs


def test_its_volume_its_service_and_its_policy_are_those_of_the_manifests(chart: Path) -> None:
    claims = only(chart, "StatefulSet", PLAIN)["spec"]["volumeClaimTemplates"]
    assert claims == the("StatefulSet")["spec"]["volumeClaimTemplates"]
    for kind, values in (("Service", PLAIN), ("NetworkPolicy", {**PLAIN, "networkPolicy": {"enabled": True}})):
        made, theirs = only(chart, kind, values)["spec"], the(kind)["spec"]
        differing = {key for key in made.keys() | theirs.keys() if made.get(key) != theirs.get(key)}
        assert differing == {"selector" if kind == "Service" else "podSelector"}


def test_selectors_find_the_pod_of_their_own_release(chart: Path) -> None:
    labels = only(chart, "StatefulSet", EVERYTHING)["spec"]["template"]["metadata"]["labels"]
    selected = {"app.kubernetes.io/name": "vobiz-exporter", "app.kubernetes.io/instance": RELEASE}
    assert selected.items() <= labels.items()
    assert only(chart, "StatefulSet", EVERYTHING)["spec"]["selector"]["matchLabels"] == selected
    assert only(chart, "Service", EVERYTHING)["spec"]["selector"] == selected
    assert only(chart, "NetworkPolicy", EVERYTHING)["spec"]["podSelector"]["matchLabels"] == selected
    assert only(chart, "ServiceMonitor", EVERYTHING)["spec"]["selector"]["matchLabels"] == selected
    assert selected.items() <= only(chart, "Service", EVERYTHING)["metadata"]["labels"].items()


def test_the_service_monitor_is_that_of_the_manifests_and_takes_more(chart: Path) -> None:
    made, theirs = only(chart, "ServiceMonitor", EVERYTHING), the("ServiceMonitor")
    assert made["spec"]["jobLabel"] == theirs["spec"]["jobLabel"]
    assert made["spec"]["endpoints"] == [{**theirs["spec"]["endpoints"][0], "scheme": "https"}]
    assert made["metadata"]["labels"]["release"] == "stack"


def test_values_of_the_pod_reach_the_pod(chart: Path) -> None:
    made = pod_of(chart, EVERYTHING)
    [ours] = made["containers"]
    assert ours["image"] == f"registry.example.com/vobiz-exporter@{EVERYTHING['image']['digest']}"
    assert parse_arguments(ours["args"]).log_format == "json"
    assert ours["env"] == EVERYTHING["extraEnv"]
    assert ours["volumeMounts"][-1:] == EVERYTHING["extraVolumeMounts"]
    assert made["volumes"][-1:] == EVERYTHING["extraVolumes"]
    for key in ("affinity", "imagePullSecrets", "nodeSelector", "priorityClassName", "tolerations"):
        assert made[key] == EVERYTHING[key]


def test_without_persistence_the_pod_has_a_volume_all_the_same(chart: Path) -> None:
    values = {**PLAIN, "persistence": {"enabled": False}}
    assert {"name": "state", "emptyDir": {}} in pod_of(chart, values)["volumes"]
    assert "volumeClaimTemplates" not in only(chart, "StatefulSet", values)["spec"]


def test_the_exporter_takes_the_configuration_that_it_makes(chart: Path, tmp_path: Path) -> None:
    token, text = tmp_path / "auth_token", filled(only(chart, "ConfigMap", PLAIN)["data"]["config.yaml"])
    token.write_text("t0ken")
    [key] = SECRET["stringData"]
    (tmp_path / "config.yaml").write_text(text.replace(f"/run/secrets/vobiz/{key}", str(token)))
    config = load_config(tmp_path / "config.yaml", environ={})
    assert (config.partners[0].name, str(config.state.path)) == ("acme", "/var/lib/vobiz-exporter/state.db")


def test_every_key_of_the_example_is_a_value(chart: Path) -> None:
    example = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    example["state"] = {"path": "/data/state.db"}
    # Helm may write a large number as 2.5e+07, which is no whole number any more
    example["alerts"]["spend_spike_minimum"] = 25_000_000
    assert configuration(chart, {"config": example}) == example


def test_each_pod_polls_its_own_share(chart: Path) -> None:
    assert "poll" not in configuration(chart, PLAIN)
    values = {"config": {**PLAIN["config"], "poll": {"interval": "30s"}}, "shards": 3}
    assert configuration(chart, values)["poll"] == {"interval": "30s", "shard": "auto/3"}
    assert only(chart, "StatefulSet", values)["spec"]["replicas"] == 3


def test_rules_and_dashboards_are_those_that_ship(chart: Path) -> None:
    made = rendered(chart, EVERYTHING)
    rules = {one["metadata"]["name"]: one["spec"] for one in made if one["kind"] == "PrometheusRule"}
    assert rules == {
        f"{RELEASE}-vobiz-exporter-{path.stem.removeprefix('vobiz-')}": yaml.safe_load(path.read_text("utf-8"))
        for path in RULE_FILES
    }
    boards = [one for one in made if one["metadata"].get("annotations") == {"grafana_folder": "Vobiz"}]
    assert {one["metadata"]["labels"]["grafana_dashboard"] for one in boards} == {"1"}
    data = {name: json.loads(text) for one in boards for name, text in one["data"].items()}
    assert data == {path.name: json.loads(path.read_text("utf-8")) for path in BOARDS}


def test_no_two_objects_have_one_name_and_all_names_are_short(chart: Path) -> None:
    for values in (EVERYTHING, {**EVERYTHING, "fullnameOverride": 80 * "x"}):
        names = [(one["kind"], one["metadata"]["name"]) for one in rendered(chart, values)]
        assert len(set(names)) == len(names)
        # a pod's name is a label's value, with the number of the pod and the revision behind it
        assert max(len(name) for kind, name in names if kind in ("StatefulSet", "Service")) <= 52


@pytest.mark.parametrize("what", ["prometheusRule", "dashboards"])
def test_a_chart_that_was_not_filled_says_what_to_do(chart: Path, what: str) -> None:
    assert "make manifests" in refusal(CHART, {**PLAIN, what: {"enabled": True}})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "at '/config/partners': minItems: got 0, want 1"),
        ({"shard": 2}, "additional properties 'shard' not allowed"),
        ({"shards": "two"}, "at '/shards'"),
        ({"serviceMonitor": {"enable": True}}, "additional properties 'enable' not allowed"),
        ({"config": {**PLAIN["config"], "poll": {"intervall": "1s"}}}, "additional properties 'intervall' not allowed"),
        ({"config": {"partners": [{"auth_id": "PA_1", "auth_token": "s3cret"}]}}, "readable in a ConfigMap"),
    ],
)
def test_values_that_would_not_work_are_refused_and_named(chart: Path, values: Values, reason: str) -> None:
    said = refusal(chart, values if "config" in values or not values else {**PLAIN, **values})
    assert reason in said
    assert "s3cret" not in said


def test_values_that_a_chart_around_it_or_kubernetes_knows_are_taken(chart: Path) -> None:
    token = {"config": {"partners": [{"auth_id": "PA_1", "auth_token": "${TOKEN}"}]}}
    free = {"global": {"a": 1}, "resources": {"limits": {"cpu": 1}}, "livenessProbe": {"httpGet": {"scheme": "HTTPS"}}}
    assert refusal(chart, {**token, **free}) == ""


def test_the_notes_lead_to_the_status_page_and_say_what_is_missing(chart: Path) -> None:
    assert f"port-forward {NAME}-0 10147" in notes(chart, PLAIN)
    assert "Nothing scrapes it yet" in notes(chart, PLAIN)
    assert "nobody is paged" in notes(chart, PLAIN)
    assert "Nothing scrapes" not in notes(chart, EVERYTHING)
    assert "nobody is paged" not in notes(chart, EVERYTHING)


@pytest.mark.process
def test_the_archive_of_a_release_is_a_chart(chart: Path, tmp_path: Path) -> None:
    archive = tmp_path / "chart.tgz"
    run("tar", "--create", "--gzip", f"--file={archive}", f"--directory={chart.parent}", chart.name)
    with tarfile.open(archive) as packed:
        assert f"{chart.name}/values.schema.json" in packed.getnames()
    assert rendered(archive, EVERYTHING) == rendered(chart, EVERYTHING)


def yaml_of(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((CHART / f"{name}.yaml").read_text(encoding="utf-8"))
    return content
