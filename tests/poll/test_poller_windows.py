"""Which days are asked for, and when."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from exporter.ledger.store import LedgerStore
from exporter.poll.endpoint import ONCE
from tests.ledger.api_model import Books, Json
from tests.poll.rig import SLOW_INTERVAL, TODAY, Rig, rig_of
from tests.poll.vobiz import older_shape

ALL = ["dashboard", "2026-07-01", "2026-06-30", "2026-06-25..2026-07-01", "2026-07-01"]
CELL = ("inbound", "voice_api")
CALL = (1, 1, 10, 50)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with rig_of(Books(today=TODAY)) as rig:
        yield rig


def _book(rig: Rig, day: date, calls: int = 1) -> None:
    for _ in range(calls):
        rig.vobiz.books.book(day, CELL, CALL)


def test_the_first_poll_asks_for_every_period_by_the_server_s_date(rig: Rig) -> None:
    assert rig.poll() == ALL


def test_the_month_begins_on_its_first_day(rig: Rig) -> None:
    rig.vobiz.books.today = date(2026, 7, 15)
    assert rig.poll()[-1] == "2026-07-01..2026-07-15"


def test_only_today_is_asked_for_at_every_poll(rig: Rig) -> None:
    rig.poll()
    assert rig.poll() == ["dashboard", "2026-07-01"]
    assert rig.poll(after=SLOW_INTERVAL - 121) == ["dashboard", "2026-07-01"]
    assert rig.poll(after=61) == ALL


def test_the_server_s_midnight_renews_every_period_at_once(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.books.today += timedelta(days=1)
    assert rig.poll() == ["dashboard", "2026-07-02", "2026-07-01", "2026-06-26..2026-07-02", "2026-07-01..2026-07-02"]
    assert rig.poll() == ["dashboard", "2026-07-02"]


def test_yesterday_is_asked_for_even_if_it_is_not_shown() -> None:
    with rig_of(Books(today=TODAY), periods=["today"]) as rig:
        assert rig.poll() == ["dashboard", "2026-07-01", "2026-06-30"]
        assert list(rig.shown()) == ["today"]


def test_products_of_missed_days_are_asked_for_three_a_poll(rig: Rig) -> None:
    rig.poll()
    missed = [TODAY + timedelta(days=number) for number in range(1, 5)]
    for day in (*missed, TODAY + timedelta(days=5), TODAY + timedelta(days=6)):
        rig.vobiz.books.today = day
        _book(rig, day, calls=2)
    asked = [rig.poll(after=SLOW_INTERVAL) for _ in range(4)]
    assert max(sum(str(day) in days for day in missed) for days in asked) == 3
    assert rig.total("product/voice_api") == rig.total("inbound") == 12
    assert not any(str(day) in rig.poll() for day in missed)


def test_a_day_that_is_refused_neither_hides_the_others_nor_makes_the_endpoint_fail(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.poll()
    rig.vobiz.refused_days["2026-07-02"] = 500
    for number in range(1, 10):
        rig.vobiz.books.today = TODAY + timedelta(days=number)
        _book(rig, rig.vobiz.books.today)
    rig.poll()
    for _ in range(6):
        rig.poll(after=SLOW_INTERVAL)
        assert rig.health("analytics").up
    assert rig.total("product/voice_api") == 8
    logged = [record for record in caplog.records if "refuses some days" in record.getMessage()]
    assert [(vars(record)["from"], vars(record)["outcome"]) for record in logged] == [
        (date(2026, 7, 2), "server_error")
    ]
    del rig.vobiz.refused_days["2026-07-02"]
    for _ in range(8):
        rig.poll(after=3600)
    assert rig.total("product/voice_api") == rig.total("inbound") == 9


def test_runs_of_once_count_every_missed_day_but_the_refused_one(tmp_path: Path) -> None:
    books = Books(today=TODAY)

    def run_once() -> Decimal:
        store = LedgerStore(tmp_path / "state.db", configured=["PA_TEST0001"], now=0.0)
        with rig_of(books, store=store) as rig:
            rig.vobiz.refused_days["2026-07-03"] = 500
            rig.new_poller(budget=ONCE).poll()
        store.close()
        return rig.snapshot.totals.get(("product/voice_api", "calls"), Decimal(0))

    run_once()
    for number in range(1, 9):
        books.today = TODAY + timedelta(days=number)
        books.book(books.today, CELL, CALL)
        if number < 3:
            run_once()
    run_once()
    assert run_once() == 7


def test_long_windows_that_are_refused_cost_no_call(rig: Rig) -> None:
    rig.vobiz.refused_days.update({"2026-06-25..2026-07-01": 422, "2026-07-01..2026-07-06": 422})
    rig.poll()
    for number in range(1, 6):
        rig.vobiz.books.today = TODAY + timedelta(days=number)
        _book(rig, rig.vobiz.books.today)
        rig.vobiz.refused_days[f"{TODAY + timedelta(days=number - 6)}..{rig.vobiz.books.today}"] = 422
    for _ in range(4):
        rig.poll(after=SLOW_INTERVAL)
    assert rig.total("product/voice_api") == rig.total("inbound") == 5
    assert set(rig.shown()) == {"today", "yesterday", "30d"}
    assert rig.health("analytics").up


def test_a_window_that_is_refused_is_asked_for_less_and_less_often(rig: Rig) -> None:
    rig.vobiz.refused_days["2026-06-25..2026-07-01"] = 422
    asked = [number for number in range(20) if "2026-06-25..2026-07-01" in rig.poll()]
    assert asked == [0, 1, 3, 7, 12, 17]


def test_what_is_counted_is_asked_for_before_what_is_only_shown(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.books.today += timedelta(days=5)
    _book(rig, rig.vobiz.books.today)
    rig.poll()
    asked = rig.poll(after=SLOW_INTERVAL)
    single = [".." not in window for window in asked[1:]]
    assert single == sorted(single, reverse=True)


def test_a_dead_connection_ends_the_round_and_the_next_one_begins_elsewhere(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.refused_days["2026-07-01"] = 0
    assert set(rig.poll(after=SLOW_INTERVAL)[1:]) == {"2026-07-01"}
    assert not rig.health("analytics").up
    assert rig.poll()[1] == "2026-06-30"


def test_a_day_whose_products_stay_missing_is_asked_for_less_and_less_often(rig: Rig) -> None:
    def without_products(endpoint: str, said: Json) -> None:
        if said["period"] == {"from": "2026-07-02", "to": "2026-07-02"}:
            said["by_product"] = {}

    rig.vobiz.change = without_products
    rig.poll()
    _book(rig, date(2026, 7, 2))
    for _ in range(8):
        rig.vobiz.books.today += timedelta(days=1)
        rig.poll()
    asked = [number for number in range(120) if "2026-07-02" in rig.poll()]
    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert waits == sorted(waits)
    assert waits[-1] >= 40


def test_a_record_late_on_an_old_day_counts_for_its_product(rig: Rig) -> None:
    rig.poll()
    _book(rig, TODAY)
    rig.poll()
    for _ in range(4):
        rig.vobiz.books.today += timedelta(days=1)
        rig.poll()
    _book(rig, TODAY)
    rig.poll(after=3600)
    rig.poll(after=3600)
    assert rig.total("product/voice_api") == rig.total("inbound") == 2


def test_an_answer_for_other_days_is_not_shown_not_counted_and_reported_as_a_mismatch(rig: Rig) -> None:
    rig.poll()
    _book(rig, TODAY)

    def shifted(endpoint: str, said: Json) -> None:
        if endpoint == "analytics":
            said["period"] = {"from": "2026-06-29", "to": "2026-06-29"}

    rig.vobiz.change = shifted
    rig.poll()
    assert rig.total("product/voice_api") == 0
    assert rig.shown()["today"] == 0
    assert rig.snapshot.mismatches is not None
    assert dict(rig.snapshot.mismatches.value)["window"] is True
    rig.vobiz.change = lambda endpoint, said: None
    rig.poll()
    assert dict(rig.snapshot.mismatches.value)["window"] is False
    assert rig.total("product/voice_api") == 1


def test_answers_for_other_days_are_logged_once_and_so_is_their_end(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.poll()
    caplog.clear()
    caplog.set_level(logging.INFO)

    def shifted(endpoint: str, said: Json) -> None:
        if endpoint == "analytics":
            said["period"] = {"from": "2026-06-29", "to": "2026-06-29"}

    rig.vobiz.change = shifted
    rig.poll()
    rig.poll()
    rig.vobiz.change = lambda endpoint, said: None
    rig.poll()
    assert [record.getMessage() for record in caplog.records] == [
        "answer covers other days than it was asked for, it is not used",
        "answers cover the days that were asked for again",
    ]


def test_in_the_older_shapes_the_day_is_learnt_from_analytics(rig: Rig) -> None:
    rig.vobiz.change = older_shape
    assert rig.poll() == ["dashboard", "", *ALL[1:]]
    assert rig.poll() == ["dashboard", "", "2026-07-01"]


def test_in_the_older_shapes_each_call_counts_once_over_midnight(rig: Rig) -> None:
    rig.vobiz.change = older_shape
    _book(rig, TODAY, calls=5)
    rig.poll()
    _book(rig, TODAY)
    rig.poll()
    _book(rig, TODAY)
    rig.vobiz.books.today += timedelta(days=1)
    _book(rig, rig.vobiz.books.today)
    rig.poll()
    assert rig.total("inbound") == 3
    _book(rig, TODAY)
    rig.poll(after=SLOW_INTERVAL)
    assert rig.total("inbound") == 4
    assert rig.total("all", "cost/INR") == 2


def test_while_the_dashboard_is_down_the_day_is_learnt_from_analytics(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.refusals["dashboard"] = (500, {})
    rig.vobiz.books.today += timedelta(days=1)
    _book(rig, rig.vobiz.books.today)
    asked = rig.poll()
    assert asked[:3] == ["dashboard", "", "2026-07-02"]
    assert rig.total("inbound") == 1
    assert rig.shown()["today"] == 1
