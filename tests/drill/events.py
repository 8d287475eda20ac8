"""One request to PagerDuty's Events API v2, checked as PagerDuty does.

https://developer.pagerduty.com/docs/send-alert-event says what is required, and how long it may be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
MAX_KEY, MAX_SUMMARY = 255, 1024

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
    if not isinstance(message, dict):
        raise EventError(["the body is not a JSON object"])
    payload = message.get("payload")
    if problems := _problems(message, payload, routing_key):
        raise EventError(problems)
    payload = payload if isinstance(payload, dict) else {}
    details = {str(name): str(text) for name, text in (payload.get("custom_details") or {}).items()}
    return Event(
        action=message["event_action"],
        dedup_key=message["dedup_key"],
        summary=payload.get("summary", ""),
        severity=payload.get("severity", ""),
        details=details,
        alerts=(*_alerts(details.get("firing", "")), *_alerts(details.get("resolved", ""))),
    )


def _problems(message: dict[str, Any], payload: object, routing_key: str) -> list[str]:
    problems = []
    if message.get("routing_key") != routing_key:
        problems.append("'routing_key' is missing or unknown")
    if message.get("event_action") not in ACTIONS:
        problems.append(f"'event_action' must be one of {', '.join(ACTIONS)}")
    key = message.get("dedup_key")
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        problems.append(f"'dedup_key' must have 1 to {MAX_KEY} characters: without it nothing resolves")
    if message.get("event_action") == "trigger":
        problems += _payload_problems(payload)
    return problems


def _payload_problems(payload: object) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing"]
    problems = [
        f"'payload.{name}' is missing or blank"
        for name in ("summary", "source")
        if not isinstance(payload.get(name), str) or not payload[name].strip()
    ]
    if len(str(payload.get("summary"))) > MAX_SUMMARY:
        problems.append(f"'payload.summary' is longer than {MAX_SUMMARY} characters")
    if payload.get("severity") not in SEVERITIES:
        problems.append(f"'payload.severity' must be one of {', '.join(SEVERITIES)}")
    if not isinstance(payload.get("custom_details", {}), dict):
        problems.append("'payload.custom_details' must be an object")
    return problems


def _alerts(text: str) -> list[dict[str, str]]:
    """Alertmanager's ``pagerduty.default.instances``: blocks of labels, annotations and a source."""
    blocks = [block.partition("Annotations:")[0] for block in text.split("Labels:")[1:]]
    return [dict(_LABEL.findall(block)) for block in blocks]
