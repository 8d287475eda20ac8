"""The partner's own wallet, from ``/me``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.poll.configured import rig_of
from tests.poll.customers import Partner

WALLET = "collect: [wallet]\n"


def test_it_is_asked_for_only_where_it_is_collected(tmp_path: Path) -> None:
    with rig_of(Partner(), tmp_path, "") as rig:
        assert rig.poll() == []
        assert rig.value("vobiz_wallet_balance", "INR") is None
        assert list(rig.snapshot.health) == ["dashboard", "analytics"]
        assert rig.requests("me", "success") is None


def test_it_has_the_dashboards_currency_and_is_asked_for_at_the_slower_interval(tmp_path: Path) -> None:
    with rig_of(Partner(), tmp_path, WALLET) as rig:
        assert [rig.poll() for _ in range(6)] == [["me"], [], [], [], [], ["me"]]
        assert rig.value("vobiz_wallet_balance", "INR") == 250000.5
        assert rig.value("vobiz_up", "me") == 1
        assert rig.value("vobiz_up", "accounts") is None
        assert rig.requests("me", "success") == 2


def test_a_currency_of_its_own_counts_more(tmp_path: Path) -> None:
    partner = Partner()
    partner.profile["currency"] = "USD"
    with rig_of(partner, tmp_path, WALLET) as rig:
        rig.poll()
        assert rig.page()["vobiz_wallet_balance"] == {("USD",): 250000.5}


@pytest.mark.parametrize("wallet", [None, "much", True, {"amount": 5}])
def test_an_unreadable_wallet_is_absent_and_counted(tmp_path: Path, wallet: object) -> None:
    with rig_of(Partner(wallet=wallet), tmp_path, WALLET) as rig:
        rig.poll()
        assert rig.value("vobiz_wallet_balance", "INR") is None
        assert rig.value("vobiz_unreadable_fields", "me") == 1


def test_it_leaves_the_page_when_it_is_too_old_and_not_before_its_next_turn(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, WALLET) as rig:
        rig.poll()
        partner.statuses["me"] = 500
        rig.elapsed += 600
        assert rig.value("vobiz_wallet_balance", "INR") == 250000.5
        rig.elapsed += 0.1
        assert rig.value("vobiz_wallet_balance", "INR") is None


def test_a_refusal_holds_back_this_endpoint_alone(tmp_path: Path) -> None:
    partner = Partner()
    partner.statuses["me"] = 403
    with rig_of(partner, tmp_path, WALLET) as rig:
        assert [rig.poll() for _ in range(6)] == [["me"], [], [], [], [], ["me"]]
        assert (rig.value("vobiz_up", "me"), rig.value("vobiz_up", "dashboard")) == (0, 1)
        assert rig.value("vobiz_balance", "INR") is not None
        del partner.statuses["me"]
        assert [rig.poll() for _ in range(5)] == [[], [], [], [], ["me"]]
        assert rig.value("vobiz_up", "me") == 1


def test_a_failure_is_tried_again_at_the_next_poll_and_then_ever_later(tmp_path: Path) -> None:
    partner = Partner()
    partner.statuses["me"] = 500
    with rig_of(partner, tmp_path, WALLET) as rig:
        assert [rig.poll() for _ in range(8)] == [["me"], ["me"], [], ["me"], [], [], [], ["me"]]


def test_an_api_that_fails_altogether_is_left_in_peace_and_asked_when_it_is_back(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, WALLET) as rig:
        rig.poll()
        partner.statuses.update(dashboard=500, analytics=500)
        assert [rig.poll() for _ in range(8)] == [[]] * 8
        assert rig.value("vobiz_up", "me") == 0
        partner.statuses.clear()
        assert rig.poll() == ["me"]


def test_refused_credentials_are_not_tried_on_it(tmp_path: Path) -> None:
    partner = Partner()
    partner.statuses["dashboard"] = 401
    with rig_of(partner, tmp_path, WALLET) as rig:
        assert rig.poll() == []
        assert rig.value("vobiz_up", "me") == 0
        assert rig.requests("me", "unauthorized") == 0


def test_it_is_asked_for_while_only_the_dashboard_fails_and_has_no_currency_then(tmp_path: Path) -> None:
    partner = Partner()
    partner.statuses["dashboard"] = 500
    with rig_of(partner, tmp_path, WALLET) as rig:
        assert rig.poll() == ["me"]
        assert rig.page()["vobiz_wallet_balance"] == {("",): 250000.5}


def test_it_outlives_a_reload_and_goes_with_one_that_no_longer_collects_it(tmp_path: Path) -> None:
    with rig_of(Partner(), tmp_path, WALLET) as rig:
        rig.poll()
        rig.configure(WALLET)
        assert rig.value("vobiz_wallet_balance", "INR") == 250000.5
        rig.configure("")
        assert rig.value("vobiz_wallet_balance", "INR") is None
        assert rig.value("vobiz_up", "me") is None
        assert rig.requests("me", "success") is None
