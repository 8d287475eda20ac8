"""The newest call records after each poll with new calls, read down to one that was counted before."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from exporter.poll.endpoint import MAX_INTERVALS
from tests.poll.configured import Rig, rig_of
from tests.poll.customers import Partner, call_record

CAUSES = "collect: [causes]\ncauses: {customers: 5}\n"
BUSY = ("outbound", "false", "User Busy", "Carrier")


def calls(rig: Rig) -> float:
    return sum(rig.page().get("vobiz_cdr_calls_total", {}).values())


def called(partner: Partner, first: int, count: int) -> None:
    for number in range(first, first + count):
        partner.call(number)


def test_records_are_asked_for_only_where_they_are_collected(tmp_path: Path) -> None:
    with rig_of(Partner(), tmp_path, "") as rig:
        assert rig.poll() == []
        assert rig.snapshot.causes is None
        assert "vobiz_cdrs_unread_total" not in rig.page()


def test_each_new_record_is_counted_once(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, CAUSES) as rig:
        called(partner, 1, 31)
        assert rig.poll() == ["1"]
        assert calls(rig) == 0
        called(partner, 101, 3)
        partner.call(200, billsec=30, answer_time="2026-07-01T10:00:00Z", mos=4.2, hangup_source="Caller")
        assert rig.poll() == ["1"]
        assert rig.page()["vobiz_cdr_calls_total"] == {BUSY: 3, ("outbound", "true", "User Busy", "Caller"): 1}
        assert rig.value("vobiz_cdr_ring_seconds_bucket", "outbound", "20.0") == 4
        assert rig.value("vobiz_cdr_ring_seconds_sum", "outbound") == 48
        assert rig.value("vobiz_cdr_mos_count", "outbound") == 1
        assert rig.value("vobiz_cdr_customer_unanswered_calls", "MA_00001") == 3
        assert rig.value("vobiz_cdrs_unread_total") == 0


def test_so_many_customers_as_configured_are_named_the_most_affected_first(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, "collect: [causes]\ncauses: {customers: 1}\n") as rig:
        rig.poll()
        for number, account in enumerate(("MA_1", "MA_2", "MA_2")):
            partner.call(number, account_id=account)
        rig.poll()
        assert rig.page()["vobiz_cdr_customer_unanswered_calls"] == {("MA_2",): 2}


def test_without_new_calls_nothing_more_is_asked_once_late_records_had_their_time(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, CAUSES) as rig:
        asked = [rig.poll() for _ in range(4)]
        partner.booked += 1
        asked += [rig.poll()]
        partner.records.insert(0, call_record(1))
        asked += [rig.poll(), rig.poll(), rig.poll(after=300)]
        assert asked == [["1"], ["1"], [], [], ["1"], ["1"], [], []]
        assert calls(rig) == 1
        assert rig.value("vobiz_up", "cdrs") == 1


def test_pages_are_read_until_one_ends_with_a_record_seen_before(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, "collect: [causes]\ncauses: {pages: 5}\n") as rig:
        called(partner, 1, 600)
        assert rig.poll() == ["1", "2", "3", "4", "5"]
        called(partner, 1001, 230)
        assert rig.poll() == ["1", "2", "3"]
        assert calls(rig) == 230


def test_records_that_come_while_pages_are_read_move_others_and_count_once(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, "collect: [causes]\ncauses: {pages: 5}\n") as rig:
        rig.poll()
        called(partner, 1, 150)
        partner.before_page = lambda page: called(partner, 1000 * page, 7) if page == 2 else None
        assert rig.poll() == ["1", "2"]
        partner.before_page = lambda page: None
        rig.poll()
        assert calls(rig) == 157


def test_a_record_that_comes_late_below_others_is_counted(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, CAUSES) as rig:
        rig.poll()
        called(partner, 1, 20)
        rig.poll()
        partner.booked += 1
        partner.records.insert(10, call_record(99))
        partner.records.insert(12, call_record(99))
        rig.poll()
        assert calls(rig) == 21


def test_what_the_page_limit_leaves_out_is_counted_as_unread(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, "collect: [causes]\ncauses: {pages: 1}\n") as rig:
        rig.poll()
        called(partner, 1, 250)
        assert rig.poll() == ["1"]
        assert (calls(rig), rig.value("vobiz_cdrs_unread_total")) == (100, 150)


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_an_endpoint_that_refuses_rests_says_so_and_nothing_else_suffers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    partner = Partner()
    partner.statuses["cdrs"] = status
    with rig_of(partner, tmp_path, CAUSES) as rig:
        asked = [bool(rig.poll()) for _ in range(40)]
        assert sum(asked) <= 8
        assert not any(asked[-MAX_INTERVALS + 1 :]) or sum(asked[-MAX_INTERVALS:]) == 1
        assert (rig.value("vobiz_up", "cdrs"), rig.value("vobiz_up", "dashboard")) == (0, 1)
        assert rig.requests("dashboard", "success") == 40
        assert "vobiz_cdr_calls_total" not in rig.page()
        logged = [one for one in caplog.records if one.levelno >= logging.WARNING]
        assert [one.getMessage() for one in logged] == ["vobiz poll failed"]
        assert logged[0].__dict__["endpoint"] == "cdrs"
        del partner.statuses["cdrs"]
        partner.call(1)
        for _ in range(MAX_INTERVALS):
            rig.poll()
        assert rig.value("vobiz_up", "cdrs") == 1


def test_counts_stay_and_shares_go_when_the_last_reading_is_too_old(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, CAUSES) as rig:
        called(partner, 1, 150)
        rig.poll()
        called(partner, 201, 100)
        rig.poll()
        rig.poll(after=2 * 3600)
        for number in range(60):
            partner.call(1000 + number, hangup_cause_name="Rejected")
        rig.poll()
        partner.call(400)
        rig.poll()
        assert rig.value("vobiz_cdr_cause_share", "outbound", "Rejected") == pytest.approx(60 / 61)
        assert rig.value("vobiz_cdr_cause_share_usual", "outbound", "User Busy") == 1
        partner.statuses["cdrs"] = 500
        partner.call(401)
        for _ in range(6):
            rig.poll()
        assert rig.value("vobiz_cdr_cause_share", "outbound", "Rejected") is None
        assert calls(rig) == 161


def test_a_reload_keeps_the_counts_and_shows_none_once_they_are_not_collected(tmp_path: Path) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, CAUSES) as rig:
        rig.poll()
        partner.call(1)
        rig.poll()
        rig.configure(CAUSES)
        assert calls(rig) == 1
        partner.call(2)
        rig.poll()
        assert calls(rig) == 2
        rig.configure("")
        rig.poll()
        assert "vobiz_cdr_calls_total" not in rig.page()
