"""The drill as ``make drill`` runs it, with the two faults that need no long windows."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.rig.process import Process, marked, processes
from tests.rig.tools import tool

pytestmark = pytest.mark.process

SHORT = ("--shorten=20", "--hold=5", "--watch=5", "--volume=600")


def drill(*arguments: str, mark: Path) -> Process:
    """The drill; it and all that it starts bear a mark."""
    for program in ("prometheus", "prometheus-alertmanager"):
        tool(program)
    return marked("tests.drill", *arguments, *SHORT, mark=mark)


@pytest.mark.timeout(400)
def test_refused_credentials_and_a_killed_exporter_each_page_once(tmp_path: Path) -> None:
    with drill("credentials", "exporter", mark=tmp_path) as running:
        assert running.wait(seconds=300) == 0, running.output
    lines, output = running.lines, running.output
    assert sum(" PAGE " in line for line in lines) == 2
    assert sum(" RESOLVED " in line for line in lines) == 2
    assert "VobizAuthFailed" in output
    assert "VobizExporterDown" in output
    assert "docs/runbooks/VobizAuthFailed.md" in output
    assert processes(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_drill_leaves_nothing_behind(tmp_path: Path) -> None:
    with drill("credentials", mark=tmp_path) as running:
        running.wait_for(lambda: processes(tmp_path) == 5, "all of its programs")
        assert running.stop(signal.SIGINT) == 130
    assert running.output.endswith("interrupted; everything is ended\n")
    assert processes(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []
