"""What the pages of ``/accounts`` come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

from exporter.poll.counting import Account, Answers
from tests.poll.configured import Rig, rig_of
from tests.poll.customers import Partner, customer

CUSTOMERS = "collect: [customers]\n"


def counts(rig: Rig, name: str = "vobiz_customers") -> dict[str, float]:
    return {labels[0]: value for labels, value in rig.page().get(name, {}).items() if value}


def test_active_prepaid_customers_under_the_limit_are_about_to_run_dry(tmp_path: Path) -> None:
    partner = Partner(
        [
            customer(1, "99.99999"),
            customer(2, "100.00000"),
            customer(3, "-5"),
            customer(4, 0),
            customer(5, "1", is_active=False),
            customer(6, "1", enabled=False),
            customer(7, "1", postpaid=True, billing_mode="postpaid"),
        ]
    )
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        assert rig.poll() == ["1"]
        assert rig.value("vobiz_customers_below_balance") == 3
        assert rig.value("vobiz_customers_balance_limit") == 100
        assert rig.value("vobiz_customers_unread") == 0
        assert counts(rig) == {"active": 5, "inactive": 1, "disabled": 1}
        assert rig.value("vobiz_customers", "unknown") == 0


def test_the_limit_is_the_configured_one(tmp_path: Path) -> None:
    with rig_of(Partner([customer(1, "40"), customer(2, "60")]), tmp_path, CUSTOMERS) as rig:
        rig.poll()
        assert rig.value("vobiz_customers_below_balance") == 2
        rig.configure(CUSTOMERS + "customers: {below_balance: 50}\n")
        assert rig.value("vobiz_customers_below_balance") is None
        rig.poll()
        assert rig.value("vobiz_customers_below_balance") == 1


def test_a_poll_that_breaks_off_after_they_were_read_leaves_them_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def memory_has_run_out(_account: Account, _answers: Answers) -> None:
        raise MemoryError

    with rig_of(Partner([customer(1, "40"), customer(2, "60")]), tmp_path, "collect: [wallet, customers]\n") as rig:
        with monkeypatch.context() as patched:
            patched.setattr(Account, "record", memory_has_run_out)
            with pytest.raises(MemoryError):
                rig.poll()
        assert rig.snapshot.polls == 0
        assert rig.poll() == []
        assert counts(rig) == {"active": 2}
        assert rig.page()["vobiz_wallet_balance"]


def test_a_poll_that_breaks_off_while_they_are_read_leaves_the_wallet_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def memory_has_run_out(*_given: object, **_named: object) -> NoReturn:
        raise MemoryError

    with rig_of(Partner([customer(1)]), tmp_path, "collect: [wallet, customers]\n") as rig:
        with monkeypatch.context() as patched:
            patched.setattr("exporter.poll.accounts.summary", memory_has_run_out)
            with pytest.raises(MemoryError):
                rig.poll()
        rig.poll()
        assert rig.page()["vobiz_wallet_balance"]


def test_a_poll_that_ends_after_its_partner_was_removed_publishes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig_of(Partner([]), tmp_path, CUSTOMERS) as rig:
        polled, record = rig.polled, Account.record
        assert polled is not None

        def held_up(account: Account, answers: Answers) -> None:
            polled.stop()
            record(account, answers)

        monkeypatch.setattr(Account, "record", held_up)
        rig.poll()
        assert rig.snapshot.polls == 0


def test_they_are_counted_by_kyc_status_however_many_there_are(tmp_path: Path) -> None:
    known = [customer(number, kyc_status=status) for number, status in enumerate(["verified"] * 3 + ["Pending", None])]
    odd = [customer(100 + number, kyc_status=f"state {number:02d}") for number in range(20)]
    with rig_of(Partner([*known, *odd]), tmp_path, CUSTOMERS) as rig:
        rig.poll()
        found = counts(rig, "vobiz_customers_kyc")
        assert (found["verified"], found["pending"], found["unknown"]) == (3, 1, 1)
        assert len(found) == 12
        assert found["other"] == 25 - sum(count for status, count in found.items() if status != "other") == 12


def test_the_lowest_are_shown_one_by_one_if_asked_for_and_those_listed_whatever_they_hold(tmp_path: Path) -> None:
    partner = Partner(
        [
            *(customer(number, f"{number}00.50") for number in range(1, 6)),
            customer(6, "0", is_active=False),
            customer(7, "1", postpaid=True),
        ]
    )
    extra = CUSTOMERS + "customers: {lowest: 2, accounts: [MA_00005, MA_00007, MA_99999]}\n"
    with rig_of(partner, tmp_path, extra) as rig:
        rig.poll()
        assert rig.page()["vobiz_account_balance"] == {
            ("MA_00005", "INR"): 500.5,
            ("MA_00007", "INR"): 1,
            ("MA_00001", "INR"): 100.5,
            ("MA_00002", "INR"): 200.5,
        }
        assert rig.value("vobiz_account_series_dropped_total") == 0


def test_none_is_shown_one_by_one_unless_asked_for(tmp_path: Path) -> None:
    with rig_of(Partner([customer(1)]), tmp_path, CUSTOMERS) as rig:
        rig.poll()
        assert not {"vobiz_account_balance", "vobiz_account_info"} & rig.page().keys()


def test_the_limit_of_series_holds_and_what_it_drops_is_counted_at_each_round(tmp_path: Path) -> None:
    partner = Partner([customer(number, f"{number}") for number in range(30)])
    extra = CUSTOMERS + "customers: {interval: 60s, lowest: 10, accounts: [MA_00029, MA_00028], series_limit: 5}\n"
    with rig_of(partner, tmp_path, extra) as rig:
        rig.poll()
        shown = [labels[0] for labels in rig.page()["vobiz_account_balance"]]
        assert shown == ["MA_00029", "MA_00028", "MA_00000", "MA_00001", "MA_00002"]
        assert rig.value("vobiz_account_series_dropped_total") == 7
        rig.poll()
        assert rig.value("vobiz_account_series_dropped_total") == 14
        rig.configure(extra)
        assert rig.value("vobiz_account_series_dropped_total") == 14


@pytest.mark.parametrize(
    ("broken", "unreadable", "status"),
    [
        ({"cash_credits": "plenty"}, 1, "active"),
        ({"cash_credits": None}, 0, "active"),
        ({"enabled": "maybe"}, 1, "unknown"),
        ({"is_active": None}, 1, "unknown"),
        ({"postpaid": 3}, 1, "active"),
        ({"kyc_status": 7}, 1, "active"),
    ],
    ids=str,
)
def test_a_field_that_cannot_be_read_costs_its_customer_alone_and_is_counted(
    tmp_path: Path, broken: dict[str, Any], unreadable: int, status: str
) -> None:
    partner = Partner([customer(1, "5"), customer(2, "5", **broken), customer(3, "5")])
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        rig.poll()
        assert rig.value("vobiz_unreadable_fields", "accounts") == unreadable
        below = 3 if "kyc_status" in broken else 2
        assert rig.value("vobiz_customers_below_balance") == below
        assert sum(counts(rig).values()) == 3
        assert counts(rig)[status] >= 1
        assert rig.value("vobiz_customers_unread") == 0


def test_a_customer_without_an_id_is_unread_and_no_reason_to_read_again(tmp_path: Path) -> None:
    partner = Partner([customer(1, "5"), customer(2, "5", auth_id=None), customer(3, "5")])
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        assert [rig.poll() for _ in range(2)] == [["1"], []]
        assert rig.value("vobiz_customers_unread") == 1
        assert rig.value("vobiz_customers_below_balance") == 2
        assert rig.value("vobiz_unreadable_fields", "accounts") == 1


def test_the_billing_mode_decides_where_postpaid_does_not(tmp_path: Path) -> None:
    partner = Partner([customer(1, "5"), customer(2, "5", billing_mode="Postpaid")])
    for row in partner.customers:
        del row["postpaid"]
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        rig.poll()
        assert rig.value("vobiz_customers_below_balance") == 1


def test_a_partner_without_customers_has_zeros(tmp_path: Path) -> None:
    with rig_of(Partner(), tmp_path, CUSTOMERS) as rig:
        assert rig.poll() == ["1"]
        assert rig.value("vobiz_customers_below_balance") == 0
        assert rig.value("vobiz_customers", "active") == 0


def test_an_answer_without_the_list_is_none(tmp_path: Path) -> None:
    partner = Partner([customer(1, "5")])
    partner.change = lambda body: {"items": body["accounts"], "total": 0}
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        rig.poll()
        assert rig.value("vobiz_up", "accounts") == 0
        assert not {name for name in rig.page() if name.startswith("vobiz_customers")}


def test_an_answer_without_the_list_leaves_the_figures_of_the_round_before(tmp_path: Path) -> None:
    partner = Partner([customer(1, "5")])
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        rig.poll()
        partner.change = lambda body: {"items": body["accounts"]}
        rig.poll(after=900)
        assert rig.value("vobiz_up", "accounts") == 0
        assert rig.value("vobiz_customers_below_balance") == 1


def test_they_are_read_every_quarter_of_an_hour_and_leave_the_page_when_too_old(tmp_path: Path) -> None:
    partner = Partner([customer(1, "5")])
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        asked = [rig.poll() for _ in range(31)]
        assert [number for number, pages in enumerate(asked) if pages] == [0, 15, 30]
        partner.statuses["accounts"] = 403
        rig.elapsed += 1200
        assert rig.value("vobiz_customers_below_balance") == 1
        rig.elapsed += 1
        assert rig.value("vobiz_customers_below_balance") is None
        assert rig.value("vobiz_account_series_dropped_total") == 0
