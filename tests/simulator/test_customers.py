"""Customers are of all kinds, as many as were ordered, and the truth knows what each of them holds."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from .conftest import Demo
from .world import World


def everyone(world: World) -> dict[str, Any]:
    rows: list[Any] = []
    total = 1
    while len(rows) < total:
        body = world.ask(f"/accounts?page={len(rows) // 100 + 1}&per_page=100").json
        rows, total = rows + body["accounts"], body["total"]
    return {row["auth_id"]: row for row in rows}


def test_the_truth_has_the_partners_wallet_and_each_customers_and_nothing_personal(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(3_600)
    truth = world.truth()
    assert truth["wallet"] == truth["visible"]["wallet"] == world.ask("/me").json["balance"]
    assert truth["customers"] == {
        auth_id: {
            "balance": row["cash_credits"],
            **{key: row[key] for key in ("is_active", "enabled", "kyc_status", "postpaid")},
        }
        for auth_id, row in everyone(world).items()
    }


def test_while_the_answers_are_frozen_only_the_visible_wallets_stand_still(demo: Demo) -> None:
    world = demo()
    world.incident(kind="frozen")
    before = world.truth()["customers"]
    world.clock.pass_time(3_600)
    truth = world.truth()
    assert truth["visible"]["customers"] == before != truth["customers"]
    assert {auth_id: row["cash_credits"] for auth_id, row in everyone(world).items()} == {
        auth_id: customer["balance"] for auth_id, customer in before.items()
    }


def test_some_are_suspended_unverified_inactive_or_postpaid_and_suspended_ones_make_no_calls(demo: Demo) -> None:
    world = demo()
    before = everyone(world)
    for key, least in (("is_active", 4), ("enabled", 1)):
        assert sum(not row[key] for row in before.values()) >= least
    assert Counter(row["kyc_status"] for row in before.values()).keys() == {"verified", "pending", "rejected"}
    assert {row["billing_mode"]: row["postpaid"] for row in before.values()} == {"prepaid": False, "postpaid": True}
    world.clock.pass_time(7_200)
    after = everyone(world)
    silent = [auth_id for auth_id in before if before[auth_id]["cash_credits"] == after[auth_id]["cash_credits"]]
    assert set(silent) >= {auth_id for auth_id, row in before.items() if not (row["enabled"] and row["is_active"])}


def test_a_thrifty_customer_runs_low_long_before_the_others(demo: Demo) -> None:
    world = demo(volume=3_000)
    world.clock.pass_time(12 * 3_600)
    rows = [row for row in everyone(world).values() if row["is_active"] and row["enabled"] and not row["postpaid"]]
    assert 1 <= sum(Decimal(row["cash_credits"]) < 500 for row in rows) <= 5


@pytest.mark.parametrize("count", [1, 100, 101, 1_000])
def test_there_are_as_many_as_were_ordered_each_with_an_id_and_a_name_of_its_own(demo: Demo, count: int) -> None:
    world = demo(customers=count)
    rows = everyone(world)
    assert len(rows) == len({row["name"] for row in rows.values()}) == count
    assert world.truth()["accounts"]["total"] == len(world.truth()["customers"]) == count
    assert world.ask("/me").json["max_accounts"] >= count
