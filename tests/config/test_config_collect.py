"""The extras: what is collected, how, and where one partner differs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from exporter.config.model import CustomersConfig
from tests.config.config_kit import DURATION, PARTNER, load, problems

DEFAULTS = CustomersConfig(
    interval=900,
    below_balance=Decimal(100),
    lowest=0,
    accounts=(),
    names=False,
    series_limit=100,
    pages_limit=100,
)


def test_nothing_extra_is_collected_unless_it_is_asked_for(tmp_path: Path) -> None:
    config = load(tmp_path, PARTNER)
    [partner] = config.partners
    assert (config.collect, config.customers) == ((), DEFAULTS)
    assert (partner.collect, partner.customers) == ((), DEFAULTS)


def test_a_partner_collects_what_all_do_unless_it_says_otherwise(tmp_path: Path) -> None:
    content = """\
partners:
  - {auth_id: PA_1, auth_token: a}
  - {auth_id: PA_2, auth_token: a, collect: [], customers: {below_balance: 2.5, accounts: [MA_2]}}
  - {auth_id: PA_3, auth_token: a, collect: [wallet], customers: {names: false, lowest: 0}}
collect: [customers, wallet]
customers:
  {interval: 1h, below_balance: 500, lowest: 20, accounts: [MA_1], names: true, series_limit: 7, pages_limit: 3}
"""
    one, other, third = load(tmp_path, content).partners
    assert (one.collect, other.collect, third.collect) == (("customers", "wallet"), (), ("wallet",))
    everyone = CustomersConfig(
        interval=3600,
        below_balance=Decimal(500),
        lowest=20,
        accounts=("MA_1",),
        names=True,
        series_limit=7,
        pages_limit=3,
    )
    assert one.customers == everyone
    assert (other.customers.below_balance, other.customers.accounts) == (Decimal("2.5"), ("MA_2",))
    assert (other.customers.lowest, other.customers.names) == (20, True)
    assert (third.customers.lowest, third.customers.names) == (0, False)


@pytest.mark.parametrize(
    ("written", "reported"),
    [
        ("collect: [walet]", "collect[0]: unknown extra; did you mean wallet?"),
        ("collect: [cdr]", "collect[0]: unknown extra; known here: wallet, customers, causes"),
        ("collect: wallet", "collect: found text; expected a list"),
        ("customers: {below_balanc: 5}", "customers.below_balanc: unknown key; did you mean below_balance?"),
        ("customers: {below_balance: much}", "customers.below_balance: not a finite decimal number; "
            "write one such as 0.5"),
        ("customers: {interval: 15}", f"customers.interval: {DURATION}"),
        ("customers: {interval: 2d}", "customers.interval: out of range; expected 1s to 1d"),
        ("customers: {lowest: 1.5}", "customers.lowest: not a whole number; write one such as 10"),
        ("customers: {series_limit: -1}", "customers.series_limit: out of range; expected 0 to 10000"),
        ("customers: {pages_limit: 0}", "customers.pages_limit: out of range; expected 1 to 1000"),
        ("customers: {names: maybe}", "customers.names: neither true nor false; write true or false"),
        ("customers: {accounts: MA_1}", "customers.accounts: found text; expected a list"),
        ("customers: {accounts: ['']}", "customers.accounts[0]: not a name of 1 to 100 printable characters; "
            "give one such as acme"),
    ],
)  # fmt: skip
def test_wrong_extras_are_reported(tmp_path: Path, written: str, reported: str) -> None:
    assert problems(tmp_path, PARTNER + written) == [f"config.yaml:2: {reported}"]


def test_a_partners_section_without_content_is_as_at_the_top(tmp_path: Path) -> None:
    content = "partners: [{auth_id: PA_1, auth_token: a, customers: , alerts: }]\ncustomers: {lowest: 7}\n"
    [partner] = load(tmp_path, content + "alerts: {spike_ratio: 5}\n").partners
    assert (partner.customers.lowest, partner.alerts.spike_ratio) == (7, 5)


def test_all_that_is_wrong_with_them_is_reported_at_once_a_partners_at_the_partner(tmp_path: Path) -> None:
    content = """\
partners:
  - auth_id: PA_1
    auth_token: a
    collect: [customer]
    customers:
      lowest: many
      name: true
customers: {interval: soon}
"""
    assert problems(tmp_path, content) == [
        "config.yaml:4: partners[0].collect[0]: unknown extra; did you mean customers?",
        "config.yaml:6: partners[0].customers.lowest: not a finite decimal number; write one such as 0.5",
        "config.yaml:7: partners[0].customers.name: unknown key; did you mean names?",
        f"config.yaml:8: customers.interval: {DURATION}",
    ]
