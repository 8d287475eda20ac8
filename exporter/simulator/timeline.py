"""Incidents in simulated time: which run at a moment, and what they do to calls and answers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from .causes import BLOCKED_AS_SPAM, NETWORK_DOWN, OUT_OF_CREDITS, REJECTED_BY_CARRIER, Cause
from .climate import DIRECTIONS
from .incidents import API_KINDS, IncidentSpec, Kind

_CAUSES = {
    Kind.OUT_OF_CREDITS: OUT_OF_CREDITS,
    Kind.CARRIER_REJECT: REJECTED_BY_CARRIER,
    Kind.SPAM_BLOCK: BLOCKED_AS_SPAM,
}
"""Kinds that reject a share of outbound calls, and what their records then name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident with its number and its place in time (simulated seconds since 1970); ``end`` None: until cleared."""

    number: int
    spec: IncidentSpec
    start: float
    end: float | None

    def runs(self, at: float) -> bool:
        """Say whether it runs at ``at``: from its start on, and no longer at its end."""
        return self.start <= at and (self.end is None or at < self.end)

    def touches(self, auth_id: str | None) -> bool:
        """Say whether the partner ``auth_id`` is concerned."""
        return self.spec.partner is None or self.spec.partner == auth_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What incidents do to one direction: factors on its volume and its answer rate, and the strength of a fraud.

    ``rejected`` is which share of its calls fail for a cause before anybody could answer.
    """

    volume: float = 1.0
    answers: float = 1.0
    fraud: float = 0.0
    rejected: Mapping[Cause, float] = field(default_factory=dict)


class Timeline:
    """All incidents of a run. Those that are over stay: a partner whose calls are simulated later still has them."""

    def __init__(self, *, rng: random.Random) -> None:
        self._rng = rng
        self._numbers = count(1)
        self._incidents: list[Incident] = []

    def add(self, spec: IncidentSpec, *, now: float) -> Incident:
        """Put an incident on the timeline, its AFTER counted from ``now``."""
        start = now + spec.after
        end = start if spec.kind is Kind.CORRECTION else None if spec.duration is None else start + spec.duration
        incident = Incident(number=next(self._numbers), spec=spec, start=start, end=end)
        self._incidents.append(incident)
        return incident

    def clear(self, number: int | None, *, now: float) -> int:
        """End the incident of that number, or all if None, at ``now``; return how many were waiting or running."""
        chosen = [incident for incident in self.pending(now) if number in (None, incident.number)]
        for incident in chosen:
            place = self._incidents.index(incident)
            if incident.runs(now):
                self._incidents[place] = replace(incident, end=now)
            else:
                del self._incidents[place]
        return len(chosen)

    def pending(self, now: float) -> list[Incident]:
        """Return the incidents that run at ``now`` or are still to come."""
        return [incident for incident in self._incidents if incident.runs(now) or incident.start > now]

    def moments(self, after: float, until: float) -> list[float]:
        """Return, in order, each moment later than ``after`` and up to ``until`` when an incident begins or ends."""
        edges = {edge for incident in self._incidents for edge in (incident.start, incident.end) if edge is not None}
        return sorted(edge for edge in edges if after < edge <= until)

    def effects(self, auth_id: str, at: float) -> dict[str, Effect]:
        """Return what the incidents that run at ``at`` do to the calls of a partner, by direction."""
        running = [incident.spec for incident in self._incidents if incident.runs(at) and incident.touches(auth_id)]
        effects = {}
        for direction in DIRECTIONS:
            effect = Effect()
            for spec in running:
                if spec.direction in (None, direction):
                    effect = _worsened(effect, spec, direction)
            effects[direction] = effect
        return effects

    def corrections(self, auth_id: str, at: float) -> list[Incident]:
        """Return the corrections of a partner's values that fell due at or before ``at``."""
        return [
            incident
            for incident in self._incidents
            if incident.spec.kind is Kind.CORRECTION and incident.start <= at and incident.touches(auth_id)
        ]

    def runs(self, kind: Kind, auth_id: str, at: float) -> bool:
        """Say whether an incident of this kind concerns a partner at ``at``."""
        return any(
            incident.spec.kind is kind and incident.runs(at) and incident.touches(auth_id)
            for incident in self._incidents
        )

    def disturbance(self, auth_id: str | None, at: float) -> Kind | None:
        """Return what spoils this one answer to ``auth_id``, if anything does; a share is drawn at random."""
        running = [incident.spec for incident in self._incidents if incident.runs(at) and incident.touches(auth_id)]
        for kind in API_KINDS:
            if any(spec.kind is kind and self._rng.random() < spec.depth for spec in running):
                return kind
        return None


def _worsened(effect: Effect, spec: IncidentSpec, direction: str) -> Effect:
    if spec.kind is Kind.ANSWER_RATE_DROP:
        return replace(effect, answers=effect.answers * (1 - spec.depth))
    if spec.kind is Kind.OUTAGE:
        return _rejecting(effect, NETWORK_DOWN, 1.0)
    if spec.kind is Kind.SILENCE:
        return replace(effect, volume=0.0)
    if direction != "outbound":
        return effect
    if spec.kind is Kind.FRAUD:
        return replace(effect, fraud=max(effect.fraud, spec.depth))
    cause = _CAUSES.get(spec.kind)
    return effect if cause is None else _rejecting(effect, cause, spec.depth)


def _rejecting(effect: Effect, cause: Cause, share: float) -> Effect:
    return replace(effect, rejected={**effect.rejected, cause: max(share, effect.rejected.get(cause, 0.0))})
