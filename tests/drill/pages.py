"""Requests to the Events API as Alertmanager makes them."""

from __future__ import annotations

import json
from typing import Any

from tests.drill.events import Event, read_event

KEY = "0123456789abcdef0123456789abcdef"

FIRING = """Labels:
 - alertname = VobizAnswerRateDrop
 - direction = outbound
 - partner = acme
 - severity = critical
Annotations:
 - summary = acme: the outbound answer rate has dropped
 - runbook_url = https://runbooks.test/VobizAnswerRateDrop.md
Source: http://prometheus.test/graph
Labels:
 - alertname = VobizDataStale
 - partner = acme
Annotations:
 - summary = acme: no good poll
Source: http://prometheus.test/graph
"""


def message(**changes: Any) -> dict[str, Any]:
    """A valid trigger with some fields changed, also those of a payload; None leaves one out."""
    body: dict[str, Any] = {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "group-of-acme",
        "payload": {
            "summary": "acme: the outbound answer rate has dropped",
            "source": "Vobiz exporter",
            "severity": "critical",
            "custom_details": {"firing": FIRING, "resolved": "", "runbook": "https://runbooks.test/x.md"},
        },
    }
    return _changed(body, changes)


def event(**changes: Any) -> Event:
    """A valid event with some fields changed."""
    return read_event(json.dumps(message(**changes)).encode(), routing_key=KEY)


def _changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    deep = {name: _changed(body[name], value) if isinstance(value, dict) else value for name, value in changes.items()}
    return {name: value for name, value in {**body, **deep}.items() if value is not None}
