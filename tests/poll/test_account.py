"""An account and its place on disk: saved before it is shown, found again, and the failures in between."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest

from exporter.api.model import DayRow, Report, Rollup, Window
from exporter.clock import Moment
from exporter.detect.detector import Detector
from exporter.detect.observations import Thresholds
from exporter.ledger.store import LedgerStore
from exporter.poll.counting import Account, Answers, Ledgers
from exporter.poll.snapshot import Snapshot
from tests.ledger.test_store import NOW, opened
from tests.ledger.test_store_faults import no_space

DAY = date(2026, 7, 1)
CALLS = ("inbound", "calls")
EMPTY = Snapshot(partner="acme", interval=60.0)


def calls(number: int) -> Report:
    """An answer of ``/dashboard`` with so many inbound calls today."""
    some, none = (Rollup(calls=each, answered_calls=0, minutes=Decimal(0), cost=Decimal(0)) for each in (number, 0))
    return Report(
        window=Window(first=DAY, last=DAY),
        currency="INR",
        total=some,
        directions=(("inbound", some), ("outbound", none)),
        days=(DayRow(day=DAY, total=some, inbound=some, outbound=none),),
    )


def account(store: LedgerStore | None, auth_id: str = "PA_1") -> Account:
    """As after a start."""
    return Ledgers(store).of(auth_id, partner="acme", interval=60.0, thresholds=Thresholds())


def polled(account: Account, number: int) -> Account:
    began = Moment(wall=NOW, elapsed=0.0)
    account.record(Answers(began=began, account=account, snapshot=EMPTY, dashboard=calls(number), today=DAY))
    return account


def shown(account: Account) -> Decimal:
    """The counter as it may be shown."""
    return account.apply(EMPTY, stale_after=300.0, customers=None).totals[CALLS]


def test_a_ledger_is_found_again_and_another_account_has_its_own(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        first = account(store)
        for number in (10, 12):
            polled(first, number)
        polled(account(store, "PA_2"), 98_000)
        assert shown(polled(account(store), 13)) == 3
        assert shown(polled(account(store, "PA_2"), 98_000)) == 0


def test_what_the_detector_keeps_is_saved_with_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        polled(polled(account(store), 10), 12)
    with opened(path, "PA_1") as store:
        saved = store.load("PA_1", "detector")
        assert saved is not None
        assert json.loads(saved)["traffic"].keys() == {"inbound", "outbound"}
        assert store.load("PA_2", "detector") is None


def test_what_is_counted_is_saved_although_the_detector_has_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> NoReturn:
        raise ZeroDivisionError

    path = tmp_path / "state.db"
    with opened(path) as store:
        first = polled(account(store), 10)
        monkeypatch.setattr(Detector, "observe", fails)
        assert shown(polled(first, 12)) == 2
        assert first.apply(EMPTY, stale_after=300.0, customers=None).judgements is None
    with opened(path, "PA_1") as store:
        assert shown(polled(account(store), 12)) == 2


def test_each_failed_write_is_counted_and_made_good_by_a_later_one(tmp_path: Path) -> None:
    failures: list[None] = []
    with opened(tmp_path / "state.db") as store:
        ledgers = Ledgers(store, on_failure=lambda: failures.append(None))
        books = ledgers.of("PA_1", partner="acme", interval=60.0, thresholds=Thresholds())
        polled(books, 10)
        with no_space():
            for number in (11, 12, 12):
                polled(books, number)
        assert len(failures) == 3
        assert shown(books) == 2
        polled(books, 12)
    with opened(tmp_path / "state.db", "PA_1") as store:
        assert shown(polled(account(store), 12)) == 2


def test_a_row_that_no_ledger_can_be_made_of_is_logged_and_counting_starts_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path / "state.db") as store:
        store.save("PA_1", {"ledger": b'{"totals": {"inbound": {"callz": "1"}}}'}, now=NOW)
        assert shown(polled(account(store), 10)) == 0
    assert [record.getMessage() for record in caplog.records] == ["saved counters cannot be used, they start again"]


def test_without_a_store_nothing_is_kept() -> None:
    first = polled(account(None), 10)
    assert shown(polled(first, 12)) == 2
    assert shown(polled(account(None), 12)) == 0
