"""What goes wrong, and which alert pages for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

STEADY = "steady"
"""A partner without any fault: it must never page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``name`` is also the name of the partner that has it, and of nobody else.

    ``incident`` is what the simulated Vobiz is asked for; empty: the exporter is killed, which concerns all partners
    and therefore comes last and alone. ``minutes`` is how long page and resolve may take, each, before the drill gives
    up on them; they pass in real time, whatever intervals are shortened, where a rule compares with a window that long.
    """

    name: str
    what: str
    alert: str
    minutes: float
    incident: Mapping[str, object] = field(default_factory=dict)


FAULTS = (
    Fault(
        name="answer-rate",
        what="half of the answered calls go unanswered",
        alert="VobizAnswerRateDrop",
        minutes=20,
        incident={"kind": "answer-rate-drop", "depth": 0.5},
    ),
    Fault(
        name="api-down",
        what="the API drops every connection",
        alert="VobizDataStale",
        minutes=40,
        incident={"kind": "api-down"},
    ),
    Fault(
        name="credentials",
        what="the API refuses the credentials",
        alert="VobizAuthFailed",
        minutes=20,
        incident={"kind": "unauthorized"},
    ),
    Fault(
        name="silence",
        what="no new calls in either direction",
        alert="VobizNoTraffic",
        minutes=45,
        incident={"kind": "silence"},
    ),
    Fault(
        name="fraud",
        what="long calls to dear destinations, day and night",
        alert="VobizSpendSpike",
        minutes=70,
        incident={"kind": "fraud", "depth": 1.0},
    ),
    Fault(name="exporter", what="the exporter is killed (SIGKILL)", alert="VobizExporterDown", minutes=10),
)
"""All of them, in the order they begin."""
