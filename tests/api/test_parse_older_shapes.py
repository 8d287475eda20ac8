"""Older published answers give what they have; what they lack is named."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.api.reports import parse_analytics, parse_dashboard

DATA = Path(__file__).parent.parent / "data"


@pytest.mark.parametrize("name", ["total_balance", "total_balance_held"])
def test_a_balance_of_minus_one_is_a_debt_and_no_word_for_none(name: str) -> None:
    for customers in (0, 2):
        answer = {"total_customers": customers, "active_customers": 0, name: -1}
        assert parse_dashboard(json.dumps(answer).encode()).balance == -1


def test_the_flat_dashboard_gives_balance_and_active_accounts() -> None:
    report = parse_dashboard((DATA / "dashboard-flat.json").read_bytes())
    assert (report.balance, report.currency) == (Decimal(284500), "INR")
    assert (report.accounts.active, report.accounts.total) == (41, None)
    assert report.days is None
    missing = {"partner", "period", "calls", "traffic", "by_product", "time_series"}
    assert {field.path for field in report.unreadable} == missing


def test_the_flat_dashboard_with_customers_gives_both_account_counts() -> None:
    report = parse_dashboard((DATA / "dashboard-flat-customers.json").read_bytes())
    assert report.balance == Decimal("284500.5")
    assert (report.accounts.active, report.accounts.total) == (41, 50)


def test_more_active_customers_than_customers_are_not_believed() -> None:
    report = parse_dashboard(b'{"total_customers": 2, "active_customers": 5, "total_balance_held": 1}')
    assert (report.accounts.active, report.accounts.total) == (None, 2)
    assert ("active_customers", "more than total_customers") in {(one.path, one.problem) for one in report.unreadable}


def test_the_older_analytics_gives_totals_and_directions() -> None:
    report = parse_analytics((DATA / "analytics-older.json").read_bytes())
    assert (report.total.calls, report.total.answered_calls) == (580, 377)
    assert report.total.minutes == 863
    inbound = dict(report.directions)["inbound"]
    assert (inbound.calls, inbound.answered_calls, inbound.cost) == (160, None, Decimal("160.6"))
    assert [field.path for field in report.unreadable] == ["by_product"]
