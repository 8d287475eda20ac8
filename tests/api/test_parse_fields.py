"""One unreadable field costs that figure alone, and is listed by its path."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api.model import Report
from exporter.api.reports import parse_analytics, parse_dashboard
from tests.rig.examples import examples

DATA = Path(__file__).parent.parent / "data"
SAMPLE = (DATA / "dashboard.json").read_bytes()


def dashboard(path: str, value: Any) -> Report:
    """The sample answer with one field replaced (``traffic.inbound.total_calls``)."""
    return parse_dashboard(json.dumps(_with(path, value)).encode())


def _with(path: str, value: Any) -> Any:
    body = json.loads(SAMPLE)
    *parents, last = path.split(".")
    target = body
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target[key]
    target[int(last) if isinstance(target, list) else last] = value
    return body


def problems(report: Report) -> dict[str, str]:
    return {field.path: field.problem for field in report.unreadable}


def test_the_documented_answer_has_nothing_unreadable() -> None:
    assert parse_dashboard(SAMPLE).unreadable == ()
    assert parse_analytics((DATA / "analytics-today.json").read_bytes()).unreadable == ()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "null"),
        (True, "not a number"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("1e999", "too large to be true"),
        ("", "not a number"),
        ("12 calls", "not a number"),
        ("0x10", "not a number"),
        ("１２", "not a number"),
        ([], "not a number"),
        ({"total": 1}, "not a number"),
        (-1, "negative"),
        ("-0.5", "negative"),
        (10**16, "too large to be true"),
        (0.5, "not a whole number"),
    ],
)
def test_a_bad_count_costs_that_figure_alone(value: object, problem: str) -> None:
    report = dashboard("traffic.inbound.total_calls", value)
    assert problems(report) == {"traffic.inbound.total_calls": problem}
    inbound = dict(report.directions)["inbound"]
    assert inbound.calls is None
    assert (inbound.answered_calls, inbound.minutes, inbound.cost) == (352, Decimal("801.2"), Decimal("401.1"))
    assert dict(report.directions)["outbound"].calls == 1080


@pytest.mark.parametrize("value", [400, "400", 400.0, "400.0", " 400 ", "4e2", "+400"])
def test_numbers_and_numeric_strings_are_both_read(value: object) -> None:
    report = dashboard("traffic.inbound.total_calls", value)
    assert dict(report.directions)["inbound"].calls == 400
    assert report.unreadable == ()


def test_more_answered_calls_than_calls_is_not_believed() -> None:
    report = dashboard("calls.answered_calls", 1481)
    assert problems(report) == {"calls.answered_calls": "more answered calls than calls"}
    assert report.total.answered_calls is None
    assert report.total.calls == 1480


def test_a_negative_balance_is_a_debt_and_not_an_error() -> None:
    report = dashboard("total_balance", "-12.50000")
    assert report.balance == Decimal("-12.5")
    assert report.unreadable == ()


def test_a_missing_section_is_listed_once_and_not_field_by_field() -> None:
    body = json.loads(SAMPLE)
    del body["traffic"]
    report = parse_dashboard(json.dumps(body).encode())
    assert problems(report) == {"traffic": "missing"}
    assert dict(report.directions)["inbound"].calls is None


def test_a_day_whose_row_is_unreadable_leaves_the_other_days() -> None:
    report = dashboard("time_series.0", "yesterday")
    assert problems(report) == {"time_series[0]": "not an object"}
    assert report.days is not None
    assert [row.day.isoformat() for row in report.days] == ["2026-07-01"]
    assert not report.complete_days


def test_rows_come_out_oldest_first_whatever_their_order() -> None:
    body = json.loads(SAMPLE)
    body["time_series"].reverse()
    report = parse_dashboard(json.dumps(body).encode())
    assert report.days is not None
    assert [row.day.isoformat() for row in report.days] == ["2026-06-30", "2026-07-01"]


def test_the_same_day_twice_counts_once() -> None:
    body = json.loads(SAMPLE)
    body["time_series"].append(body["time_series"][0])
    report = parse_dashboard(json.dumps(body).encode())
    assert report.days is not None
    assert len(report.days) == 2
    assert problems(report) == {"time_series[2].date": "the same day twice; the first row counts"}


@pytest.mark.parametrize("value", ["2026-02-30", "01/07/2026", "1026-07-01", 20260701, None, ""])
def test_a_window_without_readable_dates_is_unknown(value: object) -> None:
    report = dashboard("period.to", value)
    assert report.window is None
    assert list(problems(report)) == ["period.to"]


def test_a_date_may_carry_a_time() -> None:
    report = dashboard("period.to", "2026-07-01T00:00:00Z")
    assert report.window is not None
    assert report.window.last.isoformat() == "2026-07-01"


def test_unknown_fields_are_ignored() -> None:
    body = json.loads(SAMPLE)
    body["surprise"] = {"deep": [1, 2, {"x": None}]}
    body["calls"]["busy_calls"] = "many"
    assert parse_dashboard(json.dumps(body).encode()) == parse_dashboard(SAMPLE)


def test_a_product_that_is_new_is_read_like_the_known_ones() -> None:
    body = json.loads(SAMPLE)
    body["by_product"]["whatsapp"] = body["by_product"]["voice_api"]
    report = parse_dashboard(json.dumps(body).encode())
    assert dict(report.products)["whatsapp"].calls == 1480
    assert report.unreadable == ()


def test_a_flood_of_products_cannot_become_a_flood_of_series() -> None:
    body = json.loads(SAMPLE)
    body["by_product"].update({f"product_{number}": {} for number in range(1000)})
    body["by_product"]["Robert'); DROP TABLE"] = {}
    report = parse_dashboard(json.dumps(body).encode())
    assert len(report.products) == 16
    assert "by_product.*" in problems(report)


def test_a_hundred_thousand_customers_are_skipped_and_not_kept() -> None:
    body = json.loads(SAMPLE)
    customer = body["accounts"]["customers"][0]
    body["accounts"] = {"total": 100_000, "active": 99_000, "customers": [customer] * 100_000}
    report = parse_dashboard(json.dumps(body).encode())
    assert (report.accounts.total, report.accounts.active) == (100_000, 99_000)
    assert report.unreadable == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=10,
)


def _paths(value: Any, path: str = "") -> Iterator[str]:
    """The dotted path of everything in a document."""
    if path:
        yield path[1:]
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from _paths(inner, f"{path}.{key}")


@examples(300)
@given(path=st.sampled_from(sorted(_paths(json.loads(SAMPLE)))), value=_JSON)
def test_whatever_a_field_holds_every_figure_is_finite_or_absent(path: str, value: object) -> None:
    report = dashboard(path, value)
    for rollup in [report.total, *(rollup for _, rollup in (*report.directions, *report.products))]:
        for figure in (rollup.calls, rollup.answered_calls, rollup.minutes, rollup.cost):
            assert figure is None or (math.isfinite(figure) and figure >= 0)
        if rollup.calls is not None and rollup.answered_calls is not None:
            assert rollup.answered_calls <= rollup.calls
