"""Call records: the documented shape, one for each call, and causes that fit the incidents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Demo
from tests.simulator.world import World


def records(world: World, query: str = "") -> list[dict[str, Any]]:
    """The newest hundred."""
    rows: list[dict[str, Any]] = world.ask(f"/cdrs?per_page=100{query}").json["data"]
    return rows


def by_cause(world: World) -> dict[tuple[str, str], int]:
    """Outbound calls since the start by cause and source."""
    found = world.truth()["records"]["by_cause"]
    return {(row["cause"], row["source"]): row["calls"] for row in found if row["direction"] == "outbound"}


def test_a_record_has_the_documented_fields(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(600)
    body = world.ask("/cdrs").json
    assert (body["success"], body["count"], len(body["data"])) == (True, 20, 20)
    assert body["pagination"]["has_next"]
    answered = records(world, "&status=answered")[0]
    failed = records(world, "&status=no_answer")[0]
    assert answered["hangup_cause"] == "NORMAL_CLEARING"
    assert answered["duration"] == answered["billsec"] + answered["ring_time"]
    assert answered["answer_time"] is not None
    assert (failed["answer_time"], failed["billsec"], failed["hangup_cause_name"]) == (None, 0, "No Answer")
    assert answered.keys() == failed.keys()


def test_every_call_gets_one_record_some_seconds_after_it_was_booked(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(600)
    waiting = world.truth()["calls"] - world.truth()["records"]["calls"]
    world.incident(kind="silence")
    world.clock.pass_time(86_400)
    truth = world.truth()
    assert -50 < waiting < 50
    # of calls that were booked before the start, a few records were still to come
    assert 0 <= truth["records"]["calls"] - truth["calls"] < 30


def test_pages_are_the_newest_first_and_shift_when_calls_are_added(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(600)
    first = [row["id"] for row in records(world)]
    assert first == sorted(first, reverse=True)
    world.clock.pass_time(60)
    second = [row["id"] for row in records(world, "&page=2")]
    assert set(first) & set(second)
    assert len({row["uuid"] for row in records(world)}) == 100


def test_filters_leave_what_was_asked_for(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(600)
    assert {row["call_direction"] for row in records(world, "&call_direction=inbound")} == {"inbound"}
    assert {row["hangup_cause"] for row in records(world, "&hangup_cause=USER_BUSY")} == {"USER_BUSY"}
    assert min(row["billsec"] for row in records(world, "&min_duration=60")) >= 60
    day = records(world)[0]["start_time"][:10]
    assert records(world, f"&start_date={day}&end_date={day}")
    assert records(world, "&start_date=2020-01-01&end_date=2020-01-02") == []
    assert world.ask("/cdrs?start_date=2020-01-01").status == 422
    assert world.ask("/cdrs?per_page=101").status == 422
    customer = records(world)[0]["account_id"]
    body = world.ask(f"/accounts/{customer}/cdrs").json
    assert {row["account_id"] for row in body["data"]} == {customer}


def test_a_plain_drop_has_the_usual_causes(demo: Demo) -> None:
    world = demo()
    world.incident(kind="answer-rate-drop", depth=0.8)
    world.clock.pass_time(3_600)
    causes = by_cause(world)
    assert ("Canceled (Out Of Credits)", "Vobiz") not in causes
    failed = sum(
        calls for (cause, _), calls in causes.items() if cause not in ("Normal Hangup", "End Of XML Instructions")
    )
    assert 0.4 < causes["No Answer", "Call recipient"] / failed < 0.65


def test_a_customer_without_credits_loses_its_calls_and_has_nothing_left(demo: Demo) -> None:
    world = demo()
    world.incident(kind="out-of-credits", duration="1h", depth=0.6)
    world.clock.pass_time(1_800)
    truth = world.truth()
    outbound = truth["by_direction"]["outbound"]
    assert 0.5 < by_cause(world)["Canceled (Out Of Credits)", "Vobiz"] / outbound["calls"] < 0.7
    rows = [row for row in records(world) if row["hangup_cause_code"] == 1010]
    [customer] = {row["account_id"] for row in rows}
    assert truth["customers"][customer]["balance"] == "0.00000"
    world.clock.pass_time(3_600)
    assert float(world.truth()["customers"][customer]["balance"]) > 0


@pytest.mark.parametrize(("kind", "cause"), [("carrier-reject", "Rejected"), ("spam-block", "User Busy")])
def test_the_carrier_is_the_source_of_what_it_rejects_and_of_what_its_spam_filter_blocks(
    demo: Demo, kind: str, cause: str
) -> None:
    world = demo()
    world.incident(kind=kind)
    world.clock.pass_time(3_600)
    outbound = world.truth()["by_direction"]["outbound"]
    assert 0.4 < by_cause(world)[cause, "Carrier"] / outbound["calls"] < 0.6


def test_in_an_outage_the_network_is_down(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(3_600)
    world.incident(kind="outage", direction="outbound")
    before = by_cause(world)
    world.clock.pass_time(3_600)
    assert by_cause(world)["Network Error", "Carrier"] > 0.8 * (sum(by_cause(world).values()) - sum(before.values()))


def test_frozen_answers_show_no_new_record(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(600)
    world.incident(kind="frozen", duration="10m")
    before = records(world)[0]["id"]
    world.clock.pass_time(300)
    assert records(world)[0]["id"] == before
    world.clock.pass_time(600)
    assert records(world)[0]["id"] > before
