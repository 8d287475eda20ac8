"""The status page's facts as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from exporter import __version__
from exporter.poll.snapshot import PastFailure, Snapshot
from exporter.web.http import Request
from exporter.web.status.api import status_api
from tests.web.status_kit import (
    CALM,
    CLOCK,
    DAYS,
    NEVER_POLLED,
    UP,
    before,
    dashboard,
    failing,
    failure,
    named,
    store_of,
)


def answer(*snapshots: Snapshot, query: str = "") -> Any:
    handler = status_api(store=store_of(snapshots), clock=CLOCK)
    response = handler(Request(method="GET", path="/api/v1/status", query=query, headers={}))
    assert dict(response.headers)["Cache-Control"] == "no-store"
    assert dict(response.headers)["Content-Type"] == "application/json"
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


def test_a_calm_partner_has_numbers_as_numbers_and_times_as_rfc_3339() -> None:
    up = {
        "up": True,
        "since": "2026-07-01T07:55:00.000Z",
        "last_success": "2026-07-01T09:59:48.000Z",
        "unreadable_fields": 0,
        "failure": None,
        "past_failures": [],
    }
    inbound = {"calls": 9000, "answered_calls": 7200, "minutes": 300.0, "answer_ratio": 0.8}
    outbound = {"calls": 50000, "answered_calls": 30000, "minutes": 400.0, "answer_ratio": 0.6}
    judged = {
        "verdict": "usual",
        "score": 0.0,
        "since": None,
        "calls": 0,
        "answered": 0,
        "expected_ratio": 0.6,
        "traffic_drop_score": None,
        "minutes_spike_score": None,
        "calls_per_hour_expected": 2000.0,
    }
    assert answer(CALM) == {
        "version": __version__,
        "generated_at": "2026-07-01T10:00:00.000Z",
        "state": "ok",
        "partners": [
            {
                "name": "acme",
                "state": "ok",
                "findings": [],
                "poll": {
                    "count": 125,
                    "interval_seconds": 60.0,
                    "next_at": "2026-07-01T10:00:48.000Z",
                    "next_in_seconds": 48.0,
                },
                "endpoints": {"dashboard": up, "analytics": up},
                "values": {"at": "2026-07-01T09:59:48.000Z", "age_seconds": 12.0, "fresh": True},
                "balance": 1003058.82,
                "currency": "INR",
                "accounts": {"active": 37, "total": 41, "limit": 500},
                "wallet": None,
                "customers": None,
                "today": {
                    "day": "2026-07-01",
                    "at": "2026-07-01T09:59:48.000Z",
                    "age_seconds": 12.0,
                    "total": {"calls": 59000, "answered_calls": 37200, "minutes": 0.0, "answer_ratio": 37200 / 59000},
                    "directions": {"inbound": inbound, "outbound": outbound},
                },
                "recent": {
                    "seconds": 900.0,
                    "at": "2026-07-01T09:59:48.000Z",
                    "age_seconds": 12.0,
                    "total": {"calls": 600, "answered_calls": 392, "minutes": None, "answer_ratio": 392 / 600},
                    "directions": {
                        "inbound": {"calls": 100, "answered_calls": 82, "minutes": None, "answer_ratio": 0.82},
                        "outbound": {"calls": 500, "answered_calls": 310, "minutes": None, "answer_ratio": 0.62},
                    },
                },
                "usual": {
                    "inbound": {"answer_ratio": 0.8, "calls_per_day": 9600.0},
                    "outbound": {"answer_ratio": 0.6, "calls_per_day": 48000.0},
                },
                "judged": {
                    "directions": {
                        "inbound": {**judged, "expected_ratio": 0.8, "calls_per_hour_expected": 400.0},
                        "outbound": {**judged, "traffic_drop_score": 0.0},
                    },
                    "products": {},
                    "spend": {},
                },
            }
        ],
    }


def test_the_keys_are_the_same_for_a_partner_of_whom_nothing_is_known() -> None:
    unknown, known = answer(NEVER_POLLED)["partners"][0], answer(CALM)["partners"][0]
    assert _shape(unknown) == _shape(known)
    assert unknown["state"] == "unknown"
    assert unknown["balance"] is None
    assert unknown["endpoints"]["dashboard"]["up"] is None
    assert unknown["endpoints"]["dashboard"]["unreadable_fields"] is None
    assert unknown["today"]["total"]["calls"] is None


def test_stale_values_are_null_and_their_age_is_given() -> None:
    partner = answer(failing("timeout", replace(CALM, dashboard=dashboard(age=301))))["partners"][0]
    assert partner["balance"] is None
    assert partner["values"] == {"at": "2026-07-01T09:54:59.000Z", "age_seconds": 301.0, "fresh": False}


def test_failures_come_with_their_outcome_and_advice_and_without_hosts() -> None:
    past = PastFailure(failure=failure("tls", since=900), until=before(600))
    health = replace(failing("unauthorized").health["dashboard"], past=(past,))
    document = answer(replace(CALM, health={"dashboard": health, "analytics": UP}))
    partner = document["partners"][0]
    assert document["state"] == partner["state"] == "problem"
    assert [(finding["state"], finding["alert"]) for finding in partner["findings"]] == [("problem", "VobizAuthFailed")]
    assert partner["endpoints"]["dashboard"]["failure"] == {
        "outcome": "unauthorized",
        "since": "2026-07-01T09:58:30.000Z",
        "until": None,
    }
    assert partner["endpoints"]["dashboard"]["past_failures"] == [
        {"outcome": "tls", "since": "2026-07-01T09:45:00.000Z", "until": "2026-07-01T09:50:00.000Z"}
    ]
    assert "gateway.internal" not in json.dumps(document)


def test_days_are_there_for_those_who_ask_for_them() -> None:
    assert "days" not in answer(CALM)["partners"][0]
    days = answer(CALM, query="days=1")["partners"][0]["days"]
    assert len(days) == len(DAYS)
    assert days[-1]["day"] == "2026-07-01"
    assert days[-1]["outbound"]["answer_ratio"] == 0.6
    assert answer(NEVER_POLLED, query="days=1")["partners"][0]["days"] == []


def test_partners_are_in_the_order_of_the_page() -> None:
    document = answer(named("a"), named("b", failing("timeout")))
    assert [partner["name"] for partner in document["partners"]] == ["b", "a"]
    assert document["state"] == "warning"


def _shape(value: Any) -> Any:
    """The keys of a document, without its values."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return None
