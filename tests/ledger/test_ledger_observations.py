"""What an answer says of single days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from exporter.api.model import Report
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger.observation import Observation, directions_observed, observations, products_observed
from tests.ledger.api_model import Books, Json, answer, body, dashboard

DAY = date(2026, 7, 1)


@pytest.fixture
def books() -> Books:
    books = Books(today=DAY)
    books.book(DAY - timedelta(days=1), ("inbound", "voice_api"), (3, 2, 25, 150))
    books.book(DAY, ("outbound", "sip_trunking"), (5, 1, 7, 90))
    return books


def directions(said: Json) -> Observation:
    seen = directions_observed(parse_dashboard(body(said)))
    assert seen is not None
    return seen


def products(said: Json) -> Observation:
    seen = products_observed(parse_analytics(body(said)))
    assert seen is not None
    return seen


def test_a_dashboard_gives_directions_of_each_day_and_cost_without_direction(books: Books) -> None:
    seen = directions(dashboard(books))
    assert (seen.group, seen.complete) == ("directions", True)
    assert (seen.first, seen.last) == (DAY - timedelta(days=30), DAY)
    assert list(seen.days) == [DAY - timedelta(days=1), DAY]
    assert seen.days[DAY - timedelta(days=1)] == {
        ("inbound", "calls"): 3,
        ("inbound", "answered_calls"): 2,
        ("inbound", "seconds"): 150,
        ("outbound", "calls"): 0,
        ("outbound", "answered_calls"): 0,
        ("outbound", "seconds"): 0,
        ("all", "cost/INR"): Decimal("1.50"),
    }


def test_an_answer_for_one_day_gives_its_products_with_cost(books: Books) -> None:
    seen = products(answer(books, first=DAY, last=DAY))
    assert (seen.group, seen.first, seen.last, seen.complete) == ("products", DAY, DAY, True)
    assert seen.days[DAY]["product/sip_trunking", "cost/INR"] == Decimal("0.90")


def test_an_answer_for_several_days_gives_no_products_of_a_day(books: Books) -> None:
    assert products_observed(parse_analytics(body(answer(books, first=DAY - timedelta(days=1), last=DAY)))) is None


def test_without_rows_the_roll_ups_of_a_single_day_give_the_directions(books: Books) -> None:
    said = answer(books, first=DAY, last=DAY)
    del said["time_series"]
    of_rollups = directions_observed(parse_analytics(body(said)))
    assert of_rollups is not None
    assert of_rollups.days[DAY] == directions(dashboard(books)).days[DAY]


def test_the_older_shape_gives_calls_by_direction_and_the_cost_of_the_day() -> None:
    said = {
        "period": {"from": "2026-07-01", "to": "2026-07-01"},
        "totals": {"total_calls": 9, "answered_calls": 5, "total_duration_seconds": 61, "total_cost": 4.5}
        | {"currency": "INR"},
        "by_direction": {"inbound": {"calls": 4, "cost": 1}, "outbound": {"calls": 5, "cost": 3.5}},
    }
    seen = directions_observed(parse_analytics(body(said)))
    assert seen is not None
    assert seen.days[DAY] == {
        ("inbound", "calls"): 4,
        ("outbound", "calls"): 5,
        ("all", "cost/INR"): Decimal("4.5"),
    }
    assert not seen.covers(DAY)


@pytest.mark.parametrize("missing", ["currency", "period"])
def test_an_answer_that_lacks_a_field_for_all_days_is_incomplete(books: Books, missing: str) -> None:
    said = dashboard(books)
    del said[missing]
    assert not directions(said).complete


def test_rows_that_do_not_account_for_all_calls_are_incomplete(books: Books) -> None:
    said = dashboard(books)
    del said["time_series"][0]
    assert not directions(said).complete


def test_a_row_that_cannot_be_read_whole_makes_the_answer_incomplete(books: Books) -> None:
    said = dashboard(books)
    said["time_series"][0]["inbound"] = None
    seen = directions(said)
    assert not seen.complete
    assert ("inbound", "calls") not in seen.days[DAY - timedelta(days=1)]


def test_an_answer_without_rows_and_without_a_window_says_nothing() -> None:
    assert directions_observed(Report()) is None
    assert products_observed(Report()) is None


def test_minutes_become_seconds_to_the_millisecond(books: Books) -> None:
    said = dashboard(books)
    said["time_series"][0]["inbound"]["total_minutes"] = 25.123456
    seen = directions(said)
    assert seen.days[DAY - timedelta(days=1)]["inbound", "seconds"] == Decimal("1507.407")


def test_rows_that_claim_more_than_the_roll_ups_are_doubtful(books: Books) -> None:
    said = dashboard(books)
    said["time_series"][1]["total_calls"] = 500
    said["time_series"][1]["outbound"]["total_calls"] = 500
    seen = directions(said)
    assert seen.doubtful
    assert not seen.covers(DAY)


def test_a_direction_that_exceeds_its_row_is_doubtful(books: Books) -> None:
    said = dashboard(books)
    said["time_series"][1]["outbound"]["total_minutes"] = 70
    assert directions(said).doubtful


def test_what_rounding_explains_is_not_doubtful(books: Books) -> None:
    said = dashboard(books)
    said["calls"]["total_minutes"] -= 0.2
    said["traffic"]["outbound"]["total_minutes"] -= 0.1
    assert not directions(said).doubtful


def test_products_that_claim_more_than_the_total_are_doubtful(books: Books) -> None:
    said = answer(books, first=DAY, last=DAY)
    said["by_product"]["sip_trunking"]["total_calls"] *= 100
    assert products(said).doubtful


def test_a_product_that_is_not_named_any_more_has_no_calls_if_the_others_account_for_all(books: Books) -> None:
    said = answer(books, first=DAY, last=DAY)
    del said["by_product"]["voice_api"]
    assert products(said).covers(DAY)
    said["by_product"]["sip_trunking"]["total_calls"] -= 1
    assert not products(said).covers(DAY)


def test_a_row_of_the_future_makes_an_answer_incomplete(books: Books) -> None:
    said = dashboard(books)
    said["time_series"][0]["date"] = "2027-06-30"
    assert not directions(said).complete


def test_the_days_of_analytics_give_the_directions_that_the_dashboard_does_not_cover(books: Books) -> None:
    of_day = [parse_analytics(body(answer(books, first=day, last=day))) for day in (DAY, DAY - timedelta(days=1))]
    said = dashboard(books)
    assert [seen.group for seen in observations(parse_dashboard(body(said)), of_day)] == [
        "directions",
        "products",
        "products",
    ]
    del said["time_series"][1]["outbound"]
    seen = observations(parse_dashboard(body(said)), of_day)
    assert [(each.group, each.first) for each in seen[1:]] == [
        ("directions", DAY),
        ("products", DAY),
        ("products", DAY - timedelta(days=1)),
    ]
    assert len(observations(None, of_day)) == 4
