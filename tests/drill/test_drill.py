"""The drill as ``make drill`` runs it, with the two faults that need no long windows."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.daemon.running import eventually
from tests.drill.stack import PROGRAMS
from tests.marked import processes, start
from tests.tools import tool

SHORT = ("--days=0.1", "--shorten=20", "--hold=5", "--watch=5", "--volume=600")
DEADLINE = 60.0


def drill(*arguments: str, mark: Path) -> subprocess.Popen[str]:
    """The drill, it and all that it starts marked by their environment."""
    for program in PROGRAMS:
        tool(program)
    return start("tests.drill", *arguments, *SHORT, mark=mark)


@pytest.mark.timeout(300)
def test_refused_credentials_and_a_killed_exporter_each_page_once(tmp_path: Path) -> None:
    with drill("credentials", "exporter", mark=tmp_path) as running:
        assert running.stdout is not None
        output = running.stdout.read()
    assert running.returncode == 0, output
    lines = output.splitlines()
    assert sum(" PAGE " in line for line in lines) == 2
    assert sum(" RESOLVED " in line for line in lines) == 2
    assert "VobizAuthFailed" in output
    assert "VobizExporterDown" in output
    assert "docs/runbooks/VobizAuthFailed.md" in output
    assert processes(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_drill_leaves_nothing_behind(tmp_path: Path) -> None:
    with drill("credentials", mark=tmp_path) as running:
        assert eventually(lambda: processes(tmp_path) == 5, DEADLINE)
        os.kill(running.pid, signal.SIGINT)
        assert running.stdout is not None
        output = running.stdout.read()
    assert running.returncode == 130
    assert output.endswith("interrupted; everything is ended\n")
    assert processes(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []
