"""The control side: incidents are listed, cleared, and refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.simulator import describe, parse_incident

from .conftest import Demo


def test_incidents_are_listed_until_they_are_over_or_cleared(demo: Demo) -> None:
    world = demo(incidents=(parse_incident("silence@1m:1m"), parse_incident("outage")))

    def listed() -> list[Any]:
        incidents = world.send("GET", "/_demo/incident").json["incidents"]
        assert incidents == world.send("GET", "/_demo/truth").json["incidents"]
        return [(incident["id"], incident["running"]) for incident in incidents]

    assert listed() == [(1, False), (2, True)]
    world.clock.pass_time(60)
    assert listed() == [(1, True), (2, True)]
    world.clock.pass_time(60)
    assert listed() == [(2, True)]
    assert world.incident(kind="fraud", after="1h")["id"] == 3
    assert world.send("DELETE", "/_demo/incident").json == {"cleared": 2}
    assert listed() == []
    assert world.send("DELETE", "/_demo/incident/2").status == 404


def test_times_may_be_numbers_of_seconds(demo: Demo) -> None:
    world = demo()
    words = {"kind": "outage", "after": 30, "duration": 90.0, "depth": 1}
    said = world.send("POST", "/_demo/incident", body=words).json
    meant = world.send("POST", "/_demo/incident", body={"kind": "outage", "after": "30s", "duration": "90s"}).json
    assert {**said, "id": 0} == {**meant, "id": 0}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"", "not JSON"),
        ([], "JSON object"),
        ({}, "kind"),
        ({"kind": ["outage"]}, "kind"),
        ({"kind": "outage", "deph": 1}, "'deph'"),
        ({"kind": "outage", "after": -5}, "after"),
        ({"kind": "outage", "after": True}, "after"),
        ({"kind": "outage", "duration": 1e300}, "duration"),
        ({"kind": "outage", "depth": 0.5}, "depth"),
        ({"kind": "outage", "duration": "soon"}, "duration"),
        ({"kind": "fraud", "depth": True}, "depth"),
        ({"kind": "fraud", "depth": "1"}, "depth"),
        (b'{"kind": "fraud", "depth": NaN}', "depth"),
        ({"kind": "outage", "direction": "up"}, "direction"),
        ({"kind": "fraud", "direction": "outbound"}, "direction"),
        ({"kind": "outage", "partner": "PA_DEMO0002"}, "partner"),
    ],
)
def test_a_bad_incident_is_answered_400_with_one_line_that_names_the_part(
    demo: Demo, body: object, reason: str
) -> None:
    world = demo()
    answer = world.send("POST", "/_demo/incident", body=body)
    assert answer.status == 400
    assert reason in answer.json["error"]
    assert world.send("GET", "/_demo/incident").json == {"incidents": []}


def test_a_body_that_is_too_large_is_refused(demo: Demo) -> None:
    assert demo().send("POST", "/_demo/incident", body=b" " * 70_000).status == 413


@pytest.mark.parametrize(("method", "path"), [("POST", "/truth"), ("GET", "/pause"), ("GET", "/incident/1")])
def test_a_wrong_method_is_answered_405(demo: Demo, method: str, path: str) -> None:
    assert demo().send(method, "/_demo" + path).status == 405


def test_the_server_explains_itself_with_credentials_incidents_and_what_to_type(demo: Demo) -> None:
    world = demo(partners=5, speed=60, incidents=(parse_incident("fraud@2m:10m"),))
    text = describe(world.server)
    assert world.server.url in text
    assert f"{world.server.control_url}/incident" in text
    assert "fraud (depth 0.5) in 2m (2s of real time), for 10m (10s of real time)" in text
    assert [auth_id in text for auth_id, _ in world.server.partners[:3]] == [True] * 3
    page = world.send("GET", "/", headers={})
    assert page.headers["content-type"].startswith("text/plain")
    assert all(f"{auth_id}   X-Auth-Token: {token}" in page.text.decode() for auth_id, token in world.server.partners)
