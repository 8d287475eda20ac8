"""docs/deployment.md names files, paths and numbers that are as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from exporter import __version__
from exporter.commands.arguments import parse_arguments
from exporter.config.load import load_config
from tests.deploy.dockerfile import settings
from tests.deploy.manifests import ROOT, SECRET, filled
from tests.docs.pages import blocks
from tests.packaging.checkout import assets
from tests.rig.process import run
from tests.rig.tools import tool

DEPLOYMENT = ROOT / "docs" / "deployment.md"
PAGE = DEPLOYMENT.read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.replace("\\\n", "").splitlines()
]


@pytest.mark.process
def test_every_file_of_the_repository_that_it_names_is_there() -> None:
    named = set(re.findall(r"\b(?:deploy|prometheus|grafana)/[\w./-]+\w", PAGE)) - {
        "prometheus/node-exporter",
        "prometheus/metrics2",
    }
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert all(name in assets() for name in ("deploy/systemd/vobiz-exporter.service", "deploy/systemd/config.yaml"))


def test_the_program_takes_every_command_line() -> None:
    lines = [line for line in COMMANDS if re.search(r"bin/vobiz-exporter (?!\S+:)|exec vobiz-exporter", line)]
    assert len(lines) == 5
    for line in lines:
        arguments = shlex.split(re.split(r"bin/vobiz-exporter|exec vobiz-exporter vobiz-exporter", line)[1])
        assert parse_arguments(arguments).command in ("assets", "check", "once")


def scrapes() -> list[str]:
    """What Prometheus gets in each example: a file of its own, or a part of one of the OpenTelemetry Collector."""
    documents = [yaml.safe_load(block) for block in blocks(DEPLOYMENT, "yaml")]
    inner = [one["receivers"]["prometheus"]["config"] for one in documents if "receivers" in one]
    return [yaml.safe_dump(one) for one in (*documents, *inner) if "scrape_configs" in one]


@pytest.mark.process
@pytest.mark.parametrize("text", scrapes())
def test_prometheus_and_vmagent_take_the_examples_and_the_rules_know_the_job(text: str, tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text(text)
    run(tool("promtool"), "check", "config", "--syntax-only", file)
    run(tool("vmagent"), f"-promscrape.config={file}", "-promscrape.config.strictParse", "-dryRun")
    assert [job["job_name"] for job in yaml.safe_load(text)["scrape_configs"]] == ["vobiz"]


def test_the_pipeline_of_the_collector_has_the_components_that_are_configured() -> None:
    [collector] = [one for one in map(yaml.safe_load, blocks(DEPLOYMENT, "yaml")) if "receivers" in one]
    [pipeline] = collector["service"]["pipelines"].values()
    assert {kind: list(collector[kind]) for kind in pipeline} == pipeline


def test_the_components_of_alloy_lead_to_each_other() -> None:
    [text] = blocks(DEPLOYMENT, "alloy")
    defined = {".".join(names) for names in re.findall(r'^([\w.]+) "(\w+)" \{$', text, re.MULTILINE)}
    [target] = re.findall(r"forward_to += \[(.+)\.receiver\]", text)
    assert target in defined
    assert text.count("{") == text.count("}")


def test_the_image_is_tagged_with_this_version() -> None:
    assert set(re.findall(r"vobiz-exporter:(\d\S*)", PAGE)) == {__version__}


def test_the_containers_user_volume_and_configuration_are_those_of_the_image(tmp_path: Path) -> None:
    user, _, _ = settings().user.partition(":")
    assert f"chown {user} etc/auth_token" in PAGE
    [volume] = settings().volumes
    assert f"--volume vobiz-state:{volume} " in PAGE
    [text] = re.findall(r"<<'YAML'\n(.*?)\nYAML\n", PAGE, re.DOTALL)
    (tmp_path / "auth_token").write_text("t0ken")
    (tmp_path / "config.yaml").write_text(filled(text).replace("/etc/vobiz-exporter", str(tmp_path)))
    config = load_config(tmp_path / "config.yaml", environ={})
    assert config.state.path is not None
    assert str(config.state.path.parent) == volume


def test_the_secret_that_it_makes_is_the_one_that_the_pod_mounts() -> None:
    [command] = [shlex.split(line) for line in COMMANDS if "create secret" in line]
    name, [key] = SECRET["metadata"]["name"], list(SECRET["stringData"])
    assert command[:5] == ["kubectl", "create", "secret", "generic", name]
    assert f"--namespace={SECRET['metadata']['namespace']}" in command
    assert f"--from-file={key}=token" in command
