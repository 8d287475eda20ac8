"""The status page of a partner whose extras are collected, and of one whose are not."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exporter.api.model import Account, Wallet
from exporter.poll.causes import Causes, CauseShare
from exporter.poll.customers import Customers
from exporter.poll.snapshot import Dated, Health, Snapshot
from exporter.web.http import Request
from exporter.web.status.api import status_api
from tests.web.status_kit import CALM, CLOCK, UP, before, down, page_of, store_of, tile, tree

CUSTOMERS = Customers(
    below=3,
    limit=Decimal(1500),
    unread=0,
    by_status=(("active", 37),),
    by_kyc=(("verified", 37),),
    shown=(Account(auth_id="MA_SECRET1", balance=Decimal("1.5"), name="Secret Name"),),
    dropped=0,
)
BOTH = replace(
    CALM,
    wallet=Dated(value=Wallet(balance=Decimal("250000.5")), at=before(12), expires_after=600.0),
    customers=Dated(value=CUSTOMERS, at=before(12), expires_after=1200.0),
    health={**CALM.health, "me": UP, "accounts": UP},
)


def document_of(snapshot: Snapshot) -> Any:
    handler = status_api(store=store_of([snapshot]), clock=CLOCK)
    body = handler(Request(method="GET", path="/api/v1/status", query="", headers={})).body
    assert isinstance(body, bytes)
    return json.loads(body)["partners"][0]


def test_the_wallet_and_the_customers_about_to_run_dry_have_a_tile_each() -> None:
    page = tree(page_of(BOTH))
    assert tile(page, "Own wallet") == "250,000.50 INR"
    assert tile(page, "Customers running dry") == "3 / active, prepaid, with less than 1,500.00"
    assert tile(page, "Vobiz API").startswith("Up")


def test_causes_of_the_last_hour_stand_beside_the_usual_ones_the_worst_first() -> None:
    shares = (
        CauseShare(direction="outbound", cause="Canceled (<Out> Of Credits)", calls=71, now=0.71, usual=0.02),
        CauseShare(direction="outbound", cause="User Busy", calls=29, now=0.29, usual=0.5),
        CauseShare(direction="inbound", cause="No Answer", calls=4, now=None, usual=None),
        CauseShare(direction="inbound", cause="Rejected", calls=0, now=None, usual=None),
    )
    found = Causes(calls={}, unread=0, ring={}, mos={}, shares=shares, customers=())
    snapshot = replace(
        CALM, causes=Dated(value=found, at=before(12), expires_after=600.0), health={**CALM.health, "cdrs": UP}
    )
    page = page_of(snapshot)
    rows = [
        "Canceled (&lt;Out&gt; Of Credits)</th><td>outbound</td><td>71</td><td>71.0%</td><td>2.0%</td>",
        "User Busy</th><td>outbound</td><td>29</td><td>29.0%</td><td>50.0%</td>",
        "No Answer</th><td>inbound</td><td>4</td><td>unknown</td><td>unknown</td>",
    ]
    assert [page.count(row) for row in rows] == [1, 1, 1]
    assert page.index(rows[0]) < page.index(rows[1]) < page.index(rows[2])
    assert "Rejected" not in page
    assert "Why calls were not answered" not in page_of(CALM)


def test_without_the_extras_there_is_no_tile_and_null() -> None:
    assert "Own wallet" not in page_of(CALM)
    assert "running dry" not in page_of(CALM)
    document = document_of(CALM)
    assert (document["wallet"], document["customers"]) == (None, None)


def test_the_json_has_the_same_figures() -> None:
    document = document_of(BOTH)
    assert document["wallet"] == {"balance": 250000.5, "currency": "INR"}
    assert document["customers"] == {"below_balance": 3, "balance_limit": 1500.0, "unread": 0}
    assert set(document["endpoints"]) == {"dashboard", "analytics", "me", "accounts"}


def test_what_is_too_old_is_unknown() -> None:
    assert BOTH.customers is not None
    old = replace(BOTH, wallet=None, customers=replace(BOTH.customers, at=before(1300)))
    page = tree(page_of(old))
    assert (tile(page, "Own wallet"), tile(page, "Customers running dry")) == ("unknown", "unknown")
    document = document_of(old)
    assert document["wallet"]["balance"] is None
    assert document["customers"] == {"below_balance": None, "balance_limit": None, "unread": None}


def test_customers_who_were_not_read_are_shown() -> None:
    assert BOTH.customers is not None
    many = replace(BOTH.customers, value=replace(CUSTOMERS, unread=90_000))
    assert "90,000 not read" in tile(tree(page_of(replace(BOTH, customers=many))), "Customers running dry")


def test_nobody_is_named_even_where_names_are_allowed() -> None:
    for shown in (page_of(BOTH), json.dumps(document_of(BOTH))):
        assert "Secret" not in shown
        assert "MA_SECRET" not in shown


def test_an_extra_that_is_refused_is_a_warning_that_leads_to_its_own_runbook() -> None:
    document = document_of(replace(BOTH, health={**CALM.health, "me": down("forbidden"), "accounts": UP}))
    assert document["state"] == "warning"
    [finding] = document["findings"]
    assert "(403): me, since" in finding["text"]
    assert finding["alert"] == "VobizApiErrors"


def test_an_api_that_refuses_everything_is_one_problem() -> None:
    refused = down("unauthorized")
    document = document_of(replace(BOTH, health=dict.fromkeys(("dashboard", "analytics", "me", "accounts"), refused)))
    [finding] = document["findings"]
    assert (finding["state"], finding["alert"]) == ("problem", "VobizAuthFailed")


def test_an_extra_whose_turn_has_not_come_leaves_the_api_up() -> None:
    page = tree(page_of(replace(BOTH, health={**CALM.health, "me": UP, "accounts": Health()})))
    assert tile(page, "Vobiz API").startswith("Up")
