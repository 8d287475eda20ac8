"""A disk that cannot be written: told once, counted each time, and made good for when it can be written again."""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.ledger import Observation
from exporter.poll.books import Books
from exporter.state import StateError, StateFile, StateWriteError
from tests.rig.waiting import PATIENCE

DAY = date(2026, 7, 1)
AS_ROOT = os.geteuid() == 0


def calls(number: int) -> Observation:
    figures = ((("inbound", "calls"), Decimal(number)),)
    return Observation(group="directions", first=DAY, last=DAY, complete=True, days=((DAY, figures),))


@contextmanager
def no_space() -> Iterator[None]:
    """Files of this process cannot grow at all, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFile]:
    state = StateFile(tmp_path / "state.json")
    state.open(configured=["acme"], now=0.0)
    yield state
    state.close()


def test_a_write_without_space_fails_in_one_line_and_leaves_the_file_before(state: StateFile, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state.save("acme", {"n": 1})
    with no_space(), pytest.raises(StateWriteError) as caught:
        state.save("acme", {"n": 2, "filling": ["x"] * 10_000})
    assert str(caught.value) == f"{path}: File too large"
    assert json.loads(path.read_bytes())["partners"] == {"acme": {"n": 1}}
    assert {entry.name for entry in tmp_path.iterdir()} == {"state.json", "state.json.lock"}


def test_the_write_after_a_failed_one_holds_what_that_one_held(state: StateFile, tmp_path: Path) -> None:
    with no_space(), pytest.raises(StateWriteError):
        state.save("acme", {"n": 1})
    state.save("other", {"n": 2})
    assert json.loads((tmp_path / "state.json").read_bytes())["partners"] == {"acme": {"n": 1}, "other": {"n": 2}}


def test_failed_writes_are_told_once_counted_each_time_and_made_good(
    state: StateFile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    failures: list[None] = []
    books = Books(partner="acme", auth_id="PA_1", store=state, on_failure=lambda: failures.append(None))
    books.record(calls(10))
    with no_space():
        for number in (11, 12, 12):
            books.record(calls(number))
    assert len(failures) == 3
    assert [(total.lane, total.value) for total in books.totals()] == [("inbound", Decimal(2))]
    books.record(calls(12))
    assert [record.getMessage() for record in caplog.records] == ["state not saved", "state saved again"]
    assert vars(caplog.records[0])["problem"] == f"{tmp_path / 'state.json'}: File too large"
    again = Books(partner="acme", auth_id="PA_1", store=state)
    assert [(total.lane, total.value) for total in again.totals()] == [("inbound", Decimal(2))]


def test_nothing_is_written_when_nothing_changed(state: StateFile, tmp_path: Path) -> None:
    books = Books(partner="acme", auth_id="PA_1", store=state)
    books.record(calls(10))
    written = (tmp_path / "state.json").stat()
    books.record(calls(10))
    assert (tmp_path / "state.json").stat().st_ino == written.st_ino


@pytest.mark.process
@pytest.mark.skipif(not AS_ROOT, reason="mounting a small disk needs root")
def test_a_full_disk_is_told_and_the_file_before_stays(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    state = StateFile(tmp_path / "state.json")
    try:
        state.open(configured=["acme"], now=0.0)
        state.save("acme", {"n": 1})
        with pytest.raises(StateWriteError) as caught:
            state.save("acme", {"n": 2, "filling": "x" * 100_000})
        assert str(caught.value) == f"{tmp_path / 'state.json'}: No space left on device"
        assert json.loads((tmp_path / "state.json").read_bytes())["partners"] == {"acme": {"n": 1}}
        state.save("acme", {"n": 3})
        assert json.loads((tmp_path / "state.json").read_bytes())["partners"] == {"acme": {"n": 3}}
    finally:
        state.close()
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.process
@pytest.mark.skipif(not AS_ROOT, reason="mounting a read-only disk needs root")
def test_a_read_only_directory_is_told_and_the_daemon_can_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,ro", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    state = StateFile(tmp_path / "state.json")
    try:
        state.open(configured=["acme"], now=0.0)
        assert [record.getMessage() for record in caplog.records] == [
            "state cannot be written, counters would start again after a restart"
        ]
        for _ in range(2):
            with pytest.raises(StateWriteError, match=r"state\.json: Read-only file system$"):
                state.save("acme", {"n": 1})
        subprocess.run(["mount", "-o", "remount,rw", str(tmp_path)], check=True)
        state.save("acme", {"n": 2})
        assert json.loads((tmp_path / "state.json").read_bytes())["partners"] == {"acme": {"n": 2}}
    finally:
        state.close()
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_directory_that_cannot_be_made_is_told_and_each_save_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    state = StateFile(tmp_path / "file" / "state.json")
    state.open(configured=["acme"], now=0.0)
    assert len(caplog.records) == 1
    with pytest.raises(StateWriteError, match=r"state\.json: Not a directory$"):
        state.save("acme", {})


_AS_NOBODY = """
import os, sys
from pathlib import Path
from exporter.state import StateError, StateFile
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
state = StateFile(Path(sys.argv[1]))
try:
    state.open(configured=["acme"], now=0.0)
except StateError as error:
    print(error)
"""


@pytest.mark.process
def test_a_file_that_cannot_be_read_refuses_to_start_and_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"worth keeping")
    path.chmod(0)
    for directory in (tmp_path, *list(tmp_path.parents)[:2]):
        directory.chmod(0o755)
    result = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert result.stdout == (f"state.path {path}: Permission denied; make it readable for this user, or move it away\n")
    path.chmod(0o600)
    assert path.read_bytes() == b"worth keeping"


@pytest.mark.process
def test_an_unusable_file_that_cannot_be_put_aside_refuses_to_start(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"damaged")
    if AS_ROOT:
        subprocess.run(["chattr", "+i", str(path)], check=False, capture_output=True)
        restore = ["chattr", "-i", str(path)]
    else:
        tmp_path.chmod(0o500)
        restore = ["chmod", "700", str(tmp_path)]
    try:
        try:
            path.rename(path.with_name("probe"))
        except OSError:
            pass
        else:
            pytest.skip("this file system keeps nobody from renaming")
        with pytest.raises(StateError) as caught:
            StateFile(path).open(configured=["acme"], now=0.0)
        assert str(caught.value).startswith(
            f"state.path {path}: it is damaged or cut short, and it could not be put aside ("
        )
        assert str(caught.value).endswith("); move it away")
    finally:
        subprocess.run(restore, check=False, capture_output=True)
