"""Call records counted once each, and the causes of now beside the usual ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api.model import CallRecord
from exporter.poll.causes import MAX_CAUSES, MAX_KEYS, CauseShare, CauseTally

AT = 1_782_900_000.0
HOUR = 3600.0


def record(number: int | None, name: str | None = "User Busy", **changes: Any) -> CallRecord:
    key = None if number is None else str(number)
    return CallRecord(**{"key": key, "direction": "outbound", "cause": name, "source": "Carrier", **changes})


def add(tally: CauseTally, *records: CallRecord, at: float = AT, complete: bool = True, booked: int = 0) -> None:
    tally.add(records, complete=complete, booked=booked, at=at)


def started() -> CauseTally:
    tally = CauseTally()
    add(tally)
    return tally


def counted(tally: CauseTally) -> dict[str, int]:
    """Calls by cause."""
    found: dict[str, int] = {}
    for (_, _, cause, _), calls in tally.shown(AT).calls.items():
        found[cause] = found.get(cause, 0) + calls
    return found


def share(tally: CauseTally, cause: str, at: float) -> CauseShare:
    [found] = [one for one in tally.shown(at).shares if one.cause == cause]
    return found


def many(first: int, *causes: tuple[str, int]) -> list[CallRecord]:
    names = [cause for cause, calls in causes for _ in range(calls)]
    return [record(first + number, cause) for number, cause in enumerate(names)]


def test_records_are_counted_by_direction_answer_cause_and_source() -> None:
    tally = started()
    add(tally, record(1), record(2, "NORMAL_CLEARING", direction="inbound", answered=True))
    assert tally.shown(AT).calls == {
        ("outbound", "false", "User Busy", "Carrier"): 1,
        ("inbound", "true", "NORMAL_CLEARING", "Carrier"): 1,
    }


def test_what_a_record_does_not_state_is_unknown_and_other_sources_are_one() -> None:
    tally = started()
    add(tally, record(1, None, direction=None, source=None), record(2, "code 77", source="Q"))
    assert set(tally.shown(AT).calls) == {
        ("Unknown", "false", "Unknown", "Unknown"),
        ("outbound", "false", "code 77", "other"),
    }


def test_the_first_records_are_history() -> None:
    tally = CauseTally()
    add(tally, record(1), record(2))
    assert counted(tally) == {}
    add(tally, record(3), record(2), record(1))
    assert counted(tally) == {"User Busy": 1}


def test_a_record_without_an_id_cannot_be_counted_once_and_is_left_out() -> None:
    tally = started()
    add(tally, record(None), record(None))
    assert counted(tally) == {}


@given(st.data())
def test_each_record_counts_once_whatever_pages_and_restarts_come_between(data: st.DataObject) -> None:
    tally = started()
    written: list[int] = []
    for _ in range(data.draw(st.integers(1, 8))):
        for _ in range(data.draw(st.integers(0, 5))):  # one that comes late stands below others
            written.insert(data.draw(st.integers(0, min(3, len(written)))), len(written) + 1)
        page = [record(number, f"cause {number % 3}") for number in written[:20]]
        add(tally, *page, *data.draw(st.lists(st.sampled_from(page), max_size=3) if page else st.just([])))
        if data.draw(st.booleans()):
            tally = msgspec.json.decode(msgspec.json.encode(tally), type=CauseTally)
    assert sum(counted(tally).values()) == len(written)


def test_only_the_newest_records_are_remembered() -> None:
    tally = started()
    add(tally, *(record(number) for number in range(MAX_KEYS + 10, 0, -1)))
    assert [tally.seen(record(number)) for number in (1, 10, 11, MAX_KEYS + 10)] == [False, False, True, True]


def test_what_the_page_limit_left_out_is_counted() -> None:
    tally = started()
    add(tally, *many(1, ("User Busy", 200)), complete=False, booked=350)
    add(tally, *many(301, ("User Busy", 10)), booked=370)
    add(tally, *many(401, ("User Busy", 200)), complete=False, booked=500)
    assert tally.shown(AT).unread == 150


def test_at_most_forty_causes_have_a_name() -> None:
    tally = started()
    add(tally, *(record(number, f"cause {number}") for number in range(100)))
    found = counted(tally)
    assert len(found) == MAX_CAUSES + 1
    assert found["other"] == 60


def test_ring_time_and_quality_are_distributions() -> None:
    tally = started()
    add(
        tally,
        record(1, ring_time=Decimal("2.0")),
        record(2, ring_time=Decimal(61), mos=Decimal("4.2")),
        record(3, ring_time=Decimal(919876500001), mos=Decimal(0)),
    )
    shown = tally.shown(AT)
    assert (shown.ring["outbound"].counts, shown.ring["outbound"].total) == ((1, 0, 0, 0, 0, 0, 1), 63.0)
    assert shown.mos["outbound"].counts == (0, 0, 0, 0, 1, 0)


def test_a_share_is_that_of_now_beside_the_usual_one_of_earlier_days() -> None:
    tally = started()
    add(tally, *many(1, ("User Busy", 180), ("Canceled", 20)))
    incident = AT + 2 * HOUR
    add(tally, *many(1001, ("User Busy", 20), ("Canceled", 80)), at=incident)
    assert (share(tally, "Canceled", incident).now, share(tally, "Canceled", incident).usual) == (0.8, 0.1)
    assert share(tally, "Canceled", incident).calls == 80
    assert tally.shown(incident).shares[0].cause == "Canceled"
    assert share(tally, "User Busy", incident).now == pytest.approx(0.2)


def test_with_few_calls_no_share_is_stated() -> None:
    tally = started()
    add(tally, *many(1, ("User Busy", 199)))
    add(tally, *many(1001, ("Canceled", 100)), at=AT + 2 * HOUR)
    assert (share(tally, "Canceled", AT + 2 * HOUR).now, share(tally, "Canceled", AT + 2 * HOUR).usual) == (None, None)
    tally = started()
    add(tally, *many(1, ("User Busy", 200)))
    add(tally, *many(1001, ("Canceled", 19)), at=AT + 2 * HOUR)
    assert share(tally, "Canceled", AT + 2 * HOUR).now is None


def test_usual_causes_are_compared_only_where_chance_cannot_make_a_difference_of_ten_points() -> None:
    for calls, stated in ((100, False), (300, True)):
        tally = CauseTally()
        add(tally, *many(1, ("User Busy", 1_000), ("No Answer", 1_000)))
        add(tally, *many(3001, ("User Busy", calls * 6 // 10), ("No Answer", calls * 4 // 10)))
        assert (share(tally, "User Busy", AT).now is not None) is stated


def test_where_calls_are_few_the_calls_of_now_reach_back_for_an_hour() -> None:
    tally = CauseTally()
    add(tally, *many(1, ("User Busy", 200)))
    for step in range(6):
        add(tally, *many(1000 * (step + 1), ("Canceled", 10)), at=AT + step * 600)
    assert share(tally, "Canceled", AT + 3000).now == 1
    assert share(tally, "Canceled", AT + 3000).calls == 60


def test_what_was_usual_long_ago_weighs_little() -> None:
    tally = CauseTally()
    add(tally, *many(1, ("User Busy", 300)))
    days = AT + 3 * 86_400
    add(tally, *many(1001, ("Canceled", 150)), at=days)
    add(tally, *many(2001, ("Canceled", 60)), at=days + 2 * HOUR)
    assert share(tally, "Canceled", days + 2 * HOUR).usual == pytest.approx(0.5, abs=0.01)


def test_a_clock_that_was_set_back_loses_no_call() -> None:
    tally = started()
    add(tally, *many(1, ("User Busy", 300)), at=AT + 86_400)
    add(tally, *many(1001, ("Canceled", 60)))
    assert share(tally, "Canceled", AT).now == 1
    assert counted(tally) == {"User Busy": 300, "Canceled": 60}


def test_the_customers_with_most_unanswered_calls_come_first_and_are_not_saved() -> None:
    tally = started()
    accounts = ["MA_1", "MA_2", "MA_2", "MA_3"]
    add(tally, *(record(number, account_id=account) for number, account in enumerate(accounts)))
    add(tally, record(9, account_id="MA_3", answered=True))
    assert tally.shown(AT).customers == (("MA_2", 2), ("MA_1", 1), ("MA_3", 1))
    assert b"MA_" not in msgspec.json.encode(tally)
    assert tally.shown(AT + 2 * HOUR).customers == ()


@pytest.mark.parametrize(
    "saved",
    [
        b"",
        b"null",
        b'{"unread": "x"}',
        b'{"lanes": {"outbound": {"usual_at": 0, "ring": {"bounds": [1.0], "counts": [0, 0], "total": 0}}}}',
        b'{"lanes": {"outbound": {"usual_at": 0, "minutes": [7]}}}',
    ],
)
def test_what_was_not_saved_by_a_tally_is_refused(saved: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        msgspec.json.decode(saved, type=CauseTally)
