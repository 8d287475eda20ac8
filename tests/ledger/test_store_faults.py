"""A disk that cannot be written, and things under the database's name that are none."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.ledger import LedgerStore, StoreError, StoreWriteError, path_in_use
from tests.ledger.test_store import NOW, opened, saved

AS_ROOT = os.geteuid() == 0
LARGE = b'"' + b"x" * 100_000 + b'"'


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
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[LedgerStore]:
    with opened(path, "PA_1") as store:
        store.save("PA_1", {"ledger": b"1"}, now=NOW)
        yield store


def test_a_write_without_space_fails_in_one_line_and_leaves_what_was_there(store: LedgerStore, path: Path) -> None:
    copy = path.with_name("copy.db")
    with no_space(), pytest.raises(StoreWriteError, match=r"state\.db: disk I/O error$"):
        store.save("PA_1", {"ledger": LARGE}, now=NOW)
    copy.write_bytes(path.read_bytes())
    assert saved(copy) == b"1"


def test_the_write_after_a_failed_one_holds_what_that_one_held(store: LedgerStore, path: Path) -> None:
    with no_space(), pytest.raises(StoreWriteError):
        store.save("PA_1", {"ledger": b"2"}, now=NOW)
    store.save("PA_2", {"ledger": b"3"}, now=NOW)
    store.close()
    assert (saved(path), saved(path, "PA_2")) == (b"2", b"3")


def test_a_database_that_was_deleted_is_written_again_whole(store: LedgerStore, path: Path) -> None:
    store.save("PA_2", {"ledger": b"2"}, now=NOW)
    path.unlink()
    store.save("PA_1", {"ledger": b"3"}, now=NOW)
    store.close()
    assert (saved(path), saved(path, "PA_2")) == (b"3", b"2")


def test_an_old_copy_put_in_place_while_it_runs_is_written_over(store: LedgerStore, path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    store.save("PA_2", {"ledger": b"2"}, now=NOW)
    copy.replace(path)
    store.save("PA_1", {"ledger": b"3"}, now=NOW)
    store.close()
    assert (saved(path), saved(path, "PA_2")) == (b"3", b"2")


def test_a_directory_that_was_removed_fails_each_save_until_it_is_back(store: LedgerStore, path: Path) -> None:
    moved = path.parent.with_name("elsewhere")
    path.parent.rename(moved)
    for _ in range(2):
        with pytest.raises(StoreWriteError, match="No such file or directory"):
            store.save("PA_1", {"ledger": b"2"}, now=NOW)
    path.parent.mkdir()
    store.save("PA_1", {"ledger": b"2"}, now=NOW)
    store.close()
    assert saved(path) == b"2"


def test_a_directory_in_the_file_s_place_fails_each_save_until_it_is_gone(store: LedgerStore, path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreWriteError, match="Is a directory"):
        store.save("PA_1", {"ledger": b"2"}, now=NOW)
    path.rmdir()
    store.save("PA_1", {"ledger": b"2"}, now=NOW)
    store.close()
    assert saved(path) == b"2"


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
    assert path_in_use(path) == problem
    assert path.lstat().st_ino == before.st_ino


def _mount(path: Path, options: str) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if not AS_ROOT:
        pytest.skip("mounting a disk needs root")
    _mount(tmp_path, "size=128k")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.process
def test_a_full_disk_is_reported_and_what_was_there_stays(small_disk: Path) -> None:
    path = small_disk / "state.db"
    with opened(path, "PA_1") as store:
        store.save("PA_1", {"ledger": b"1"}, now=NOW)
        with pytest.raises(StoreWriteError, match="database or disk is full"):
            store.save("PA_1", {"ledger": LARGE * 2}, now=NOW)
        store.save("PA_1", {"ledger": b"2"}, now=NOW)
    assert saved(path) == b"2"


@pytest.mark.process
def test_a_disk_that_is_full_or_read_only_at_the_start_is_logged_and_made_good_later(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = small_disk / "state.db"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with opened(path) as store:
        assert [record.getMessage() for record in caplog.records] == [
            "state cannot be written, counters would start again after a restart"
        ]
        for _ in range(2):
            with pytest.raises(StoreWriteError, match="Read-only file system"):
                store.save("PA_1", {"ledger": b"1"}, now=NOW)
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        store.save("PA_1", {"ledger": b"2"}, now=NOW)
    assert saved(path) == b"2"


@pytest.mark.process
def test_a_database_on_a_disk_that_is_read_only_at_the_start_is_used(small_disk: Path) -> None:
    path = small_disk / "state.db"
    with opened(path) as store:
        store.save("PA_1", {"ledger": b"1"}, now=NOW)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with opened(path, "PA_1") as store:
        assert store.load("PA_1", "ledger") == b"1"
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        store.save("PA_1", {"ledger": b"2"}, now=NOW)
    assert saved(path) == b"2"


_AS_NOBODY = """
import os, sys
from pathlib import Path
from exporter.ledger import LedgerStore, StoreError
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
    for directory in (path.parent, *list(path.parent.parents)[:2]):
        directory.chmod(0o755)
    result = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)], capture_output=True, text=True, check=True, timeout=30
    )
    assert result.stdout == (
        f"state.path {path}: Permission denied; make it a file that this user can write, or move it away\n"
    )
    path.chmod(0o600)
    assert path.read_bytes() == b"worth keeping"
