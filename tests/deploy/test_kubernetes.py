"""deploy/kubernetes: what an API server would refuse, and what would not work once it had been taken."""

from __future__ import annotations

import json
import shutil
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from exporter.commands.arguments import parse_arguments
from exporter.config.load import load_config
from tests.deploy.manifests import (
    KUBERNETES,
    KUSTOMIZATIONS,
    ROOT,
    SECRET,
    Manifest,
    container,
    filled,
    kustomization,
    mounts,
    objects,
    pod,
    the,
    write_whole,
)
from tests.rig.process import run

BUILT_IN = (*objects(KUBERNETES), SECRET)
CLIENT_SIDE_APPLY = 262_144
"""kubectl apply writes the whole object into an annotation, and all annotations may have so many bytes."""


@pytest.mark.parametrize("version", ["1.29", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("manifest", BUILT_IN, ids=lambda manifest: manifest["kind"])
def test_the_published_schema_takes_it(manifest: Manifest, version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: folder.name)
def test_every_file_of_the_folder_is_used(folder: Path, tmp_path: Path) -> None:
    write_whole(tmp_path)
    made = kustomization(folder).get("configMapGenerator", [])
    named = {*kustomization(folder)["resources"], *(file for one in made for file in one["files"])}
    here = {path.name for path in (tmp_path / folder.relative_to(ROOT)).iterdir() if path.is_file()}
    assert here - {"kustomization.yaml", "secret.example.yaml"} == named


@pytest.mark.process
@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: folder.name)
def test_kustomize_puts_everything_into_one_namespace(folder: Path, tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on PATH; the files themselves are checked all the same")
    write_whole(tmp_path)
    rendered = list(yaml.safe_load_all(run(kubectl, "kustomize", tmp_path / folder.relative_to(ROOT))))
    assert len(rendered) == len(objects(folder)) + len(kustomization(folder).get("configMapGenerator", []))
    assert {one["metadata"].get("namespace", one["metadata"]["name"]) for one in rendered} == {"vobiz"}


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: folder.name)
def test_client_side_apply_takes_every_object(folder: Path) -> None:
    sizes = {manifest["metadata"]["name"]: len(json.dumps(manifest)) for manifest in objects(folder)}
    assert {name: size for name, size in sizes.items() if size > CLIENT_SIDE_APPLY} == {}


def test_the_pod_has_what_the_restricted_profile_asks_for() -> None:
    assert the("Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    security = pod()["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False


def test_the_pod_runs_as_the_user_of_the_image() -> None:
    security = pod()["securityContext"]
    user, group, volumes = security["runAsUser"], security["runAsGroup"], security["fsGroup"]
    assert f"USER {user}:{group}\n" in (KUBERNETES.parent.parent / "Dockerfile").read_text(encoding="utf-8")
    assert volumes == group


def test_the_program_takes_its_arguments_and_its_configuration(tmp_path: Path) -> None:
    args = parse_arguments(container()["args"])
    assert args.config_auto_reload
    made = kustomization(KUBERNETES)["configMapGenerator"][0]
    assert str(args.config_file) in [f"{mounts()['config']}/{file}" for file in made["files"]]
    assert {"name": "config", "configMap": {"name": made["name"]}} in pod()["volumes"]
    token = tmp_path / "auth_token"
    token.write_text("t0ken")
    text = filled((KUBERNETES / "config.yaml").read_text(encoding="utf-8"))
    assert f" {mounts()['secret']}/auth_token\n" in text
    here = tmp_path / "config.yaml"
    here.write_text(text.replace(f"{mounts()['secret']}/auth_token", str(token)))
    config = load_config(here, environ={})
    assert config.state.path is not None
    assert str(config.state.path.parent) == mounts()["state"]


def test_the_secret_is_the_one_that_is_mounted_and_holds_no_token() -> None:
    [volume] = [volume["secret"] for volume in pod()["volumes"] if volume["name"] == "secret"]
    assert volume["secretName"] == SECRET["metadata"]["name"]
    # its owner is root: the group reads it
    assert volume["defaultMode"] == 0o440
    assert SECRET["stringData"] == {"auth_token": "REPLACE_ME"}


def test_the_state_outlives_the_pod() -> None:
    [claim] = the("StatefulSet")["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["name"] in mounts()
    assert the("StatefulSet")["spec"]["replicas"] == 1


def test_selectors_find_the_pod_and_ports_are_those_that_it_opens() -> None:
    labels = the("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert the("StatefulSet")["spec"]["selector"]["matchLabels"] == labels
    assert the("Service")["spec"]["selector"] == labels
    assert the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert (
        the("ServiceMonitor")["spec"]["selector"]["matchLabels"].items() <= the("Service")["metadata"]["labels"].items()
    )
    [port] = container()["ports"]
    [served] = the("Service")["spec"]["ports"]
    [scraped] = the("ServiceMonitor")["spec"]["endpoints"]
    [rule] = the("NetworkPolicy")["spec"]["ingress"]
    names = {port["name"], served["name"], served["targetPort"], scraped["port"], rule["ports"][0]["port"]}
    names |= {container()[probe]["httpGet"]["port"] for probe in ("livenessProbe", "readinessProbe")}
    assert names == {"metrics"}
    assert parse_arguments(container()["args"]).web_listen_address == [f":{port['containerPort']}"]


def test_metrics_are_reachable_before_the_pod_is_ready() -> None:
    assert the("Service")["spec"]["publishNotReadyAddresses"] is True


def test_the_network_policy_lets_it_ask_for_names_and_reach_the_api_and_nothing_inside() -> None:
    names, api = the("NetworkPolicy")["spec"]["egress"]
    assert names == {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
    base_url = load_config(None, environ={"VOBIZ_AUTH_ID": "PA_X", "VOBIZ_AUTH_TOKEN": "x"}).api.base_url
    assert api["ports"] == [{"protocol": "TCP", "port": {"https": 443}[urlsplit(base_url).scheme]}]
    blocks = [peer["ipBlock"] for peer in api["to"]]

    def allowed(address: str) -> bool:
        ip = ip_address(address)
        return any(
            ip in ip_network(block["cidr"]) and not any(ip in ip_network(hole) for hole in block["except"])
            for block in blocks
        )

    assert [address for address in ("1.1.1.1", "2606:4700::1111") if not allowed(address)] == []
    inside = ("10.96.0.1", "172.20.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "fd00::1", "fe80::1")
    assert [address for address in inside if allowed(address)] == []
