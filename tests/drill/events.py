"""One request to PagerDuty's Events API v2, checked as PagerDuty does.

https://developer.pagerduty.com/docs/send-alert-event says what is required, and how long it may be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from jsonschema import Draft202012Validator

_TEXT = {"type": "string", "pattern": r"\S"}
_SCHEMA = {
    "type": "object",
    "required": ["routing_key", "event_action", "dedup_key"],
    "properties": {
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        # optional there; without it nothing resolves
        "dedup_key": {**_TEXT, "maxLength": 255},
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}, "required": ["event_action"]},
    "then": {
        "required": ["payload"],
        "properties": {
            "payload": {
                "type": "object",
                "required": ["summary", "source", "severity"],
                "properties": {
                    "summary": {**_TEXT, "maxLength": 1024},
                    "source": _TEXT,
                    "severity": {"enum": ["critical", "error", "warning", "info"]},
                    "custom_details": {"type": "object"},
                },
            }
        },
    },
}
_VALIDATOR = Draft202012Validator(_SCHEMA)

_LABEL = re.compile(r"^ - (\w+) = (.*)$", re.MULTILINE)


class EventError(ValueError):
    """An event that PagerDuty would refuse; ``problems`` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A valid event. ``alerts`` are the labels of the alerts that Alertmanager's details list as firing or resolved."""

    action: str
    dedup_key: str
    summary: str
    severity: str
    details: Mapping[str, str]
    alerts: tuple[Mapping[str, str], ...]


def read_event(body: bytes, *, routing_key: str) -> Event:
    """The event that a request's body holds. Raises :class:`EventError`."""
    try:
        message = json.loads(body)
    except ValueError:
        raise EventError(["the body is not JSON"]) from None
    problems = [f"{error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(message)]
    if problems or message["routing_key"] != routing_key:
        raise EventError(problems or ["$.routing_key is unknown"])
    payload = message.get("payload") or {}
    details = {str(name): str(text) for name, text in (payload.get("custom_details") or {}).items()}
    return Event(
        action=message["event_action"],
        dedup_key=message["dedup_key"],
        summary=payload.get("summary", ""),
        severity=payload.get("severity", ""),
        details=details,
        alerts=(*_alerts(details.get("firing", "")), *_alerts(details.get("resolved", ""))),
    )


def _alerts(text: str) -> list[dict[str, str]]:
    """Alertmanager's ``pagerduty.default.instances``: blocks of labels, annotations and a source."""
    blocks = [block.partition("Annotations:")[0] for block in text.split("Labels:")[1:]]
    return [dict(_LABEL.findall(block)) for block in blocks]
