"""Two processes on one file, and processes killed while they write."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.state import StateError, StateFile
from exporter.state.file import SMALL

pytestmark = pytest.mark.process

WRITER = str(Path(__file__).with_name("writer.py"))
KILLS = 200 if os.environ.get("VOBIZ_LONG_TESTS") == "1" else 60


@contextmanager
def writing(path: Path, beside: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A process that writes; killed at the end of the block."""
    with subprocess.Popen(
        [sys.executable, WRITER, str(path), str(beside)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_a_second_process_on_the_same_file_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    refusal = f"state.path {path}: another vobiz-exporter uses it; give each daemon a state file of its own"
    with writing(path) as first:
        assert _line(first) == "0"
        with writing(path) as second:
            assert _line(second) == refusal
            assert second.wait() == 3
        assert int(_line(first)) > 0
        state = StateFile(path)
        with pytest.raises(StateError) as caught:
            state.open(configured=["acme"], now=0.0)
        assert str(caught.value) == refusal


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kills", "beside"), [(KILLS, 0), (KILLS // 3, 2 * SMALL)], ids=["small", "with a journal"])
def test_after_kill_9_at_any_moment_the_file_is_whole_and_not_behind_what_was_reported(
    kills: int, beside: int, tmp_path: Path
) -> None:
    path = tmp_path / "state.json"
    chance = random.Random(1)
    reported = 0
    for _ in range(kills):
        with writing(path, beside) as process:
            assert int(_line(process)) >= reported
            for _ in range(chance.randrange(1, 12)):
                reported = int(_line(process))
            _spin(chance.randrange(20_000))
            process.kill()
            assert process.stdout is not None
            rest = process.stdout.read().splitlines(keepends=True)
        reported = max([reported, *(int(line) for line in rest if line.endswith("\n"))])
    state = StateFile(path)
    state.open(configured=["acme"], now=0.0)
    entry = state.entry("acme")
    state.close()
    assert entry is not None
    assert entry["n"] >= reported
    assert not list(tmp_path.glob("*unusable*"))


def _spin(turns: int) -> None:
    """Let a moment pass that is shorter than a write, so that the kill comes anywhere within one."""
    for _ in range(turns):
        pass
