"""The wheel, built by way of the source distribution and installed where nothing else is, does all that it promises."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from exporter import __version__
from tests.metrics.test_golden_pages import documented_answers
from tests.packaging.checkout import ROOT, assets, committed, copy_to, written_assets
from tests.packaging.pythons import VERSIONS, python
from tests.packaging.wheelhouse import offline
from tests.rig.exporter import write_config
from tests.rig.process import run
from tests.rig.vobiz import ScriptedVobiz

pytestmark = pytest.mark.process

BIN = Path(sys.executable).parent
NAME = f"vobiz_exporter-{__version__}"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
IMPORT_EVERYTHING = """
import importlib, pkgutil, exporter
for module in pkgutil.walk_packages(exporter.__path__, "exporter."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
CLEAN = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``python -m build`` makes of a clean checkout: the wheel comes from the source distribution."""
    checkout, dist = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    copy_to(checkout)
    run(sys.executable, "-m", "build", "--outdir", dist, checkout, env=offline())
    return dist


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with the wheel and what it needs to run."""
    home = tmp_path_factory.mktemp("installed")
    install(dist, Path(sys.executable), home, offline())
    return home / "bin"


def install(dist: Path, python: Path, home: Path, environment: Mapping[str, str]) -> None:
    """The wheel, in a new environment of this Python."""
    run(python, "-m", "venv", "--without-pip", home)
    [wheel] = dist.glob("*.whl")
    # its own pip: one of Python 3.10 does not run on 3.12
    run(python, "-m", "pip", "--python", home, "install", "--quiet", "--no-compile", wheel, env=environment)


def program(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run what was installed, from a directory that has no checkout in it."""
    command = [str(installed / "vobiz-exporter"), *arguments]
    return subprocess.run(command, cwd=cwd, env=CLEAN, capture_output=True, text=True, check=False)


def test_there_is_one_wheel_for_every_python_and_one_source_distribution(dist: Path) -> None:
    assert {path.name for path in dist.iterdir()} == {f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz"}


def test_an_index_would_take_their_metadata(dist: Path) -> None:
    run(BIN / "twine", "check", "--strict", *dist.iterdir())


def test_the_wheel_holds_the_program_and_the_assets_and_nothing_else(dist: Path) -> None:
    with zipfile.ZipFile(dist / f"{NAME}-py3-none-any.whl") as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
        contents = {name.removeprefix("exporter/assets/"): wheel.read(name) for name in held if "/assets/" in name}
    ours = {str(path) for path in committed() if path.parts[0] == "exporter" and not (ROOT / path).is_symlink()}
    assert held == ours | {f"exporter/assets/{name}" for name in assets()}
    assert contents == assets()


def test_the_source_distribution_holds_copies_not_links(dist: Path) -> None:
    with tarfile.open(dist / f"{NAME}.tar.gz") as source:
        assert [member.name for member in source if not (member.isfile() or member.isdir())] == []
        names = {member.name.removeprefix(f"{NAME}/") for member in source}
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.cfg"} <= names


def test_only_what_it_needs_to_run_is_installed(installed: Path) -> None:
    listed = run(sys.executable, "-m", "pip", "--python", installed.parent, "list", "--format=json")
    names = {package["name"].lower().replace("_", "-") for package in json.loads(listed)}
    direct = {"prometheus-client", "requests", "urllib3", "apscheduler", "pyyaml", "msgspec", "bcrypt", "jinja2"}
    theirs = {"certifi", "charset-normalizer", "idna", "tzlocal", "markupsafe"}
    assert names == {"vobiz-exporter"} | direct | theirs
    run(sys.executable, "-m", "pip", "--python", installed.parent, "check")


def test_it_prints_its_version_and_writes_its_assets(installed: Path, tmp_path: Path) -> None:
    assert program(installed, "--version", cwd=tmp_path).stdout == f"vobiz-exporter {__version__}\n"
    assert program(installed, "assets", "--output=here", cwd=tmp_path).returncode == 0
    here = tmp_path / "here"
    assert {str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()} == set(written_assets())


def test_it_checks_its_configuration_and_polls(installed: Path, tmp_path: Path) -> None:
    with ScriptedVobiz(documented_answers("dashboard.json", "analytics-today.json")) as api:
        config = write_config(tmp_path, api.url)
        checked = program(installed, "check", "--live", f"--config.file={config}", cwd=tmp_path)
        assert (checked.returncode, checked.stderr) == (0, "")
        polled = program(installed, "once", f"--config.file={config}", "--output=vobiz.prom", cwd=tmp_path)
        assert polled.returncode == 0, polled.stderr
    assert 'vobiz_up{endpoint="dashboard",partner="acme"} 1.0' in (tmp_path / "vobiz.prom").read_text()


@pytest.mark.parametrize("version", [version for version in VERSIONS if version != PYTHON])
def test_it_works_with_the_other_pythons_too(dist: Path, tmp_path: Path, version: str) -> None:
    if os.environ.get("TEST_REGISTRY") != "1":
        pytest.skip("another Python needs packages of its own: TEST_REGISTRY=1 takes them from a registry")
    other = python(version)
    if other is None:
        pytest.skip(f"there is no Python {version} here")
    install(dist, other, tmp_path / "other", CLEAN)
    run(tmp_path / "other/bin/python", "-W", "error", "-c", IMPORT_EVERYTHING, cwd=tmp_path, env=CLEAN)
    with ScriptedVobiz(documented_answers("dashboard.json", "analytics-today.json")) as api:
        config = write_config(tmp_path, api.url)
        polled = program(tmp_path / "other/bin", "once", f"--config.file={config}", cwd=tmp_path)
    assert (polled.returncode, polled.stderr.count("level=error")) == (0, 0), polled.stderr
    assert f'python_version="{version}.' in polled.stdout


def test_the_simulator_comes_along(installed: Path, tmp_path: Path) -> None:
    assert "--demo.incident" in program(installed, "demo", "--help", cwd=tmp_path).stdout


def test_the_bill_of_materials_names_every_package_and_its_version(installed: Path, tmp_path: Path) -> None:
    bill = tmp_path / "sbom.json"
    [recipe] = re.findall(r"cyclonedx-py (environment .*?) --output-file", (ROOT / "Makefile").read_text("utf-8"))
    options = recipe.replace("build/sbom", str(installed.parent)).split()
    run(BIN / "cyclonedx-py", *options, "--output-file", bill)
    listed = json.loads(run(sys.executable, "-m", "pip", "--python", installed.parent, "list", "--format=json"))
    components = json.loads(bill.read_text())["components"]
    assert {(one["name"].lower(), one["version"]) for one in components} == {
        (package["name"].lower(), package["version"]) for package in listed
    }


def test_an_editable_install_has_the_assets_as_they_are_in_the_checkout(tmp_path: Path) -> None:
    """This environment is one, as make sets it up."""
    if shutil.which("vobiz-exporter", path=str(BIN)) is None:
        pytest.skip("vobiz-exporter is not installed in this environment")
    assert program(BIN, "assets", cwd=tmp_path).stdout.splitlines() == sorted(written_assets())
