"""``/cdrs``: why calls ended, and nothing of who called whom."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.api import raw_json
from exporter.api.model import CallRecord
from exporter.api.records import parse_cdrs

RECORD: dict[str, Any] = {
    "id": 8123,
    "uuid": "b1a7e0b2-0c3c-4c2e-9a55-0f6f3b1f7a10",
    "account_id": "MA_TEST0001",
    "call_direction": "outbound",
    "context": "voice-api",
    "start_time": "2026-07-01T10:00:00.123456Z",
    "answer_time": None,
    "end_time": "2026-07-01T10:00:21Z",
    "duration": 21,
    "billsec": 0,
    "ring_time": "20.5",
    "hangup_cause": "USER_BUSY",
    "hangup_cause_code": 3010,
    "hangup_cause_name": "User Busy",
    "hangup_source": "Carrier",
    "mos": None,
    "region": "in-west",
    "trunk_id": "trunk-1",
    "cost": "0.0",
    "currency": "INR",
}
PERSONAL = {
    "caller_id_number": "+919876500001",
    "caller_id_name": "TELLTALE NAME",
    "destination_number": "+919876500002",
    "network_addr": "203.0.113.77",
    "sip_call_id": "telltale@sip.test",
    "carrier_ip": "203.0.113.78",
}


def page_of(*rows: object, **fields: object) -> bytes:
    return json.dumps({"success": True, "data": rows, **fields}).encode()


def test_a_record_is_read_as_documented() -> None:
    page = parse_cdrs(page_of(RECORD, pagination={"page": 1, "per_page": 100, "total": 7}))
    assert page.unreadable == ()
    assert (page.rows, page.total, page.full) == (1, 7, False)
    assert page.items == (
        CallRecord(
            key=RECORD["uuid"],
            account_id="MA_TEST0001",
            direction="outbound",
            end_time=datetime(2026, 7, 1, 10, 0, 21, tzinfo=timezone.utc),
            ring_time=Decimal("20.5"),
            cause="User Busy",
            source="Carrier",
        ),
    )


def test_what_is_personal_is_not_even_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    string = raw_json.string

    def noted(raw: bytes) -> str | None:
        decoded.append(raw)
        return string(raw)

    monkeypatch.setattr(raw_json, "string", noted)
    for damage in ({}, {"odd": float("nan")}):
        page = parse_cdrs(page_of({**RECORD, **PERSONAL, **damage}))
        assert page == parse_cdrs(page_of(RECORD))
    assert decoded
    assert not [value for value in PERSONAL.values() for raw in decoded if value.encode() in raw]
    assert not [value for value in PERSONAL.values() if value in repr(page)]


@pytest.mark.parametrize("key", RECORD)
def test_whatever_a_record_lacks_is_unknown_and_no_fault(key: str) -> None:
    without = {name: value for name, value in RECORD.items() if name != key}
    for record in (without, *({**RECORD, key: value} for value in (None, "", -1))):
        page = parse_cdrs(page_of(record))
        assert page.unreadable == ()
        assert len(page.items) == 1
        assert page.items[0].key is not None


@pytest.mark.parametrize(
    ("key", "value"),
    [("mos", "good"), ("billsec", -2), ("end_time", "yesterday"), ("call_direction", "sideways"), ("id", 1.5),
     ("hangup_cause", ["x"]), ("account_id", "\x00")],
)  # fmt: skip
def test_a_field_that_cannot_be_read_costs_itself_alone(key: str, value: object) -> None:
    page = parse_cdrs(page_of(RECORD, {**RECORD, key: value}))
    assert [field.path for field in page.unreadable] == [f"data[1].{key}"]
    assert page.items[1].source == "Carrier"


@pytest.mark.parametrize(
    ("words", "cleaned"),
    [
        ("Canceled (Out Of Credits)", "Canceled (Out Of Credits)"),
        ("a\x00b\u202ec\nd  e", "a b c d e"),
        ("x" * 900, "x" * 64),
        ("rejected +91 98765 43210 of ravi@shop.test", "rejected *** of ***"),
        ("\x00", None),
    ],
)
def test_a_cause_is_printable_short_and_names_nobody(words: str, cleaned: str | None) -> None:
    page = parse_cdrs(page_of({"uuid": "1", "hangup_cause_name": words}))
    assert page.items[0].cause == cleaned


def test_a_record_without_a_cause_in_words_has_that_of_q_850_or_the_code() -> None:
    rows = [{**RECORD, "hangup_cause_name": None}, {"hangup_cause_code": 77}, {}]
    assert [record.cause for record in parse_cdrs(page_of(*rows)).items] == ["USER_BUSY", "code 77", None]


def test_an_answered_call_is_known_by_its_time_or_its_seconds() -> None:
    rows = [{**RECORD, "answer_time": "2026-07-01 10:00:05"}, {**RECORD, "billsec": 3}, RECORD]
    assert [record.answered for record in parse_cdrs(page_of(*rows)).items] == [True, True, False]


def test_a_record_without_a_uuid_is_known_by_its_id() -> None:
    rows = [{"id": 5}, {"id": "6"}, {}]
    assert [record.key for record in parse_cdrs(page_of(*rows)).items] == ["5", "6", None]


def test_nothing_found_is_an_empty_page() -> None:
    for body in (page_of(), b'{"success": true, "data": null}'):
        page = parse_cdrs(body)
        assert (page.items, page.rows, page.full, page.unreadable) == ((), 0, False, ())


def test_a_full_page_is_no_proof_of_the_end() -> None:
    assert parse_cdrs(page_of(*[RECORD] * 25, pagination={"total": 25, "per_page": 25})).full
    assert not parse_cdrs(page_of(*[RECORD] * 33)).full


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([*RECORD, "x"]), st.none() | st.integers() | st.floats() | st.text() | st.just([]))
)
def test_whatever_a_record_holds_the_others_are_read(row: dict[str, Any]) -> None:
    page = parse_cdrs(page_of(row, RECORD))
    assert page.items[1] == parse_cdrs(page_of(RECORD)).items[0]
