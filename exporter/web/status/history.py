"""Failures that are over, as one list for a partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from exporter.clock import Moment
from exporter.poll.snapshot import Health

MOST = 5
"""Failures that are told, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One failure, of one endpoint or of several at the same time."""

    endpoints: tuple[str, ...]
    outcome: str
    since: Moment
    until: Moment


def ended(health: Mapping[str, Health]) -> tuple[Ended, ...]:
    """Newest first. What failed for the same reason at the same time is one failure."""
    each = [
        Ended(endpoints=(endpoint,), outcome=past.failure.outcome, since=past.failure.since, until=past.until)
        for endpoint, of_endpoint in health.items()
        for past in of_endpoint.past
    ]
    merged: list[Ended] = []
    for failure in sorted(each, key=lambda failure: failure.until.elapsed, reverse=True):
        if merged and _same(merged[-1], failure):
            merged[-1] = replace(
                merged[-1],
                endpoints=(*merged[-1].endpoints, *failure.endpoints),
                since=min(merged[-1].since, failure.since, key=lambda moment: moment.elapsed),
            )
        else:
            merged.append(failure)
    return tuple(merged[:MOST])


def _same(newer: Ended, older: Ended) -> bool:
    return (
        newer.outcome == older.outcome
        and not set(newer.endpoints) & set(older.endpoints)
        and newer.since.elapsed <= older.until.elapsed
    )
