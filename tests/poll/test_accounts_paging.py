"""Rounds through the pages of ``/accounts``: whole or not at all, each customer once, politely."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from exporter.poll.endpoint import ONCE
from tests.poll.configured import Rig, rig_of
from tests.poll.customers import Partner, customer

CUSTOMERS = "collect: [customers]\ncustomers: {lowest: 3}\n"


def partner_of(count: int, balance: str = "5.00000") -> Partner:
    return Partner([customer(number, balance) for number in range(count)])


def read(rig: Rig) -> float:
    return sum(rig.page().get("vobiz_customers", {}).values())


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (99, 1), (101, 2), (999, 10)])
def test_every_customer_is_read_with_no_request_too_many(tmp_path: Path, count: int, pages: int) -> None:
    with rig_of(partner_of(count), tmp_path, CUSTOMERS) as rig:
        assert rig.poll() == [str(page) for page in range(1, pages + 1)]
        assert read(rig) == rig.value("vobiz_customers_below_balance") == count
        assert rig.value("vobiz_customers_unread") == 0


@pytest.mark.parametrize("total", ["of the page", 100, 0, -1, None])
def test_a_total_that_lies_hides_no_customer(tmp_path: Path, total: object) -> None:
    partner = partner_of(250)
    partner.change = lambda body: {**body, "total": len(body["accounts"]) if total == "of the page" else total}
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        for _ in range(3):
            rig.poll()
        assert read(rig) == rig.value("vobiz_customers_below_balance") == 250


def test_a_long_round_takes_ten_pages_a_poll_and_shows_nothing_until_it_is_whole(tmp_path: Path) -> None:
    with rig_of(partner_of(2_345), tmp_path, CUSTOMERS) as rig:
        assert [len(rig.poll()) for _ in range(2)] == [10, 10]
        assert read(rig) == 0
        assert rig.value("vobiz_up", "accounts") is None
        assert rig.poll() == ["21", "22", "23", "24"]
        assert read(rig) == 2_345
        assert [rig.poll() for _ in range(14)] == [[]] * 14
        assert len(rig.poll()) == 10


def test_slow_pages_do_not_take_more_than_a_quarter_of_the_interval(tmp_path: Path) -> None:
    partner = partner_of(999)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:

        def slow(page: int) -> None:
            rig.elapsed += 12

        partner.before_page = slow
        assert [len(rig.poll()) for _ in range(5)] == [2, 2, 2, 2, 2]
        assert read(rig) == 999


def test_a_page_that_fails_ends_the_round_and_the_one_before_stays(tmp_path: Path) -> None:
    partner = partner_of(250)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        rig.poll()
        partner.customers = partner.customers[:120] + [customer(number, "900") for number in range(500, 631)]

        def fail(page: int) -> None:
            partner.statuses = {"accounts": 500} if page == 2 else {}

        partner.before_page = fail
        assert rig.poll(after=900) == ["1", "2"]
        assert (read(rig), rig.value("vobiz_customers_below_balance")) == (250, 250)
        assert rig.value("vobiz_up", "accounts") == 0
        partner.before_page = lambda page: None
        partner.statuses = {}
        assert rig.poll() == ["1", "2", "3"]
        assert (read(rig), rig.value("vobiz_customers_below_balance")) == (251, 120)
        assert rig.value("vobiz_up", "accounts") == 1


def test_a_rate_limit_slows_down_all_requests_and_ends_the_round(tmp_path: Path) -> None:
    partner = partner_of(250)
    with rig_of(partner, tmp_path, "collect: [wallet, customers]\n") as rig:

        def limit(page: int) -> None:
            partner.statuses = {"accounts": 429} if page == 2 else {}

        partner.before_page = limit
        assert rig.poll() == ["me", "1", "2"]
        assert rig.snapshot.next_poll is not None
        assert read(rig) == 0
        assert [rig.poll() for _ in range(14)] == [[]] * 4 + [["me"]] + [[]] * 4 + [["me"]] + [[]] * 4
        assert rig.poll() == ["me", "1", "2"]


def test_customers_who_move_to_another_page_are_neither_lost_nor_counted_twice(tmp_path: Path) -> None:
    partner = partner_of(250)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:

        def sign_up(page: int) -> None:
            if page == 2:
                partner.customers.insert(0, customer(900, "1.00000"))
                partner.before_page = lambda page: None

        partner.before_page = sign_up
        assert rig.poll() == ["1", "2", "3"]
        assert read(rig) == 0
        assert rig.poll() == ["1", "2", "3"]
        assert (read(rig), rig.value("vobiz_customers_unread")) == (251, 0)
        assert rig.value("vobiz_account_balance", "MA_00900", "INR") == 1


def test_a_customer_who_leaves_does_not_take_another_one_along(tmp_path: Path) -> None:
    partner = partner_of(250)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:

        def leave(page: int) -> None:
            if page == 2:
                del partner.customers[5]
                partner.before_page = lambda page: None

        partner.before_page = leave
        assert rig.poll() == ["1", "2", "3"]
        assert read(rig) == 0
        rig.poll()
        assert (read(rig), rig.value("vobiz_customers_unread")) == (249, 0)


def test_an_order_that_changes_between_pages_is_noticed_though_the_total_stays(tmp_path: Path) -> None:
    partner = partner_of(151)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:

        def touched(page: int) -> None:
            if page == 2:
                partner.customers.insert(0, partner.customers.pop(120))
                partner.before_page = lambda page: None

        partner.before_page = touched
        rig.poll()
        assert read(rig) == 0
        rig.poll()
        assert read(rig) == 151


def test_where_they_never_stand_still_the_third_round_is_taken_and_that_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    partner = partner_of(250)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        numbers = iter(range(900, 1000))

        def sign_up(page: int) -> None:
            if page == 2:
                partner.customers.insert(0, customer(next(numbers), "5"))

        partner.before_page = sign_up
        assert [len(rig.poll()) for _ in range(3)] == [3, 3, 3]
        assert (read(rig), rig.value("vobiz_customers_unread")) == (252, 1)
        assert rig.value("vobiz_up", "accounts") == 1
    assert [record.getMessage() for record in caplog.records if "came or went" in record.getMessage()]


def test_a_server_that_gives_smaller_pages_is_followed(tmp_path: Path) -> None:
    partner = partner_of(121)
    partner.most_per_page = 50
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        assert rig.poll() == ["1", "2", "3"]
        assert read(rig) == 121


def test_a_server_that_ignores_the_page_is_not_asked_without_end(tmp_path: Path) -> None:
    partner = partner_of(250)
    partner.change = lambda body: {**body, "accounts": partner.customers[:100]}
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        assert [rig.poll() for _ in range(4)] == [["1", "2"]] * 3 + [[]]
        assert (read(rig), rig.value("vobiz_customers_unread")) == (100, 150)


def test_without_a_total_pages_are_read_until_one_is_empty_and_nobody_knows_who_is_missing(tmp_path: Path) -> None:
    partner = partner_of(151)
    partner.change = lambda body: {key: value for key, value in body.items() if key != "total"}
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        assert rig.poll() == ["1", "2", "3"]
        assert read(rig) == 151
        assert rig.value("vobiz_customers_unread") is None
        assert rig.value("vobiz_unreadable_fields", "accounts") == 0


def test_of_twenty_thousand_customers_what_is_not_read_is_reported_and_not_guessed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    partner = partner_of(20_000)
    with rig_of(partner, tmp_path, CUSTOMERS) as rig:
        for polls in (10, 24):
            assert sum(len(rig.poll()) for _ in range(polls)) == 100
            assert (read(rig), rig.value("vobiz_customers_below_balance")) == (10_000, 10_000)
            assert rig.value("vobiz_customers_unread") == 10_000
    logged = [record for record in caplog.records if "not all customers" in record.getMessage()]
    assert len(logged) == 1
    assert vars(logged[0])["unread"] == 10_000


def test_once_reads_all_of_them_in_its_only_poll(tmp_path: Path) -> None:
    with rig_of(partner_of(2_345), tmp_path, CUSTOMERS, budget=ONCE) as rig:
        assert len(rig.poll()) == 24
        assert read(rig) == 2_345
