"""``/me`` and ``/accounts``: what is read, what is not, and that nothing breaks it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api.model import Account
from exporter.api.records import parse_accounts, parse_me

ACCOUNTS = Path(__file__).parent.parent / "simulator" / "accounts.json"

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def page_of(*rows: object, **fields: object) -> bytes:
    return json.dumps({"accounts": rows, "total": len(rows), **fields}).encode()


def test_the_documented_answer_is_read_without_a_complaint_and_without_names() -> None:
    page = parse_accounts(ACCOUNTS.read_bytes())
    assert page.unreadable == ()
    assert (page.rows, page.total, page.full) == (3, 3, False)
    assert page.items[1] == Account(
        auth_id="MA_TEST0002",
        balance=Decimal(211),
        active=True,
        enabled=True,
        prepaid=True,
        kyc_status="verified",
    )


def test_names_are_read_only_where_they_are_asked_for() -> None:
    page = parse_accounts(ACCOUNTS.read_bytes(), names=True)
    assert [account.name for account in page.items] == ["Customer 1", "Customer 2", "Customer 3"]


@pytest.mark.parametrize(
    ("balance", "read"),
    [("250000.50000", "250000.5"), (17, "17"), ("-3.5", "-3.5"), ("0", "0"), (None, None), ("1e400", None), ([], None)],
)
def test_the_wallet_is_a_number_or_a_numeric_string_of_either_sign(balance: object, read: str | None) -> None:
    wallet = parse_me(json.dumps({"balance": balance, "email": "a@b.test"}).encode())
    assert wallet.balance == (None if read is None else Decimal(read))
    assert [field.path for field in wallet.unreadable] == ([] if read is not None else ["balance"])


def test_a_currency_that_is_none_is_listed() -> None:
    wallet = parse_me(b'{"balance": "1", "currency": "<b>"}')
    assert (wallet.currency, [field.path for field in wallet.unreadable]) == (None, ["currency"])


def test_rows_that_are_no_objects_are_counted_and_listed() -> None:
    page = parse_accounts(page_of(1, "x", {"auth_id": "MA_1"}, None))
    assert (page.rows, len(page.items)) == (4, 1)
    assert {field.path for field in page.unreadable} >= {"accounts[0]", "accounts[1]", "accounts[3]"}


@given(st.sampled_from(["auth_id", "cash_credits", "is_active", "enabled", "postpaid", "kyc_status", "name"]), _JSON)
def test_whatever_a_customer_holds_the_others_are_read(key: str, value: Any) -> None:
    rows = json.loads(ACCOUNTS.read_bytes())["accounts"]
    rows[1][key] = value
    page = parse_accounts(page_of(*rows), names=True)
    assert page.rows == 3
    assert {"MA_TEST0001", "MA_TEST0003"} <= {account.auth_id for account in page.items}
    assert all(field.path.startswith("accounts[1]") for field in page.unreadable)


def test_a_list_of_customers_that_is_null_is_an_empty_one() -> None:
    page = parse_accounts(b'{"accounts": null, "total": 0}')
    assert (page.items, page.rows, page.total, page.unreadable) == ((), 0, 0, ())


@pytest.mark.parametrize(
    "fields", [{"cash_credits": None}, {"cash_credits": ""}, {"kyc_status": ""}, {"kyc_status": None}, {"name": ""}]
)
def test_words_for_none_of_a_customer_are_no_fault(fields: dict[str, object]) -> None:
    row = {**json.loads(ACCOUNTS.read_bytes())["accounts"][0], **fields}
    page = parse_accounts(page_of(row), names=True)
    assert page.unreadable == ()
    assert page.items[0].balance == (None if "cash_credits" in fields else Decimal("40110.075"))


def test_a_balance_of_minus_one_is_a_debt_and_not_none() -> None:
    page = parse_accounts(page_of({**json.loads(ACCOUNTS.read_bytes())["accounts"][0], "cash_credits": "-1"}))
    assert page.items[0].balance == -1


@pytest.mark.parametrize(
    ("rows", "size", "full"),
    [(100, 100, True), (50, 50, True), (50, 100, True), (23, 23, True), (23, 100, False), (0, 100, False)],
)
def test_a_full_page_is_no_proof_of_the_end_whatever_the_total(rows: int, size: int, full: bool) -> None:
    customers = [{"auth_id": f"MA_{number}"} for number in range(rows)]
    for total in (-1, None, "", 0, 100, 3, 10_000):
        page = parse_accounts(page_of(*customers, total=total, size=size))
        assert page.full == full, total
        assert page.total == (total if isinstance(total, int) and total >= 0 else None)
        assert "total" not in [field.path for field in page.unreadable], total
