"""What is published, and what is logged."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from exporter.api.errors import Cancelled
from exporter.ledger.store import LedgerStore
from tests.ledger.api_model import Books, Json
from tests.poll.rig import INTERVAL, STALE_AFTER, TODAY, Rig, rig_of
from tests.rig.waiting import PATIENCE

CELL = ("inbound", "voice_api")


@pytest.fixture
def rig() -> Iterator[Rig]:
    books = Books(today=TODAY)
    books.book(TODAY, CELL, (4, 3, 25, 120))
    with rig_of(books) as rig:
        yield rig


def _told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(vars(record).get("endpoint", ""), record.getMessage()) for record in caplog.records]


def test_counters_appear_with_the_first_answer_and_not_before(rig: Rig) -> None:
    rig.poller.begin()
    assert (rig.snapshot.totals, rig.snapshot.corrections, rig.snapshot.polls) == ({}, None, 0)
    rig.poll()
    assert rig.total("inbound") == 0
    assert (rig.snapshot.corrections, rig.snapshot.polls) == (0, 1)


@contextmanager
def stored(path: Path) -> Iterator[LedgerStore]:
    store = LedgerStore(path, configured=["PA_TEST0001"], now=0.0)
    try:
        yield store
    finally:
        store.close()


def test_saved_counters_are_shown_once_their_group_was_observed_again(rig: Rig, tmp_path: Path) -> None:
    books, path = rig.vobiz.books, tmp_path / "state.db"
    with stored(path) as store, rig_of(books, store=store) as first:
        first.poll()
        books.book(TODAY, CELL, (2, 1, 10, 50))
        first.poll()
        assert first.total("inbound") == first.total("product/voice_api") == 2
    with stored(path) as store, rig_of(books, store=store) as second:
        second.poller.begin()
        assert second.snapshot.totals == {}
        second.vobiz.refusals = {"dashboard": (500, {}), "analytics": (500, {})}
        second.poll()
        assert second.snapshot.totals == {}
        second.vobiz.refusals = {"analytics": (500, {})}
        second.poll()
        assert second.total("inbound") == 2
        assert ("product/voice_api", "calls") not in second.snapshot.totals
        second.vobiz.refusals = {}
        second.poll()
        assert second.total("product/voice_api") == 2


def test_what_is_published_is_on_disk(tmp_path: Path) -> None:
    books, path = Books(today=TODAY), tmp_path / "state.db"
    with stored(path) as store, rig_of(books, store=store) as rig:
        rig.publishing = lambda: on_disk.append(Path(shutil.copy(path, tmp_path / f"copy-{len(on_disk)}.db")))
        on_disk: list[Path] = []
        rig.poll()
        books.book(TODAY, CELL, (2, 1, 10, 50))
        rig.poll()
    with stored(on_disk[-1]) as copy, rig_of(books, store=copy) as rig:
        rig.poll()
        assert rig.total("inbound") == 2


def test_figures_expire_when_they_are_not_renewed(rig: Rig) -> None:
    rig.poll()
    assert set(rig.shown()) == {"today", "yesterday", "7d", "30d", "month"}
    rig.vobiz.refusals = {"dashboard": (500, {}), "analytics": (500, {})}
    rig.poll(after=STALE_AFTER)
    assert set(rig.shown()) == {"today", "yesterday", "7d", "30d", "month"}
    rig.elapsed += 1
    assert rig.shown() == {}
    assert rig.snapshot.dashboard is not None
    assert not rig.snapshot.dashboard.fresh(rig.elapsed)
    assert rig.total("inbound") == 0


@pytest.mark.parametrize("status", [500, 403])
def test_yesterday_s_figures_are_not_shown_as_today_s_after_midnight(rig: Rig, status: int) -> None:
    rig.poll()
    rig.vobiz.refusals["analytics"] = (status, {})
    rig.poll()
    rig.vobiz.books.today += timedelta(days=1)
    for _ in range(3):
        rig.poll()
        assert set(rig.shown()) == {"30d"}


def test_a_poll_publishes_once(rig: Rig) -> None:
    rig.poll()
    rig.poll()
    assert [snapshot.polls for snapshot in rig.published] == [1, 2]


def test_a_failed_poll_keeps_what_was_known_and_counts_as_a_poll(rig: Rig) -> None:
    rig.poll()
    before = rig.snapshot
    rig.vobiz.refusals = {"dashboard": (500, {}), "analytics": (500, {})}
    rig.poll()
    assert rig.snapshot.dashboard == before.dashboard
    assert rig.snapshot.periods == before.periods
    assert rig.snapshot.polls == before.polls + 1
    assert rig.health("dashboard").last_success == before.health["dashboard"].last_success


def test_a_cancelled_poll_publishes_and_counts_nothing(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.books.book(TODAY, CELL, (1, 1, 6, 10))
    rig.vobiz.open.clear()
    rig.elapsed += INTERVAL
    ended: list[BaseException] = []

    def poll() -> None:
        try:
            rig.poller.poll()
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    assert rig.vobiz.waiting.wait(PATIENCE)
    rig.client.cancel()
    thread.join(PATIENCE)
    assert len(ended) == 1
    assert len(rig.published) == 1
    assert rig.total("inbound") == 0


def test_what_was_known_is_kept_over_a_reload(rig: Rig) -> None:
    rig.poll()
    before = rig.snapshot
    rig.poller = rig.new_poller(previous=rig.poller)
    rig.poller.begin()
    assert rig.snapshot == before


def test_a_reload_while_the_api_fails_forgets_neither_the_last_success_nor_since_when(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.poll()
    succeeded = rig.elapsed
    rig.vobiz.refusals = {"dashboard": (500, {}), "analytics": (500, {})}
    rig.poll()
    failed = rig.elapsed
    rig.poller = rig.new_poller(previous=rig.poller)
    caplog.clear()
    rig.poll()
    for endpoint in ("dashboard", "analytics"):
        health = rig.health(endpoint)
        assert health.last_success is not None
        assert health.failure is not None
        assert (health.last_success.elapsed, health.failure.since.elapsed) == (succeeded, failed)
    assert _told(caplog) == []


def test_a_change_of_state_is_logged_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        rig.poll()
    rig.vobiz.refusals["analytics"] = (503, {})
    for _ in range(3):
        rig.poll()
    rig.vobiz.refusals["analytics"] = (404, {})
    for _ in range(2):
        rig.poll()
    rig.vobiz.refusals.clear()
    for _ in range(3):
        rig.poll()
    assert _told(caplog) == [
        ("dashboard", "vobiz answers"),
        ("analytics", "vobiz answers"),
        ("analytics", "vobiz poll failed"),
        ("analytics", "vobiz poll failed"),
        ("analytics", "vobiz answers again"),
    ]
    assert [vars(record)["outcome"] for record in caplog.records[2:4]] == ["server_error", "not_found"]
    assert vars(caplog.records[4])["failed_for_seconds"] == 5 * INTERVAL


def test_unreadable_fields_are_logged_once_and_left_out(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def damage(endpoint: str, said: Json) -> None:
        if endpoint == "dashboard":
            said["total_balance"] = "much"
            said["time_series"][0]["inbound"]["total_calls"] = -3

    rig.vobiz.change = damage
    for _ in range(3):
        rig.poll()
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.getMessage() for record in warnings] == ["fields missing or unreadable, their values are left out"]
    assert vars(warnings[0])["fields"] == ("time_series[].inbound.total_calls: negative; total_balance: not a number")
    assert len(rig.health("dashboard").unreadable) == 2
    assert rig.snapshot.dashboard is not None
    assert rig.snapshot.dashboard.value.balance is None
    caplog.set_level(logging.INFO)
    caplog.clear()
    rig.vobiz.change = lambda endpoint, said: None
    rig.poll()
    assert _told(caplog) == [("dashboard", "all fields readable again")]


def test_the_api_s_own_arithmetic_is_checked_at_each_poll(rig: Rig) -> None:
    rig.poll()
    assert rig.snapshot.mismatches is not None
    assert not any(rig.snapshot.mismatches.value.values())

    def damage(endpoint: str, said: Json) -> None:
        if endpoint == "analytics":
            said["by_product"]["voice_api"]["total_calls"] += 1

    rig.vobiz.change = damage
    rig.poll()
    assert rig.snapshot.mismatches is not None
    assert rig.snapshot.mismatches.value == {
        "answer_ratio": False,
        "day_sum": False,
        "direction_sum": False,
        "product_sum": True,
        "window": False,
    }
