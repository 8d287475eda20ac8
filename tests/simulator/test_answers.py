"""Every answer has the documented shape, and its values agree with each other."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .conftest import Demo
from .world import FakeClock

SAMPLES = Path(__file__).parents[1] / "data"
ACCOUNTS = Path(__file__).parent / "accounts.json"
VALUES = ("total_calls", "answered_calls", "total_minutes")


def shape(value: Any) -> Any:
    """Return keys in order and JSON types; a list is the shapes of its items, each once."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        shapes: list[Any] = []
        for item in map(shape, value):
            if item not in shapes:
                shapes.append(item)
        return shapes
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def exact(text: bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def check_sums(body: Any) -> None:
    for value in (*VALUES, "total_cost"):
        total = Decimal(body["calls"][value])
        for split in ("traffic", "by_product"):
            assert sum(Decimal(part[value]) for part in body[split].values()) == total
        assert sum(Decimal(row[value]) for row in body["time_series"]) == total
    for row in body["time_series"]:
        for value in VALUES:
            assert Decimal(row["inbound"][value]) + Decimal(row["outbound"][value]) == Decimal(row[value])
    rollups = [body["calls"], *body["traffic"].values(), *body["by_product"].values(), *body["time_series"]]
    assert all(0 <= rollup["answered_calls"] <= rollup["total_calls"] for rollup in rollups)


@pytest.mark.parametrize(
    ("sample", "path"),
    [
        (SAMPLES / "dashboard.json", "/dashboard"),
        (SAMPLES / "dashboard.json", "/analytics"),
        (SAMPLES / "analytics-today.json", "/analytics?from_date=2026-07-01&to_date=2026-07-01"),
        (ACCOUNTS, "/accounts?page=1&per_page=100"),
    ],
)
def test_an_answer_has_the_keys_their_order_and_the_types_of_the_documented_example(
    demo: Demo, sample: Path, path: str
) -> None:
    expected = json.loads(sample.read_text())
    assert shape(demo().ask(path).json) == shape(expected)


def test_the_profile_has_the_partners_fields_with_its_own_wallet_as_a_string(demo: Demo) -> None:
    world = demo()
    profile, in_report = world.ask("/me").json, world.ask("/dashboard").json["partner"]
    assert in_report["balance"] is None
    assert re.fullmatch(r"\d+\.\d{5}", profile["balance"])
    assert {**profile, "balance": None} == in_report


def test_sums_agree_at_any_moment_through_a_day_of_calls_and_incidents(demo: Demo) -> None:
    world = demo(volume=300)
    world.incident(kind="fraud", after="3h", duration="1h")
    world.incident(kind="correction", after="5h", depth=0.37)
    world.incident(kind="correction", after="13h", depth=1)
    world.incident(kind="silence", after="14h", duration="2h", direction="inbound")
    for _ in range(30):
        world.clock.pass_time(3_001)
        for path in ("/dashboard", "/analytics?from_date=2026-07-01&to_date=2026-07-02"):
            check_sums(exact(world.ask(path).text))


def test_minutes_are_whole_numbers_or_have_one_decimal_place_so_that_seconds_are_exact(demo: Demo) -> None:
    text = demo().ask("/analytics?from_date=2026-03-01&to_date=2026-07-01").text.decode()
    minutes = re.findall(r'"total_minutes": ([^,}]+)', text)
    assert all(re.fullmatch(r"\d+(\.[1-9])?", each) for each in minutes)
    assert {"." in each for each in minutes} == {True, False}


def test_customers_credits_add_up_to_the_balance_over_all_pages(demo: Demo) -> None:
    world = demo()
    pages = [world.ask(f"/accounts?page={page}&per_page=15").json for page in (1, 2, 3, 4)]
    accounts = [account for page in pages for account in page["accounts"]]
    report = world.ask("/dashboard").json
    assert len(accounts) == pages[0]["total"] == report["accounts"]["total"]
    assert sum(Decimal(account["cash_credits"]) for account in accounts) == Decimal(report["total_balance"])
    assert sum(account["is_active"] for account in accounts) == report["accounts"]["active"]
    assert not all(account["is_active"] for account in accounts)


def test_without_dates_the_period_is_the_last_thirty_days_up_to_the_servers_today(demo: Demo) -> None:
    world = demo()
    for path in ("/dashboard", "/analytics"):
        assert world.ask(path).json["period"] == {"from": "2026-06-01", "to": "2026-07-01"}


def test_both_dates_are_included_and_a_long_range_is_its_days_one_by_one(demo: Demo) -> None:
    world = demo()
    whole = world.ask("/analytics?from_date=2026-03-01&to_date=2026-05-31").json
    days = [date(2026, 3, 1) + timedelta(days=ahead) for ahead in range(92)]
    assert [row["date"] for row in whole["time_series"]] == [day.isoformat() for day in days]
    one = world.day("2026-03-01")["time_series"]
    assert one == whole["time_series"][:1]


def test_days_without_calls_are_missing_and_an_empty_window_is_zeros(demo: Demo) -> None:
    world = demo()
    empty = world.ask("/analytics?from_date=0001-01-01&to_date=0001-01-02").json
    assert empty["time_series"] == []
    assert empty["calls"] == {"total_calls": 0, "answered_calls": 0, "total_minutes": 0, "total_cost": "0"}
    assert demo(volume=0).ask("/dashboard").json["time_series"] == []


def test_the_same_seed_gives_the_same_answers_and_another_seed_others(demo: Demo) -> None:
    worlds = [demo(seed=seed, clock=FakeClock()) for seed in (7, 7, 8)]
    for steps in (50, 1):
        for world in worlds:
            world.clock.pass_time(3_600 / steps)
        first, again, other = (world.ask("/dashboard").text for world in worlds)
        assert first == again != other
    assert worlds[0].server.partners == worlds[1].server.partners != worlds[2].server.partners


def test_figures_do_not_depend_on_how_often_they_are_asked_for(demo: Demo) -> None:
    often, once = demo(), demo()
    for _ in range(40):
        often.clock.pass_time(90)
        often.ask("/dashboard")
    once.clock.pass_time(3_600)
    assert often.ask("/dashboard").json == once.ask("/dashboard").json


def test_the_balance_falls_by_what_calls_cost_and_low_wallets_are_topped_up_in_the_morning(demo: Demo) -> None:
    world = demo()
    before, costs = Decimal(world.truth()["balance"]), []
    for _ in range(3):
        world.clock.pass_time(3_600)
        costs.append(Decimal(world.truth()["cost"]))
    assert 0 < costs[0] < costs[1] < costs[2]
    assert Decimal(world.truth()["balance"]) == before - costs[2]
    own = Decimal(world.ask("/me").json["balance"])
    world.clock.pass_time(3 * 86_400)
    spent = Decimal(world.truth()["cost"])
    moved = own - Decimal(world.ask("/me").json["balance"])
    assert moved > 0
    assert Decimal(world.truth()["balance"]) == before - spent + moved
