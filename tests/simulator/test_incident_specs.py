"""How incidents are written, and what is said about those that are wrong."""

from __future__ import annotations

import pytest

from exporter.simulator import IncidentError, IncidentSpec, Kind, parse_incident
from exporter.simulator.incidents import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("outage", IncidentSpec(kind=Kind.OUTAGE)),
        ("silence@2m", IncidentSpec(kind=Kind.SILENCE, after=120)),
        ("api-down@1h30m:90s", IncidentSpec(kind=Kind.API_DOWN, after=5_400, duration=90)),
        ("answer-rate-drop", IncidentSpec(kind=Kind.ANSWER_RATE_DROP, depth=0.5)),
        ("answer-rate-drop@0:10m:0.3", IncidentSpec(kind=Kind.ANSWER_RATE_DROP, duration=600, depth=0.3)),
        ("fraud@2m:0.8", IncidentSpec(kind=Kind.FRAUD, after=120, depth=0.8)),
        ("fraud@2m::1", IncidentSpec(kind=Kind.FRAUD, after=120, depth=1)),
        ("correction@500ms", IncidentSpec(kind=Kind.CORRECTION, after=0.5, depth=0.1)),
        ("outage:10m:1", IncidentSpec(kind=Kind.OUTAGE, duration=600, depth=1)),
        ("frozen:5m", IncidentSpec(kind=Kind.FROZEN, duration=300)),
    ],
)
def test_each_part_of_an_incident_is_read(text: str, spec: IncidentSpec) -> None:
    assert parse_incident(text) == spec


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "KIND"),
        ("outrage", "KIND 'outrage'"),
        ("outage@", "AFTER"),
        ("outage@soon", "AFTER 'soon'"),
        ("outage@5", "AFTER '5'"),
        ("outage:0.5", "DEPTH"),
        ("outage:5x", "DURATION '5x'"),
        ("outage:0s", "DURATION"),
        ("outage:99999999y", "DURATION"),
        ("outage::0.5", "DEPTH"),
        ("fraud::2", "DEPTH 2.0"),
        ("fraud::0", "DEPTH"),
        ("fraud::nan", "DEPTH"),
        ("fraud::deep", "DEPTH 'deep'"),
        ("correction:5m", "DURATION"),
        ("fraud:1m:0.5:x", "too many parts"),
    ],
)
def test_a_wrong_part_is_named_and_the_form_is_shown(text: str, part: str) -> None:
    with pytest.raises(IncidentError) as caught:
        parse_incident(text)
    message = str(caught.value)
    assert part in message
    assert message.endswith("the form is KIND[@AFTER][:DURATION][:DEPTH]")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "m", "5", "1m1h", "-1s", "1.5h", " 1m", "1m\n", "١m"])
def test_what_is_no_prometheus_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "45s", "1h30m", "2d1s"])
def test_a_duration_reads_as_it_was_written(text: str) -> None:
    assert format_duration(parse_duration(text)) == text
