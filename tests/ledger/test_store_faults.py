"""A disk that cannot be written, and things under the database's name that are none."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exporter.ledger.store import LedgerStore, StoreError
from tests.ledger.test_store import NOW, opened, saved

LARGE = b'"' + b"x" * 100_000 + b'"'


@contextmanager
def no_space(size: int = 0) -> Iterator[None]:
    """Files of this process cannot grow beyond this size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[LedgerStore]:
    with opened(path, "PA_1") as store:
        assert store.save("PA_1", {"ledger": b"1"}, now=NOW)
        assert store.save("PA_2", {"ledger": b"2"}, now=NOW)
        yield store


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, object]]:
    return [(record.getMessage(), vars(record).get("problem")) for record in caplog.records]


def test_writes_without_space_leave_what_was_there_are_logged_once_and_made_good(
    store: LedgerStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    copy = path.with_name("copy.db")
    with no_space():
        for number in (3, 4):
            assert not store.save("PA_1", {"ledger": b"%d" % number, "detector": LARGE}, now=NOW)
    copy.write_bytes(path.read_bytes())
    assert saved(copy) == b"1"
    assert store.save("PA_2", {"ledger": b"5"}, now=NOW)
    store.close()
    assert (saved(path), saved(path, "PA_2")) == (b"4", b"5")
    assert logged(caplog) == [("state not saved", "disk I/O error"), ("state saved again", None)]


def test_what_is_left_of_a_damaged_database_is_written_whole_once_there_is_space(
    store: LedgerStore, path: Path
) -> None:
    assert store.save("PA_3", {"ledger": b"3", "detector": LARGE}, now=NOW)
    store.close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE state SET checksum = '' WHERE auth_id = 'PA_1'")
    with no_space(50_000):
        again = LedgerStore(path, configured=["PA_1"], now=NOW)
    assert again.save("PA_1", {"ledger": b"4"}, now=NOW)
    again.close()
    assert (saved(path), saved(path, "PA_2"), saved(path, "PA_3")) == (b"4", b"2", b"3")


def _deleted(path: Path) -> None:
    path.unlink()


def _older(path: Path) -> None:
    """An old copy is put in place of the database."""
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DELETE FROM state")
    copy.replace(path)


@pytest.mark.parametrize("replace", [_deleted, _older])
def test_a_database_that_was_replaced_while_it_was_in_use_is_written_again_whole(
    replace: Callable[[Path], None], store: LedgerStore, path: Path
) -> None:
    replace(path)
    assert store.save("PA_1", {"ledger": b"3"}, now=NOW)
    store.close()
    assert (saved(path), saved(path, "PA_2")) == (b"3", b"2")


def _removed(path: Path) -> Callable[[], None]:
    path.parent.rename(path.parent.with_name("elsewhere"))
    return path.parent.mkdir


def _directory(path: Path) -> Callable[[], None]:
    path.unlink()
    path.mkdir()
    return path.rmdir


@pytest.mark.parametrize(
    ("damage", "problem"), [(_removed, "No such file or directory"), (_directory, "Is a directory")]
)
def test_a_place_that_cannot_be_written_fails_each_save_until_it_can(
    damage: Callable[[Path], Callable[[], None]],
    problem: str,
    store: LedgerStore,
    path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    repair = damage(path)
    for _ in range(2):
        assert not store.save("PA_1", {"ledger": b"3"}, now=NOW)
    repair()
    assert store.save("PA_1", {"ledger": b"3"}, now=NOW)
    store.close()
    assert saved(path) == b"3"
    assert logged(caplog) == [("state not saved", problem)]


def _link(path: Path) -> None:
    target = path.with_name("target.db")
    with opened(target):
        pass
    path.symlink_to(target)


IN_ITS_PLACE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a directory": (Path.mkdir, "Is a directory"),
    "a FIFO": (os.mkfifo, "it is not a regular file"),
    "a link": (_link, "it is a symbolic link"),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "it is a symbolic link"),
}


@pytest.mark.parametrize("name", list(IN_ITS_PLACE))
def test_what_is_no_regular_file_is_refused_and_left_alone(name: str, path: Path) -> None:
    make, problem = IN_ITS_PLACE[name]
    make(path)
    before = path.lstat()
    with pytest.raises(StoreError) as caught, opened(path):
        pass
    assert str(caught.value) == (
        f"state.path {path}: {problem}; make it a file that this user can write, or move it away"
    )
    assert path.lstat().st_ino == before.st_ino


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(tmp_path)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.process
def test_a_full_disk_is_reported_and_what_was_there_stays(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = small_disk / "state.db"
    with opened(path, "PA_1") as store:
        assert store.save("PA_1", {"ledger": b"1"}, now=NOW)
        assert not store.save("PA_1", {"ledger": LARGE * 2}, now=NOW)
        assert store.save("PA_1", {"ledger": b"2"}, now=NOW)
    assert saved(path) == b"2"
    assert logged(caplog) == [("state not saved", "database or disk is full")]


@pytest.mark.process
def test_a_disk_that_is_read_only_at_the_start_is_logged_and_made_good_later(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = small_disk / "state.db"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with opened(path) as store:
        assert not store.save("PA_1", {"ledger": b"1"}, now=NOW)
        assert [message for message, _ in logged(caplog)] == [
            "state cannot be written, counters would start again after a restart",
            "state not saved",
        ]
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        assert store.save("PA_1", {"ledger": b"2"}, now=NOW)
    assert saved(path) == b"2"


_AS_NOBODY = """
import os, sys
from pathlib import Path
from exporter.ledger.store import LedgerStore, StoreError
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    LedgerStore(Path(sys.argv[1]), configured=[], now=0.0)
except StoreError as error:
    print(error)
"""


@pytest.mark.process
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_another_user_s_file_is_refused_and_left_alone(mode: int, path: Path) -> None:
    path.write_bytes(b"worth keeping")
    path.chmod(mode)
    for directory in [parent for parent in path.parents if "pytest" in str(parent)]:
        directory.chmod(0o755)
    result = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)], capture_output=True, text=True, check=True, timeout=30
    )
    assert result.stdout == (
        f"state.path {path}: Permission denied; make it a file that this user can write, or move it away\n"
    )
    path.chmod(0o600)
    assert path.read_bytes() == b"worth keeping"
