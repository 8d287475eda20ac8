"""A damaged database: noticed, put aside whole, and used as far as it can still be believed."""

from __future__ import annotations

import json
import random
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exporter.ledger.store import StoreError
from tests.ledger.test_store import NOW, opened, saved

DAMAGED = "state is damaged, counters that were lost with it start again"
ACCOUNTS = {f"PA_{n}": json.dumps({"totals": {"inbound": {"calls": str(n) * 900}}}).encode() for n in range(4)}
FLIPS = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of four accounts that was written a few times, so that it has free pages with older rows."""
    path = tmp_path / "state.db"
    with opened(path) as store:
        for filling in (b'"%s"' % (b"y" * 6000), None):
            for auth_id, data in ACCOUNTS.items():
                store.save(auth_id, {"ledger": filling or data, "detector": filling or data}, now=NOW)
    return path


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_no_flipped_bit_loads_wrong_counters_and_none_that_costs_some_goes_unnoticed(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole, chance = path.read_bytes(), random.Random(1)
    places = {chance.randrange(size) for size in (100 * 8, len(whole) * 8) for _ in range(FLIPS)}
    costly = 0
    for bit in sorted(places):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        caplog.clear()
        with opened(path, *ACCOUNTS) as store:
            found = {auth_id: store.load(auth_id, "ledger") for auth_id in ACCOUNTS}
        lost = [auth_id for auth_id, data in found.items() if data is None]
        assert all(found[auth_id] in (data, None) for auth_id, data in ACCOUNTS.items()), f"bit {bit}"
        assert not lost or logged(caplog) == [DAMAGED], f"bit {bit}"
        costly += bool(lost)
        for left in path.parent.iterdir():
            left.unlink()
    assert costly


def test_a_damaged_row_costs_its_account_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE state SET data = replace(data, '1', '7') WHERE auth_id = 'PA_1' AND kind = 'ledger'")
    before = path.read_bytes()
    with opened(path, *ACCOUNTS) as store:
        found = {auth_id: store.load(auth_id, "ledger") for auth_id in ACCOUNTS}
        assert found == ACCOUNTS | {"PA_1": None}
        assert store.load("PA_1", "detector") == ACCOUNTS["PA_1"]
    assert logged(caplog) == [DAMAGED]
    aside = path.with_name(f"state.db.unusable-{int(NOW)}")
    assert vars(caplog.records[0])["problem"] == "damaged rows: ledger of PA_1"
    assert vars(caplog.records[0])["put_aside_as"] == str(aside)
    assert aside.read_bytes() == before
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    caplog.clear()
    assert saved(path, "PA_2") == ACCOUNTS["PA_2"]
    assert not caplog.records


def test_a_row_that_is_another_s_is_noticed(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE state SET auth_id = 'PA_9' WHERE auth_id = 'PA_1'")
    with opened(path, *ACCOUNTS, "PA_9") as store:
        assert store.load("PA_9", "ledger") is None
        assert store.load("PA_2", "ledger") == ACCOUNTS["PA_2"]
    assert logged(caplog) == [DAMAGED]


def _another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE recipes (name TEXT)")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA user_version = 2")


def _content(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(change(path.read_bytes())), None)[1]


UNUSABLE = {
    "empty": (_content(lambda data: b""), "it is not a state database of vobiz-exporter, or it is damaged"),
    "cut short": (_content(lambda data: data[: len(data) // 2]), "it is damaged: database disk image is malformed"),
    "zeros": (_content(lambda data: b"\0" * len(data)), "it is damaged: file is not a database"),
    "text": (_content(lambda data: b"counters\n" * 99), "it is damaged: file is not a database"),
    "schema": (_content(lambda data: data.replace(b"NULL, kind", b"NULL\xac kind")), "it is damaged"),
    "another database": (_another_database, "it is not a state database of vobiz-exporter, or it is damaged"),
    "newer": (_newer, "it has version 2, and this release reads version 1"),
}


@pytest.mark.parametrize("name", list(UNUSABLE))
def test_an_unusable_database_is_put_aside_whole_and_logged_once(
    name: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage, problem = UNUSABLE[name]
    damage(path)
    content = path.read_bytes()
    with opened(path, *ACCOUNTS) as store:
        assert store.load("PA_1", "ledger") is None
        store.save("PA_1", {"ledger": b"9"}, now=NOW)
    aside = path.with_name(f"state.db.unusable-{int(NOW)}")
    assert aside.read_bytes() == content
    assert logged(caplog) == [DAMAGED]
    assert vars(caplog.records[0])["problem"] == problem
    assert saved(path) == b"9"


@pytest.mark.process
def test_an_unusable_database_that_cannot_be_put_aside_refuses_to_start(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"damaged")
    if subprocess.run(["chattr", "+a", str(tmp_path)], check=False, capture_output=True).returncode:
        pytest.skip("this file system keeps nobody from renaming")
    try:
        with pytest.raises(StoreError) as caught, opened(path):
            pass
        assert str(caught.value).startswith(f"state.path {path}: it is damaged")
        assert str(caught.value).endswith("and it could not be put aside (Operation not permitted); move it away")
    finally:
        subprocess.run(["chattr", "-a", str(tmp_path)], check=False, capture_output=True)
