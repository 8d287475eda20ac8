"""Each kind of incident, as a client sees it over a socket."""

from __future__ import annotations

import http.client
import json
from decimal import Decimal
from typing import Any

import pytest

from .conftest import Demo
from .world import World

HOUR = 3_600


def growth(world: World, seconds: float) -> dict[str, Any]:
    """Return by how much today's values of each direction grow in that time."""
    before = world.today()["traffic"]
    world.clock.pass_time(seconds)
    after = world.today()["traffic"]
    return {
        direction: {value: Decimal(after[direction][value]) - Decimal(before[direction][value]) for value in values}
        for direction, values in before.items()
    }


def ratio(values: dict[str, Any]) -> float:
    return float(values["answered_calls"] / values["total_calls"])


def test_an_answer_rate_drop_lowers_the_rate_of_its_direction_by_its_depth(demo: Demo) -> None:
    world = demo(volume=2_000)
    usual = growth(world, HOUR)
    world.incident(kind="answer-rate-drop", direction="outbound", depth=0.5)
    world.clock.pass_time(HOUR)  # until the calls that were under way have ended
    struck = growth(world, HOUR)
    assert ratio(struck["outbound"]) == pytest.approx(ratio(usual["outbound"]) / 2, rel=0.2)
    assert ratio(struck["inbound"]) == pytest.approx(ratio(usual["inbound"]), rel=0.1)


def test_in_an_outage_calls_go_on_and_none_is_answered(demo: Demo) -> None:
    world = demo(incidents=())
    world.incident(kind="outage", after="1m", duration="6h")
    world.clock.pass_time(4 * HOUR)  # late records of answered calls have come in by then
    struck = growth(world, HOUR)
    assert all(values["total_calls"] > 100 for values in struck.values())
    assert all(values["answered_calls"] == 0 == values["total_cost"] for values in struck.values())
    world.clock.pass_time(HOUR)
    assert ratio(growth(world, HOUR)["inbound"]) > 0.5


def test_in_a_silence_no_call_is_made(demo: Demo) -> None:
    world = demo()
    world.incident(kind="silence", direction="inbound")
    world.clock.pass_time(4 * HOUR)
    struck = growth(world, HOUR)
    assert struck["inbound"]["total_calls"] == 0
    assert struck["outbound"]["total_calls"] > 100


def test_a_fraud_multiplies_outbound_cost_by_more_than_ten(demo: Demo) -> None:
    world = demo()
    usual = growth(world, HOUR)
    world.incident(kind="fraud")
    world.clock.pass_time(HOUR)
    struck = growth(world, HOUR)
    assert struck["outbound"]["total_cost"] > 10 * usual["outbound"]["total_cost"]
    assert struck["inbound"]["total_cost"] < 3 * usual["inbound"]["total_cost"]


def test_an_incident_of_one_partner_leaves_the_others_alone(demo: Demo) -> None:
    world = demo(partners=2)
    world.incident(kind="unauthorized", partner="PA_DEMO0001")
    auth_id, token = world.server.partners[1]
    assert world.ask("/dashboard").status == 401
    assert world.ask("/dashboard", headers={"X-Auth-ID": auth_id, "X-Auth-Token": token}).status == 200


def test_when_the_api_is_down_connections_end_without_an_answer(demo: Demo) -> None:
    world = demo()
    world.incident(kind="api-down", duration="1m")
    with pytest.raises(http.client.RemoteDisconnected):
        world.ask("/dashboard")
    world.clock.pass_time(60)
    assert world.ask("/dashboard").status == 200


def test_when_rate_limited_answers_are_429_and_say_when_to_come_back(demo: Demo) -> None:
    world = demo()
    number = world.incident(kind="rate-limited")["id"]
    answer = world.ask("/dashboard")
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert world.send("DELETE", f"/_demo/incident/{number}").json == {"cleared": 1}
    assert world.ask("/dashboard").status == 200


def test_malformed_answers_are_200_and_no_json_object(demo: Demo) -> None:
    world = demo()
    world.incident(kind="malformed")
    bodies = [world.ask("/dashboard") for _ in range(3)]
    assert [body.status for body in bodies] == [200] * 3
    assert not any(is_object(body.text) for body in bodies)


def is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def test_an_api_incident_of_half_depth_hits_some_requests_and_spares_others(demo: Demo) -> None:
    world = demo()
    world.incident(kind="rate-limited", depth=0.5)
    assert {world.ask("/me").status for _ in range(40)} == {200, 429}


def test_closing_ends_an_answer_that_drips(demo: Demo) -> None:
    world = demo()
    world.incident(kind="api-slow")
    connection = world.connect()
    try:
        connection.request("GET", "/api/v1/partner/dashboard", headers=world.headers)
        reply = connection.getresponse()
        assert reply.status == 200
        assert reply.read(1) == b"{"
        world.server.close()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            reply.read()
    finally:
        connection.close()


def test_frozen_answers_stand_still_and_catch_up_when_it_ends(demo: Demo) -> None:
    world = demo()
    world.clock.pass_time(100)
    world.incident(kind="frozen", after="10m", duration="1h")
    world.clock.pass_time(600)
    before = [world.ask(path).text for path in ("/dashboard", "/accounts", "/me")]
    counted = world.truth()
    world.clock.pass_time(3_599)
    assert [world.ask(path).text for path in ("/dashboard", "/accounts", "/me")] == before
    frozen = world.truth()
    assert frozen["calls"] > counted["calls"]
    assert frozen["visible"] == counted["visible"]
    assert counted["visible"]["calls"] == counted["calls"]
    world.clock.pass_time(1)
    assert world.ask("/dashboard").text != before[0]
    thawed = world.truth()
    assert thawed["visible"]["calls"] == thawed["calls"]


def test_an_incident_takes_effect_at_its_own_moment_though_nobody_asked_then(demo: Demo) -> None:
    asked, unasked = (demo(incidents=()) for _ in range(2))
    for world in (asked, unasked):
        world.incident(kind="correction", after="20m", depth=0.5)
        world.incident(kind="frozen", after="40m", duration="10m")
        world.incident(kind="silence", after="45m", duration="5m")
    for _ in range(60):
        asked.clock.pass_time(60)
        asked.ask("/dashboard")
    unasked.clock.pass_time(3_600)
    assert asked.truth() == unasked.truth()
