"""All partners at one moment, judged and worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exporter.clock import Moment
from exporter.poll.snapshot import Snapshot
from exporter.web.status.facts import Facts, facts_of
from exporter.web.status.findings import WORST_FIRST, Finding, State, findings, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One partner's facts, what is wrong, and how bad that is."""

    facts: Facts
    findings: tuple[Finding, ...]
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What both documents show. Partners in the same state stay in the order of the configuration."""

    now: Moment
    partners: tuple[Judged, ...]

    @property
    def state(self) -> State:
        """The worst of all partners; unknown while there is none."""
        return self.partners[0].state if self.partners else State.UNKNOWN

    @property
    def counts(self) -> Mapping[State, int]:
        """How many partners are in each state, worst first, without empty states."""
        counted = Counter(partner.state for partner in self.partners)
        return {state: counted[state] for state in WORST_FIRST if counted[state]}

    @property
    def shared(self) -> Mapping[str, Sequence[Judged]]:
        """The partners that have the same worst trouble, by its kind; only where there are at least two."""
        grouped: dict[str, list[Judged]] = {}
        for partner in self.partners:
            if partner.state in (State.PROBLEM, State.WARNING):
                grouped.setdefault(partner.findings[0].kind, []).append(partner)
        return {kind: partners for kind, partners in grouped.items() if len(partners) > 1}


def overview(snapshots: Sequence[Snapshot], now: Moment) -> Overview:
    """Everything there is to say at this moment."""
    judged = [_judged(snapshot, now) for snapshot in snapshots]
    return Overview(now=now, partners=tuple(sorted(judged, key=lambda partner: WORST_FIRST.index(partner.state))))


def _judged(snapshot: Snapshot, now: Moment) -> Judged:
    facts = facts_of(snapshot, now.elapsed)
    found = findings(facts, now)
    return Judged(facts=facts, findings=found, state=state_of(facts, found))
