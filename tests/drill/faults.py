"""What goes wrong, and which alert pages for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

STEADY = "steady"
"""A partner without any fault: it must never page."""

ACME = "acme"
"""The partner of the drill with two of everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``incident`` is what the simulated Vobiz is asked for; ``partner`` has it, and nobody else.

    ``program`` is killed while the fault is in one of the phases ``dead``: ``broken`` until the page, ``paged`` until
    it is healed, then ``healed``. A fault that kills concerns all partners and therefore runs alone. ``minutes`` is how
    long page and resolve may take, each, before the drill gives up on them; they pass in real time, whatever intervals
    are shortened, where a rule compares with a window that long. ``cause`` is the hangup cause that the page must name;
    empty: it must name none. ``sent_once``: pagers that know no dedup_key, too, must be notified once.
    """

    name: str
    what: str
    alert: str
    minutes: float
    partner: str = ""
    incident: Mapping[str, object] = field(default_factory=dict)
    program: str = ""
    dead: tuple[str, ...] = ()
    cause: str = ""
    sent_once: bool = False


DROP = "VobizAnswerRateDrop"


def _of_partner(name: str, what: str, alert: str, minutes: float, cause: str = "", **incident: object) -> Fault:
    """The fault of a partner with its name, which is also that of the incident unless another ``kind`` is given."""
    incident = {"kind": name, **incident}
    return Fault(name=name, what=what, alert=alert, minutes=minutes, partner=name, incident=incident, cause=cause)


FAULTS = (
    _of_partner("answer-rate", "half of the answered calls go unanswered", DROP, 20, kind="answer-rate-drop"),
    _of_partner("out-of-credits", "half of the outbound calls find no credit", DROP, 20, "Canceled (Out Of Credits)"),
    _of_partner("carrier-reject", "a carrier rejects half of the outbound calls", DROP, 20, "Rejected"),
    _of_partner("spam-block", "a spam filter blocks half of the outbound calls", DROP, 20, "User Busy"),
    _of_partner("api-down", "the API drops every connection", "VobizDataStale", 40),
    _of_partner("credentials", "the API refuses the credentials", "VobizAuthFailed", 20, kind="unauthorized"),
    _of_partner("silence", "no new calls in either direction", "VobizNoTraffic", 45),
    _of_partner("fraud", "long calls to expensive destinations, day and night", "VobizSpendSpike", 70, depth=1.0),
    Fault(
        name="exporter",
        what="the exporter is killed (SIGKILL)",
        alert="VobizExporterDown",
        minutes=10,
        program="exporter-1",
        dead=("broken", "paged"),
    ),
)
"""All of them, in the order they begin."""


def _deaths() -> Iterator[Fault]:
    refused = replace(_of_partner(ACME, "nothing dies", "VobizAuthFailed", 10, kind="unauthorized"), sent_once=True)
    yield refused
    for program in (f"{kind}-{number}" for kind in ("exporter", "prometheus", "alertmanager") for number in (1, 2)):
        for what, dead in (("dead until the page", ("broken",)), ("dead from the page on", ("paged", "healed"))):
            yield replace(refused, name=program, what=what, program=program, dead=dead)


HA = tuple(_deaths())
"""Refused credentials, which page soonest, and each of two exporters, Prometheus servers and Alertmanagers dead."""
