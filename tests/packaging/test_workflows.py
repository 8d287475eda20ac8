""".github: what GitHub would refuse to run, and what would give an action more than it needs."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from tests.packaging.checkout import ROOT
from tests.rig.process import run
from tests.rig.tools import missing

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.process
def test_actionlint_has_no_objection() -> None:
    here = Path(sys.executable).parent / "actionlint"
    actionlint = here if here.exists() else shutil.which("actionlint")
    if actionlint is None:
        missing("actionlint is not installed")
    # what it would say of scripts depends on what else is on PATH
    assert run(actionlint, "-no-color", "-shellcheck=", "-pyflakes=", *WORKFLOWS) == ""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit_and_permissions_are_given_to_jobs_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert all("permissions" in job and "timeout-minutes" in job for job in workflow["jobs"].values())
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert [name for name, note in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) or " # v" not in note] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_make_target_that_is_called_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", path.read_text(encoding="utf-8"))) <= targets
