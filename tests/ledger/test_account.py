"""A ledger and its place on disk: saved before it is shown, found again, and the failures in between."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.ledger import AccountLedger, LedgerStore, Observation
from tests.ledger.test_store import NOW, opened
from tests.ledger.test_store_faults import no_space

DAY = date(2026, 7, 1)
CALLS = ("inbound", "calls")


def calls(number: int) -> Observation:
    days = {DAY: {CALLS: Decimal(number)}}
    return Observation(group="directions", first=DAY, last=DAY, complete=True, days=days, currency="INR")


def account(store: LedgerStore | None, auth_id: str = "PA_1") -> AccountLedger:
    return AccountLedger(store, partner="acme", auth_id=auth_id)


def polled(account: AccountLedger, number: int) -> AccountLedger:
    account.ledger.record(calls(number), today=DAY)
    account.save(now=NOW)
    return account


def test_a_ledger_is_found_again_and_another_account_has_its_own(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        first = account(store)
        for number in (10, 12):
            polled(first, number)
        polled(account(store, "PA_2"), 98_000)
        assert polled(account(store), 13).ledger.totals[CALLS] == 3
        assert account(store, "PA_2").ledger.totals[CALLS] == 0


def test_what_the_detector_keeps_is_saved_with_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        account(store).save(now=NOW, others={"detector": b'{"lanes":{}}'})
    with opened(path, "PA_1") as store:
        assert account(store).saved("detector") == b'{"lanes":{}}'
        assert account(store, "PA_2").saved("detector") is None


def test_each_failed_write_is_counted_and_made_good_by_a_later_one(tmp_path: Path) -> None:
    failures: list[None] = []
    with opened(tmp_path / "state.db") as store:
        books = AccountLedger(store, partner="acme", auth_id="PA_1", on_failure=lambda: failures.append(None))
        polled(books, 10)
        with no_space():
            for number in (11, 12, 12):
                polled(books, number)
        assert len(failures) == 3
        assert books.ledger.totals[CALLS] == 2
        polled(books, 12)
    with opened(tmp_path / "state.db", "PA_1") as store:
        assert account(store).ledger.totals[CALLS] == 2


def test_a_row_that_no_ledger_can_be_made_of_is_logged_and_counting_starts_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path / "state.db") as store:
        store.save("PA_1", {"ledger": b'{"totals": {"inbound": {"callz": "1"}}}'}, now=NOW)
        assert account(store).ledger.totals == {}
    assert [record.getMessage() for record in caplog.records] == ["saved counters cannot be used, they start again"]


def test_without_a_store_nothing_is_kept() -> None:
    first = polled(account(None), 10)
    assert polled(first, 12).ledger.totals[CALLS] == 2
    assert account(None).saved("ledger") is None
