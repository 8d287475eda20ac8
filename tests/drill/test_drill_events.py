"""The receiver refuses what PagerDuty would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.drill.events import EventError, read_event
from tests.drill.pages import KEY, event, message


def problems(body: bytes) -> list[str]:
    with pytest.raises(EventError) as caught:
        read_event(body, routing_key=KEY)
    return caught.value.problems


def test_a_page_names_its_alerts_and_partner() -> None:
    labels = event().alerts
    assert [one["alertname"] for one in labels] == ["VobizAnswerRateDrop", "VobizDataStale"]
    assert {one["partner"] for one in labels} == {"acme"}


def test_annotations_are_not_taken_for_labels() -> None:
    assert all("summary" not in labels for labels in event().alerts)


def test_a_resolve_needs_no_payload() -> None:
    assert event(event_action="resolve", payload=None).action == "resolve"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"routing_key": None}, "routing_key"),
        ({"routing_key": "of somebody else"}, "routing_key"),
        ({"event_action": "page"}, "event_action"),
        ({"dedup_key": None}, "dedup_key"),
        ({"dedup_key": ""}, "dedup_key"),
        ({"dedup_key": "x" * 256}, "dedup_key"),
        ({"payload": None}, "payload"),
        ({"payload": {"summary": None}}, "summary"),
        ({"payload": {"summary": " "}}, "summary"),
        ({"payload": {"summary": "x" * 1025}}, "summary"),
        ({"payload": {"source": None}}, "source"),
        ({"payload": {"severity": "page"}}, "severity"),
        ({"payload": {"custom_details": []}}, "custom_details"),
    ],
)
def test_an_event_that_pagerduty_would_refuse_is_refused(changes: dict[str, Any], named: str) -> None:
    [problem] = problems(json.dumps(message(**changes)).encode())
    assert named in problem


def test_every_problem_is_reported_at_once() -> None:
    assert len(problems(json.dumps({"event_action": "trigger"}).encode())) == 3


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert len(problems(body)) == 1
