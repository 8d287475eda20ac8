"""docker-compose.yml: every path that it mounts is there, nothing is open to the network, no secret is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from tests.grafana.boards import ROOT

PATH = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE_BY_THE_USER = {"./config", "./secrets/alertmanager", "./secrets/vobiz_auth_token"}


def mounts(service: str) -> dict[str, str]:
    """What is mounted where: path in the container by path here, or by name of a volume."""
    pairs = [volume.split(":")[:2] for volume in SERVICES[service].get("volumes", ())]
    return dict(pairs)


def here(service: str, inside: str) -> str:
    """Where a path in a container comes from, relative to the project."""
    for source, target in mounts(service).items():
        if inside == target or inside.startswith(f"{target}/"):
            return source + inside.removeprefix(target)
    raise AssertionError(f"{service} mounts nothing at {inside}")


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there(service: str) -> None:
    for source, target in mounts(service).items():
        assert PurePosixPath(target).is_absolute()
        if source.startswith("."):
            assert source in MADE_BY_THE_USER or (ROOT / source).exists(), source
        else:
            assert source in COMPOSE["volumes"]


def test_what_the_user_makes_is_explained() -> None:
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    assert [name for name in MADE_BY_THE_USER if name.removeprefix("./") not in page] == []


@pytest.mark.parametrize("service", ["prometheus", "alertmanager"])
def test_the_configuration_that_is_named_is_mounted(service: str) -> None:
    [named] = [flag.split("=")[1] for flag in SERVICES[service]["command"] if flag.startswith("--config.file=")]
    assert (ROOT / here(service, named)).is_file()


def test_the_rules_lie_where_the_configuration_of_prometheus_looks_for_them() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.example.yml").read_text(encoding="utf-8"))
    for pattern in config["rule_files"]:
        assert list((ROOT / here("prometheus", f"/etc/prometheus/{pattern.split('/')[0]}")).glob("*.yml"))


def test_secrets_come_from_files_that_the_user_makes() -> None:
    assert {secret["file"] for secret in COMPOSE["secrets"].values()} <= MADE_BY_THE_USER
    assert {name for service in SERVICES.values() for name in service.get("secrets", ())} == set(COMPOSE["secrets"])


def test_the_secrets_that_alertmanager_reads_are_in_the_folder_that_is_mounted() -> None:
    text = (ROOT / "prometheus" / "alertmanager.example.yml").read_text(encoding="utf-8")
    files = re.findall(r"_file: (\S+)", text)
    assert files
    assert {here("alertmanager", file).rpartition("/")[0] for file in files} == {"./secrets/alertmanager"}


def test_the_dashboards_lie_where_the_provider_looks_for_them() -> None:
    providers = yaml.safe_load((ROOT / "grafana" / "provisioning" / "dashboards" / "vobiz.yaml").read_text("utf-8"))
    assert here("grafana", providers["providers"][0]["options"]["path"]) == "./grafana/dashboards"
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / here("grafana", home)).is_file()
    assert here("grafana", "/etc/grafana/provisioning") == "./grafana/provisioning"


def test_ports_are_open_to_this_machine_only_and_cover_every_address_in_the_example_files() -> None:
    ports = {service: SERVICES[service].get("ports", []) for service in SERVICES}
    assert all(port.startswith("127.0.0.1:") for listed in ports.values() for port in listed)
    opened = {port.rpartition(":")[2] for port in ports["prometheus"]}
    example = (ROOT / "prometheus" / "prometheus.example.yml").read_text(encoding="utf-8")
    source = (ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"localhost:(\d+)", example + source)) <= opened


def test_every_container_is_in_the_network_that_localhost_means() -> None:
    modes = {name: service.get("network_mode") for name, service in SERVICES.items()}
    assert modes.pop("prometheus") is None
    assert set(modes.values()) == {"service:prometheus"}


def test_images_are_pinned_and_watched() -> None:
    for name, service in SERVICES.items():
        if "build" in service:
            assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
        else:
            assert re.fullmatch(r"\S+:v?\d+\.\d+\.\d+", service["image"]), name
            assert service["healthcheck"]["test"][0] == "CMD"


def test_there_is_one_exporter_in_each_profile() -> None:
    by_profile = [service["profiles"] for service in SERVICES.values() if "profiles" in service]
    assert sorted(by_profile) == [["demo"], ["vobiz"]]


def test_no_secret_is_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"TOKEN|PASSWORD|SECRET|AUTH_ID", name), value


@pytest.mark.process
def test_docker_compose_reads_it() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("this Docker has no compose")
    command = [docker, "compose", "--profile", "demo", "--profile", "vobiz", "--file", str(PATH), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
