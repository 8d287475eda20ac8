"""What makes a strict JSON decoder refuse a whole answer costs its own field, or nothing where nobody reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api import raw_json
from exporter.api.answer import open_answer
from exporter.api.errors import ApiError
from exporter.api.records import parse_accounts, parse_cdrs, parse_me
from exporter.api.reports import parse_analytics, parse_dashboard
from tests.rig.examples import examples

DATA = Path(__file__).parent.parent / "data"
DASHBOARD = (DATA / "dashboard.json").read_bytes()
ACCOUNTS = b'{"accounts": [{"auth_id": "MA_1", "cash_credits": "5", "is_active": true, "enabled": true, \
"postpaid": false, "name": "@@"}], "total": 1}'
CDRS = b'{"data": [{"uuid": "1", "hangup_cause": "USER_BUSY", "caller_id_name": "@@"}]}'
ME = b'{"balance": "5", "name": "@@"}'

DAMAGE = {
    "half of an emoji": b'"Ravi \\ud83d"',
    "its other half": b'"\\ude00 Ravi"',
    "an escaped backslash before half of an emoji": b'"\\\\\\ud83d"',
    "halves the wrong way round": b'"\\ude00\\ud83d"',
    "a Latin-1 byte": b'"Jos\xe9"',
    "a UTF-8 character cut short": b'"\xe2\x82"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "control characters": b'"a\x00b\x1fc\nd\te"',
    "brackets in a string": b'"}]{[\\"}"',
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "a huge whole number": b"9" * 10_000,
    "a number with many decimals": b"0." + b"1" * 10_000,
    "a number too large for a float": b"1e999999",
    "a name that cannot be decoded": b'{"\\ud83d": 1, "\xff": 2}',
    "a name twice": b'{"a": 1, "a": 2}',
}
PARSERS: tuple[Callable[[bytes], Any], ...] = (parse_dashboard, parse_analytics, parse_accounts, parse_cdrs, parse_me)
UNREAD: dict[str, tuple[Callable[[bytes], Any], bytes, bytes]] = {
    "dashboard": (parse_dashboard, DASHBOARD, b'"Customer One"'),
    "analytics": (parse_analytics, DASHBOARD, b'"Customer One"'),
    "accounts": (parse_accounts, ACCOUNTS, b'"@@"'),
    "cdrs": (parse_cdrs, CDRS, b'"@@"'),
    "me": (parse_me, ME, b'"@@"'),
}


def damaged(body: bytes) -> bytes:
    return b'{"surprise": NaN, ' + body[1:]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_in_a_field_that_nobody_reads_costs_nothing(damage: bytes) -> None:
    for endpoint, (parse, body, value) in UNREAD.items():
        whole = parse(body)
        assert parse(body.replace(value, damage)) == whole, endpoint
        assert parse(b'{"surprise": ' + damage + b", " + body[1:]) == whole, endpoint


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_in_a_field_that_is_read_costs_that_field_alone(damage: bytes) -> None:
    body = DASHBOARD.replace(b'"total_balance": "40321.07500"', b'"total_balance": ' + damage)
    report, whole = parse_dashboard(body), parse_dashboard(DASHBOARD)
    assert report.balance is None
    assert [field.path for field in report.unreadable] == ["total_balance"]
    assert (report.total, report.days, report.partner) == (whole.total, whole.days, whole.partner)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_a_word_that_python_takes_for_a_number_is_no_text_either(word: bytes) -> None:
    report = parse_dashboard(DASHBOARD.replace(b'"currency": "INR"', b'"currency": ' + word))
    assert report.currency is None
    assert [field.path for field in report.unreadable] == ["currency"]


def test_damage_in_a_customer_costs_that_field_of_that_customer_alone() -> None:
    page = parse_accounts(ACCOUNTS.replace(b'"5"', b"NaN").replace(b'"@@"', b'"\\ud83d"'), names=True)
    assert [field.path for field in page.unreadable] == ["accounts[0].cash_credits", "accounts[0].name"]
    assert page.items[0].active is True


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("472.18500000000000227373675443232059478759765625", "472.185"),
        ("0." + "3" * 400, "0.333333333333"),
        ("4721850000e-7", "472.185"),
        ("-0.0", "0"),
    ],
)
def test_a_number_may_have_any_number_of_decimals(written: str, read: str) -> None:
    body = DASHBOARD.replace(b'"total_minutes": 2213.4', b'"total_minutes": ' + written.encode())
    assert str(parse_dashboard(body).total.minutes) == read
    assert str(parse_dashboard(damaged(body)).total.minutes) == read


@pytest.mark.parametrize("word", [b"-1", b"-1.0", b'"-1"', b'""', b"null"])
def test_a_word_for_none_is_one_in_a_damaged_answer_as_well(word: bytes) -> None:
    body = DASHBOARD.replace(b'"max_accounts": 500', b'"max_accounts": ' + word)
    for error in (b"0", b"false", b"null", b"[]"):
        report = parse_dashboard(damaged(body.rstrip()[:-1] + b', "error": ' + error + b"}"))
        assert (report.partner.max_accounts, report.unreadable) == (None, ())


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": \x01',
        b'{"a": NaN,}',
        b'{"a": NaN} {"b": 1}',
        b'{"a": NaN, "b"}',
        b'{"a": NaN, b: 1}',
        b'{"a": NaN "b": 1}',
        b'{"a": [NaN}',
        b'{"a": "\\ud83d}',
        b'{"a": NaN, "b": }',
        b"[NaN]",
        b"NaN",
        b'{"a": "\\x41"}',
        b'{"a": "\\u12"}',
        b'{"a": 007}',
        b'{"a": .5}',
        b'{"a": 0x1F}',
        b'{"a": None}',
        b'{"a": undefined}',
        b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
)
def test_what_breaks_the_grammar_or_is_nested_a_thousand_deep_is_malformed(body: bytes) -> None:
    with pytest.raises(ApiError):
        open_answer(body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@examples(300)
@given(_JSON, st.booleans())
def test_what_is_not_damaged_itself_is_the_same_in_a_damaged_answer(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    for damage in (b"NaN", b'"\\ud83d"', b'"\x01"'):
        whole, damaged = raw_json.elements(b"[" + text + b"]"), raw_json.elements(b"[" + text + b", " + damage + b"]")
        assert whole is not None
        assert damaged is not None
        assert repr(json.loads(bytes(damaged[0]))) == repr(json.loads(bytes(whole[0]))) == repr(value)


@pytest.mark.parametrize("number", [b"-1", b"0", b"12", b"1.50", b"1e3", b"9" * 400])
def test_a_number_in_the_place_of_a_text_is_unreadable_in_a_damaged_answer_as_well(number: bytes) -> None:
    body = DASHBOARD.replace(b'"slug": "test-partner"', b'"slug": ' + number)
    assert body != DASHBOARD
    assert parse_dashboard(damaged(body)) == parse_dashboard(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"text"', b"{}", b"{}{}", b"<html>login</html>", b'{"calls": {"total_calls": 1',
        b"\xff\xfe{\x00}\x00", b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", b'{"error": "no", "data": []}',
        b'{"success": false, "balance": "1", "accounts": [], "data": []}',
        b'{"data": {"balance": "1", "accounts": []}}', b'{"accounts": "none", "data": {}, "profile": {}}',
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_an_answer_without_what_was_asked_for_is_malformed(body: bytes) -> None:
    for parse in PARSERS:
        with pytest.raises(ApiError):
            parse(body)


_KEYS = st.sampled_from(["accounts", "total", "balance", "currency", "data", "pagination", "calls", "period", "error"])


@examples(300)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(str.encode)
    | st.dictionaries(_KEYS, _JSON).map(json.dumps).map(str.encode)
)
def test_any_body_is_read_or_malformed(body: bytes) -> None:
    for parse in PARSERS:
        with suppress(ApiError):
            parse(body)
