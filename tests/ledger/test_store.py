"""The database of the ledgers: read once, written in one transaction, for one process at a time."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exporter.ledger.store import ABANDONED_AFTER, LedgerStore, StoreError

NOW = 1_782_900_000.0
KILLS = 200 if os.environ.get("VOBIZ_LONG_TESTS") == "1" else 10
IN_USE = "another vobiz-exporter uses it"


@contextmanager
def opened(path: Path, *configured: str, now: float = NOW) -> Iterator[LedgerStore]:
    store = LedgerStore(path, configured=configured, now=now)
    try:
        yield store
    finally:
        store.close()


def saved(path: Path, auth_id: str = "PA_1", kind: str = "ledger") -> bytes | None:
    """What a later start finds."""
    with opened(path, auth_id) as store:
        return store.load(auth_id, kind)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_what_was_saved_is_there_after_a_restart(path: Path) -> None:
    with opened(path) as store:
        store.save("PA_1", {"ledger": b'{"n":1}', "detector": b'{"n":2}'}, now=NOW)
        store.save("PA_2", {"ledger": b'{"n":3}'}, now=NOW)
        store.save("PA_1", {"ledger": b'{"n":4}'}, now=NOW)
        assert store.load("PA_1", "ledger") == b'{"n":4}'
    assert saved(path) == b'{"n":4}'
    assert saved(path, kind="detector") == b'{"n":2}'
    assert saved(path, "PA_2") == b'{"n":3}'
    assert saved(path, "PA_3") is None


def test_the_rows_of_one_save_are_written_together_or_not_at_all(path: Path) -> None:
    with opened(path) as store, closing(sqlite3.connect(path)) as other:
        store.save("PA_1", {"ledger": b"1", "detector": b"1"}, now=NOW)
        other.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON state WHEN new.data = '2' AND new.kind = 'detector'"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
        assert not store.save("PA_1", {"ledger": b"2", "detector": b"2"}, now=NOW)
        rows = other.execute("SELECT kind, data FROM state WHERE auth_id = 'PA_1' ORDER BY kind").fetchall()
        assert rows == [("detector", "1"), ("ledger", "1")]


def test_the_database_is_readable_by_others_while_it_is_in_use(path: Path) -> None:
    with opened(path) as store:
        store.save("PA_1", {"ledger": b'{"totals": {}}'}, now=NOW)
        with closing(sqlite3.connect(path)) as reader:
            dump = "\n".join(reader.iterdump())
    assert """'PA_1','ledger',1782900000,""" in dump
    assert """'{"totals": {}}'""" in dump


def test_only_the_owner_may_read_it_and_nothing_else_is_left_beside_it(path: Path) -> None:
    mask = os.umask(0)
    try:
        with opened(path) as store:
            store.save("PA_1", {"ledger": b"{}"}, now=NOW)
    finally:
        os.umask(mask)
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert modes == {"state.db": 0o600, "state.db-journal": 0o600}
    assert path.with_name("state.db-journal").stat().st_size == 0


def test_a_copy_taken_between_two_saves_is_a_whole_database(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with opened(path) as store:
        for number in range(5):
            store.save("PA_1", {"ledger": b"%d" % number}, now=NOW)
            copy.write_bytes(path.read_bytes())
            assert saved(copy) == b"%d" % number


def test_a_leftover_of_a_killed_start_is_overwritten(path: Path) -> None:
    path.with_name("state.db.new").write_text("half of somethi", encoding="utf-8")
    with opened(path) as store:
        store.save("PA_1", {"ledger": b"{}"}, now=NOW)
    assert saved(path) == b"{}"
    assert not path.with_name("state.db.new").exists()


def test_a_directory_that_is_not_there_is_logged_and_not_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "vra" / "state.db"
    with opened(path) as store:
        assert not store.save("PA_1", {"ledger": b"{}"}, now=NOW)
        assert not path.parent.exists()
        path.parent.mkdir()
        assert store.save("PA_1", {"ledger": b"{}"}, now=NOW)
    assert [record.getMessage() for record in caplog.records][:1] == [
        "state cannot be written, counters would start again after a restart"
    ]
    assert saved(path) == b"{}"


def test_an_account_no_longer_configured_is_kept_for_thirty_days(path: Path) -> None:
    with opened(path) as store:
        store.save("PA_1", {"ledger": b"1"}, now=NOW)
        store.save("PA_2", {"ledger": b"2"}, now=NOW)
    with opened(path, "PA_1", now=NOW + ABANDONED_AFTER) as store:
        store.save("PA_1", {"ledger": b"3"}, now=NOW)
        assert store.load("PA_2", "ledger") == b"2"
    with opened(path, "PA_1", now=NOW + ABANDONED_AFTER + 1) as store:
        assert store.load("PA_2", "ledger") is None
        assert store.load("PA_1", "ledger") == b"3"
        store.save("PA_1", {"ledger": b"4"}, now=NOW)
    assert saved(path, "PA_2") is None


def test_many_threads_save_at_once(path: Path) -> None:
    names = [f"PA_{n}" for n in range(16)]
    start = threading.Barrier(len(names))
    with opened(path) as store, closing(sqlite3.connect(path, check_same_thread=False)) as reader:
        reading = threading.Lock()

        def work(name: str) -> None:
            start.wait()
            for n in range(10):
                store.save(name, {"ledger": b"%d" % n}, now=NOW)
                with reading:
                    [row] = reader.execute("SELECT data FROM state WHERE auth_id = ?", (name,)).fetchall()
                assert int(row[0]) == n

        threads = [threading.Thread(target=work, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {saved(path, name) for name in names} == {b"9"}


def test_saving_logs_nothing_and_writes_nothing_if_nothing_changed(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with opened(path) as store:
        written = []
        for number in (1, 1, 2):
            store.save("PA_1", {"ledger": b"%d" % number}, now=NOW)
            written.append(path.stat().st_mtime_ns)
    assert written[0] == written[1] != written[2]
    assert not caplog.records


@contextmanager
def writing(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes; killed at the end of the block."""
    command = [sys.executable, "-m", "tests.ledger.store_writer", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


@pytest.mark.process
def test_a_second_process_is_refused_and_the_first_goes_on(path: Path) -> None:
    refusal = f"state.path {path}: {IN_USE}; give each a state.path of its own"
    with writing(path) as first:
        assert _line(first) == "0"
        with writing(path) as second:
            assert _line(second) == refusal
            assert second.wait() == 3
        assert int(_line(first)) > 0
        with pytest.raises(StoreError) as caught, opened(path):
            pass
        assert str(caught.value) == refusal


def test_a_second_process_is_refused_even_when_the_database_was_deleted(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(path) as first:
        first.save("PA_1", {"ledger": b"1"}, now=NOW)
        path.unlink()
        with opened(path) as second:
            second.save("PA_2", {"ledger": b"2"}, now=NOW)
            assert not first.save("PA_1", {"ledger": b"3"}, now=NOW)
        assert vars(caplog.records[-1])["problem"] == IN_USE
        assert first.save("PA_1", {"ledger": b"4"}, now=NOW)
    assert saved(path) == b"4"


@pytest.mark.process
@pytest.mark.timeout(600)
def test_after_kill_9_at_any_moment_the_database_is_whole_and_not_behind_what_was_reported(path: Path) -> None:
    chance = random.Random(1)
    reported = 0
    for _ in range(KILLS):
        with writing(path) as process:
            assert int(_line(process)) >= reported
            for _ in range(chance.randrange(1, 12)):
                reported = int(_line(process))
            _spin(chance.randrange(40_000))
            process.kill()
            assert process.stdout is not None
            rest = process.stdout.read().splitlines(keepends=True)
        reported = max([reported, *(int(line) for line in rest if line.endswith("\n"))])
    with opened(path, "PA_1") as store:
        entry, twin = store.load("PA_1", "ledger"), store.load("PA_1", "detector")
    assert entry is not None
    assert int(entry.split(b",")[0].removeprefix(b'{"n": ')) >= reported
    assert twin == entry
    assert not list(path.parent.glob("*unusable*"))


def _spin(turns: int) -> None:
    """Let a moment pass that is shorter than a write, so that the kill comes anywhere within one."""
    for _ in range(turns):
        pass
