"""deploy/systemd: systemd takes the unit, its sandbox is tight, and what it hands over is what the program takes."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from exporter.commands.arguments import parse_arguments
from exporter.config.load import load_config
from tests.deploy.manifests import ROOT, filled
from tests.metrics.test_golden_pages import documented_answers
from tests.rig.exporter import Exporter
from tests.rig.tools import tool
from tests.rig.vobiz import ScriptedVobiz

SYSTEMD = ROOT / "deploy" / "systemd"
UNIT = SYSTEMD / "vobiz-exporter.service"
CONFIG = SYSTEMD / "config.yaml"
EXPOSURE = 15
"""Tenths of the 10 points that systemd-analyze gives to a service without any sandbox; below 20 it calls it OK."""


def settings() -> dict[str, list[str]]:
    """Each directive of the unit, with its values."""
    found = defaultdict(list)
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return found


def one(name: str) -> str:
    [value] = settings()[name]
    return value


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """systemd-analyze; needs no running systemd. Skips where it is too old for this."""
    command = [tool("systemd-analyze"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze is older than version 250")
    return done


@pytest.mark.process
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    program = shlex.split(one("ExecStart"))[0]
    here.write_text(UNIT.read_text(encoding="utf-8").replace(f"ExecStart={program}", f"ExecStart={sys.executable}"))
    done = analyze("verify", "--man=no", "--recursive-errors=no", here)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.process
def test_the_sandbox_leaves_little_exposed() -> None:
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", UNIT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_user_is_no_one_elses_and_the_state_is_all_that_it_can_write(
    tmp_path: Path,
) -> None:
    assert (one("DynamicUser"), one("ProtectSystem"), one("ProtectHome")) == ("yes", "strict", "yes")
    assert settings()["ReadWritePaths"] == []
    (tmp_path / "auth_token").write_text("t0ken")
    (tmp_path / "config.yaml").write_text(filled(CONFIG.read_text(encoding="utf-8")))
    config = load_config(tmp_path / "config.yaml", environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert config.state.path is not None
    assert config.state.path.parent == Path("/var/lib") / one("StateDirectory")


def test_the_program_takes_its_arguments_and_a_reload_is_a_hangup() -> None:
    _, *arguments = shlex.split(one("ExecStart"))
    args = parse_arguments(arguments)
    assert (args.command, args.config_file) == ("run", Path("/etc/vobiz-exporter/config.yaml"))
    assert shlex.split(one("ExecReload"))[-1] == "kill -HUP ${MAINPID}"


@pytest.mark.process
def test_the_token_comes_by_the_credential_that_the_unit_loads(tmp_path: Path) -> None:
    name, _, source = one("LoadCredential").partition(":")
    assert Path(source).parent == Path("/etc/vobiz-exporter")
    (tmp_path / name).write_text("token-of-the-credential\n")
    with ScriptedVobiz(documented_answers("dashboard.json", "analytics-today.json")) as api:
        text = filled(CONFIG.read_text(encoding="utf-8")).replace("/var/lib/vobiz-exporter", str(tmp_path))
        config = tmp_path / "config.yaml"
        config.write_text(f"{text}api: {{base_url: '{api.url}'}}\n")
        with Exporter(f"--config.file={config}", environment={"CREDENTIALS_DIRECTORY": str(tmp_path)}) as daemon:
            daemon.wait_for(lambda: bool(api.tokens), "a poll")
    assert set(api.tokens) == {"token-of-the-credential"}
