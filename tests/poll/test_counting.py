"""Whose answers are counted, and what the detector is given of them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exporter.clock import Moment
from exporter.config.secrets import AuthId
from exporter.detect.observations import Thresholds
from exporter.ledger.ledger import Increments
from exporter.ledger.store import LedgerStore
from exporter.poll.counting import DETECTOR_KIND, Account, Ledgers
from exporter.poll.evidence import evidence_of, history_of
from exporter.poll.poller import PartnerPoller
from tests.ledger.api_model import Books
from tests.poll.rig import INTERVAL, TODAY, Rig, config_of, rig_of

CELL = ("outbound", "voice_api")


def _book_history(books: Books) -> None:
    for ago in range(1, 29):
        for _ in range(20):
            books.book(TODAY - timedelta(days=ago), CELL, (50, 30, 100, 500))


def test_an_auth_id_that_is_replaced_in_its_file_has_counters_of_its_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "auth_id"
    file.write_text("PA_TEST0001")
    with rig_of(Books(today=TODAY)) as rig:
        config = config_of(rig.vobiz_url)
        partner = replace(config.partners[0], auth_id=AuthId(file))
        rig.poller = PartnerPoller(
            partner, config, client=rig.client, ledgers=rig.ledgers, publish=rig.published.append, clock=rig.clock
        )
        rig.poll()
        _poll_with(rig, (3, 3, 10, 50))
        assert rig.total("outbound") == 3
        file.write_text("PA_OTHER")
        other, rig.vobiz.books = rig.vobiz.books, Books(today=TODAY)
        _poll_with(rig, (98000, 60000, 90000, 500))
        assert rig.total("outbound") == 0
        assert "auth_id was replaced, another account is polled" in caplog.messages
        file.write_text("PA_TEST0001 ")
        rig.vobiz.books = other
        other.book(TODAY, CELL, (2, 1, 10, 50))
        rig.poll()
        assert rig.total("outbound") == 5


def test_another_account_that_cannot_be_started_is_started_at_the_next_poll(tmp_path: Path) -> None:
    class Failing(Ledgers):
        def of(self, auth_id: str, **judges: Any) -> Account:
            if auth_id == "PA_OTHER" and failures:
                raise failures.pop()
            return super().of(auth_id, **judges)

    file, failures = tmp_path / "auth_id", [MemoryError()]
    file.write_text("PA_TEST0001")
    with rig_of(Books(today=TODAY)) as rig:
        config = config_of(rig.vobiz_url)
        partner = replace(config.partners[0], auth_id=AuthId(file))
        rig.poller = PartnerPoller(
            partner, config, client=rig.client, ledgers=Failing(), publish=rig.published.append, clock=rig.clock
        )
        rig.poll()
        first = rig.poller.account
        file.write_text("PA_OTHER")
        with pytest.raises(MemoryError):
            rig.poll()
        rig.poll()
        assert rig.poller.account is not first


def _poll_with(rig: Rig, amounts: tuple[int, int, int, int], *, times: int = 1) -> None:
    """Polls, each of which finds so many new calls, answered calls, seconds and paise."""
    for _ in range(times):
        rig.vobiz.books.book(TODAY, CELL, amounts)
        rig.poll()


def _judged(rig: Rig) -> float | None:
    judgements = rig.snapshot.judgements
    return None if judgements is None else judgements.value.directions["outbound"].answer_rate.score


def test_a_drop_is_judged_from_what_each_poll_counts() -> None:
    with rig_of(Books(today=TODAY)) as rig:
        _book_history(rig.vobiz.books)
        rig.poll()
        assert rig.snapshot.judgements is None
        _poll_with(rig, (20, 12, 100, 500), times=30)
        usual = _judged(rig)
        assert usual is not None
        assert usual < 0.7
        _poll_with(rig, (20, 0, 0, 0), times=20)
        dropped = _judged(rig)
        assert dropped is not None
        assert dropped > 1


def test_answered_calls_that_cannot_be_read_are_no_drop() -> None:
    def unreadable(_endpoint: str, said: Any) -> Any:
        if isinstance(said, dict):
            return {key: "?" if key == "answered_calls" else unreadable("", value) for key, value in said.items()}
        return [unreadable("", each) for each in said] if isinstance(said, list) else said

    with rig_of(Books(today=TODAY)) as rig:
        _book_history(rig.vobiz.books)
        rig.poll()
        _poll_with(rig, (20, 12, 100, 500), times=30)
        before = _judged(rig)
        rig.vobiz.change = unreadable
        _poll_with(rig, (20, 12, 100, 500), times=20)
        assert _judged(rig) == before


def test_a_suspicion_outlives_a_reload_and_a_restart(tmp_path: Path) -> None:
    books, path = Books(today=TODAY), tmp_path / "state.db"
    _book_history(books)
    store = LedgerStore(path, configured=["PA_TEST0001"], now=0.0)
    with rig_of(books, store=store) as rig:
        rig.poll()
        _poll_with(rig, (20, 0, 0, 0), times=20)
        before = _judged(rig)
        rig.poller = rig.new_poller(previous=rig.poller)
        rig.poller.begin()
        assert _judged(rig) == before
    store.close()
    store = LedgerStore(path, configured=["PA_TEST0001"], now=0.0)
    with rig_of(books, store=store) as rig:
        rig.poll()
        _poll_with(rig, (20, 0, 0, 0))
        assert before is not None
        after = _judged(rig)
        assert after is not None
        assert after >= min(before, 1.0)
    store.close()


def test_judgements_that_cannot_be_read_start_again_and_the_counters_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = LedgerStore(tmp_path / "state.db", configured=["PA_TEST0001"], now=0.0)
    store.save("PA_TEST0001", {DETECTOR_KIND: b'{"directions": 7}'}, now=0.0)
    with caplog.at_level(logging.ERROR):
        Ledgers(store).of("PA_TEST0001", partner="acme", interval=INTERVAL, thresholds=Thresholds())
    assert [record.getMessage() for record in caplog.records] == ["saved judgements cannot be used, they start again"]
    store.close()


def test_other_thresholds_in_the_middle_of_an_incident_count_from_the_next_poll_on() -> None:
    with rig_of(Books(today=TODAY)) as rig:
        for ago in range(1, 29):
            rig.vobiz.books.book(TODAY - timedelta(days=ago), CELL, (28_800, 17_000, 40_000, 500))
        rig.poll()
        _poll_with(rig, (20, 0, 0, 0), times=8)
        before = _judged(rig)
        assert before is not None
        assert before > 1
        limits = Thresholds(answer_drop_evidence=30.0)
        rig.ledgers.of("PA_TEST0001", partner="renamed", interval=INTERVAL, thresholds=limits)
        rig.poller.begin()
        assert _judged(rig) == before
        _poll_with(rig, (1, 0, 0, 0))
        after = _judged(rig)
        assert after is not None
        assert after < 1


def test_what_is_not_fresh_is_no_evidence() -> None:
    zeros = (("inbound", "answered_calls"), ("all", "cost/INR"), ("product/voice_api", "calls"))
    grown = Increments(fresh={("inbound", "calls"): Decimal(3), **dict.fromkeys(zeros, Decimal(0))})
    evidence = evidence_of(grown, Moment(wall=1_782_900_000.0, elapsed=0.0), TODAY)
    assert evidence.directions.keys() == {"inbound"}
    assert (evidence.directions["inbound"].calls, evidence.directions["inbound"].answered) == (3, 0)
    assert evidence.products.keys() == {"voice_api"}
    assert evidence.cost == {"INR": 0.0}
    assert (evidence.weekday, evidence.minute_of_day) == (TODAY.weekday(), 600)


def test_the_history_has_a_day_for_each_complete_day_of_the_dashboard() -> None:
    with rig_of(Books(today=TODAY)) as rig:
        rig.vobiz.books.book(TODAY - timedelta(days=5), CELL, (4, 2, 10, 50))
        _poll_with(rig, (9, 9, 10, 50))
        assert rig.snapshot.dashboard is not None
        history = history_of(rig.snapshot.dashboard.value)
    assert [day.calls for day in history.directions["outbound"]] == [4, 0, 0, 0, 0]
    assert [day.weekday for day in history.total] == [
        (TODAY - timedelta(days=ago)).weekday() for ago in range(5, 0, -1)
    ]
