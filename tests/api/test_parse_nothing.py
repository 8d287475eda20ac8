"""Words for none, and answers that say nothing: what is no fault, and what is no answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exporter.api.errors import ApiError
from exporter.api.model import Report, Rollup
from exporter.api.reports import parse_analytics, parse_dashboard

SAMPLE = (Path(__file__).parent.parent / "data" / "dashboard.json").read_bytes()
Json = dict[str, Any]

NO_CALLS = {"total_calls": 0, "answered_calls": 0, "total_minutes": 0, "total_cost": "0"}
ZERO = Rollup(calls=0, answered_calls=0, minutes=Decimal(0), cost=Decimal(0))


def changed(change: Callable[[Json], object]) -> Report:
    body = json.loads(SAMPLE)
    change(body)
    return parse_dashboard(json.dumps(body).encode())


def idle(body: Json) -> None:
    """A month without a call."""
    body["calls"] = dict(NO_CALLS)
    for section in ("traffic", "by_product"):
        body[section] = {name: dict(NO_CALLS) for name in body[section]}
    body["time_series"] = []


WORDS_FOR_NONE: dict[str, Callable[[Json], object]] = {
    "no limit of accounts": lambda body: body["partner"].update(max_accounts=-1),
    "no limit of accounts, as null": lambda body: body["partner"].update(max_accounts=None),
    "no limit of accounts, as text": lambda body: body["partner"].update(max_accounts=""),
    "no slug": lambda body: body["partner"].update(slug=""),
    "no billing model": lambda body: body["partner"].update(billing_model=None),
    "no account id": lambda body: body["partner"].update(auth_id=None),
    "no days": lambda body: body.update(time_series=None),
    "no customers": lambda body: body["accounts"].update(customers=None),
    "no customers, no balance": lambda body: (
        body.update(total_balance=None),
        body.update(accounts={"total": 0, "active": 0, "customers": None}),
    ),
    "a product without calls is missing": lambda body: body["by_product"].pop("sip_trunking"),
    "a product without calls is null": lambda body: body["by_product"].update(sip_trunking=None),
    "a product without calls is empty": lambda body: body["by_product"].update(sip_trunking={}),
    "a product without calls has nulls": lambda body: body["by_product"].update(
        sip_trunking=dict.fromkeys(NO_CALLS, None)
    ),
    "sums of no calls are null": lambda body: body["by_product"].update(
        sip_trunking={"total_calls": 0, "answered_calls": None, "total_minutes": None, "total_cost": ""}
    ),
}


@pytest.mark.parametrize("change", WORDS_FOR_NONE.values(), ids=WORDS_FOR_NONE.keys())
def test_a_word_for_none_is_no_fault(change: Callable[[Json], object]) -> None:
    report = changed(change)
    assert report.unreadable == ()
    assert dict(report.products)["sip_trunking"] == ZERO


@pytest.mark.parametrize("word", [None, {}, "missing"])
@pytest.mark.parametrize("section", ["traffic", "by_product", "time_series"])
def test_sections_of_a_month_without_calls_may_be_missing(section: str, word: object) -> None:
    def change(body: Json) -> None:
        idle(body)
        body[section] = word
        if word == "missing":
            del body[section]

    if section == "time_series" and word == {}:
        return
    report = changed(change)
    assert report.unreadable == ()
    assert (report.total, report.days, report.complete_days) == (ZERO, (), True)
    assert {rollup for _, rollup in (*report.directions, *report.products)} == {ZERO}


def test_a_row_without_the_direction_that_had_no_calls_is_whole() -> None:
    def change(body: Json) -> None:
        row = body["time_series"][0]
        row["outbound"]["total_calls"], row["outbound"]["answered_calls"] = 900, 585
        del row["inbound"]

    report = changed(change)
    assert report.unreadable == ()
    assert report.complete_days
    assert report.days is not None
    assert report.days[0].inbound == Rollup(calls=0, answered_calls=0, minutes=Decimal(0))
    assert report.days[1].inbound.calls == 160


REALLY_MISSING: dict[str, tuple[Callable[[Json], object], list[str]]] = {
    "a direction with calls": (lambda body: body["traffic"].pop("inbound"), ["traffic.inbound"]),
    "a direction with calls, as null": (lambda body: body["traffic"].update(inbound=None), ["traffic.inbound"]),
    "both directions": (lambda body: body.update(traffic={}), ["traffic.inbound", "traffic.outbound"]),
    "all products": (lambda body: body.pop("by_product"), ["by_product"]),
    "the total": (lambda body: body["calls"].update(total_calls=None), ["calls.total_calls"]),
    "a total of minus one": (lambda body: body["calls"].update(total_calls=-1), ["calls.total_calls"]),
    "minutes of calls": (lambda body: body["calls"].update(total_minutes=None), ["calls.total_minutes"]),
    "a balance of customers": (lambda body: body.update(total_balance=None), ["total_balance"]),
    "the days of calls": (lambda body: body.pop("time_series"), ["time_series"]),
}


@pytest.mark.parametrize(("change", "paths"), REALLY_MISSING.values(), ids=REALLY_MISSING.keys())
def test_what_is_really_missing_is_listed_and_never_zero(change: Callable[[Json], object], paths: list[str]) -> None:
    report = changed(change)
    assert [field.path for field in report.unreadable] == paths
    rollups = [report.total, *dict(report.directions).values(), *dict(report.products).values()]
    assert None in [report.balance, report.days, *(rollup.calls for rollup in rollups), report.total.minutes]


def test_a_flat_row_has_its_totals_and_directions_that_nobody_knows() -> None:
    def change(body: Json) -> None:
        for row in body["time_series"]:
            del row["inbound"], row["outbound"]

    report = changed(change)
    assert report.days is not None
    assert [(row.total.calls, row.total.cost) for row in report.days] == [
        (900, Decimal("870.4")),
        (580, Decimal("551.5")),
    ]
    assert {row.inbound for row in report.days} == {Rollup()}
    assert not report.complete_days
    assert {field.path for field in report.unreadable} == {
        f"time_series[{row}].{direction}" for row in (0, 1) for direction in ("inbound", "outbound")
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2062-07-15", "2062-07-15"),
        ("1970-01-01", "1970-01-01"),
        ("2999-12-31", "2999-12-31"),
        ("2026-07-01T23:30:00+05:30", "2026-07-01"),
        ("2026-07-01 00:00:00", "2026-07-01"),
        ("2026-07-01T00:00:00.000000Z", "2026-07-01"),
    ],
)
def test_a_day_is_read_as_it_is_stated(text: str, day: str) -> None:
    report = changed(lambda body: body.update(period={"from": "1970-01-01", "to": text}))
    assert report.window is not None
    assert report.window.last.isoformat() == day


NO_ANSWER = {
    "empty": {},
    "an error": {"error": {"code": 500, "message": "temporarily unavailable"}},
    "an error beside zeros": {**json.loads(SAMPLE), "error": "backend timeout"},
    "no success": {"success": False, **json.loads(SAMPLE)},
    "one level too deep": {"data": json.loads(SAMPLE)},
    "a message": {"message": "maintenance"},
    "the profile alone": {"partner": json.loads(SAMPLE)["partner"], "currency": "INR"},
    "nulls": dict.fromkeys(json.loads(SAMPLE)),
    "other types": dict.fromkeys(json.loads(SAMPLE), "text"),
}


@pytest.mark.parametrize("body", NO_ANSWER.values(), ids=NO_ANSWER.keys())
@pytest.mark.parametrize("parse", [parse_dashboard, parse_analytics])
def test_an_answer_without_anything_that_was_asked_for_is_malformed(
    parse: Callable[[bytes], Report], body: Json
) -> None:
    with pytest.raises(ApiError):
        parse(json.dumps(body).encode())


@pytest.mark.parametrize("parse", [parse_dashboard, parse_analytics])
def test_an_answer_of_known_days_whose_calls_are_null_is_one_with_unreadable_fields(
    parse: Callable[[bytes], Report],
) -> None:
    nulls = {**dict.fromkeys(json.loads(SAMPLE)), "period": {"from": "2026-07-01", "to": "2026-07-01"}}
    report = parse(json.dumps(nulls).encode())
    assert report.total == Rollup()
    assert {"calls", "traffic", "by_product"} <= {field.path for field in report.unreadable}


@pytest.mark.parametrize(
    "fields", [{"error": None}, {"error": ""}, {"error": {}}, {"errors": []}, {"error": False}, {"success": True}]
)
def test_an_answer_that_says_that_nothing_failed_is_read(fields: Json) -> None:
    assert parse_dashboard(json.dumps({**json.loads(SAMPLE), **fields}).encode()) == parse_dashboard(SAMPLE)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "try later"}, ": try later"),
        ({"error": {"code": 500, "message": "try later"}}, ": try later"),
        ({"errors": [{"detail": "try later"}]}, ": try later"),
        ({"success": False, "message": "try\n\tlater\x00"}, ": try later"),
        ({"message": "x" * 5000}, ": " + "x" * 200),
        ({"error": {"code": 500}}, ""),
        ({"error": "no a@b.test, +91 98765-43210, MA_SECRET01, 'Ravi Kumar'"}, ": no *** ***, ***, ***"),
        ({"error": 'can\'t find "Ravi Kumar" in the CRM, it\'s gone'}, ": can't find *** in the CRM, it's gone"),
    ],
)  # fmt: skip
def test_the_api_s_own_message_is_repeated_short_and_without_personal_data(body: Json, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_dashboard(json.dumps(body).encode())
    assert caught.value.reason.removeprefix("the answer ") in (
        f"says that the request failed{message}",
        f"holds nothing that was asked for{message}",
    )
