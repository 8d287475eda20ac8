"""What is known of each partner, whole and frozen: a poll swaps it in, a scrape reads it in one assignment."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Generic, TypeVar

from exporter.api.model import Report, Unreadable, Wallet
from exporter.clock import Moment
from exporter.detect.judgements import Judgements
from exporter.ledger.observation import Key
from exporter.poll.causes import Causes
from exporter.poll.customers import Customers
from exporter.poll.evidence import Baseline, Recent

T = TypeVar("T")

ENDPOINTS = ("dashboard", "analytics")
"""Those of every partner; ``me`` and ``accounts`` are asked only where ``collect`` names them."""

SLOT_SECONDS = 900.0
MAX_SLOTS = 96
"""The last day in quarters of an hour: how polls went and how high a score was, so that one sees since when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Generic[T]):
    """A value, when it was fetched, and after how many seconds it is too old to be shown."""

    value: T
    at: Moment
    expires_after: float

    def fresh(self, elapsed: float) -> bool:
        """Whether it may still be shown at this moment of the elapsed clock."""
        return elapsed - self.at.elapsed <= self.expires_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an endpoint's last poll failed: the closed outcome, a sentence on what to do, and since when it fails."""

    outcome: str
    to_do: str
    since: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFailure:
    """A failure that is over, and when the endpoint worked again."""

    failure: Failure
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The health of one endpoint. ``up`` is None until it was polled for the first time.

    ``since`` is the first of the successes without a failure in between, or of the failures without a success.
    ``past`` are the last failures that are over, newest first.
    """

    up: bool | None = None
    since: Moment | None = None
    last_success: Moment | None = None
    unreadable: tuple[Unreadable, ...] = ()
    failure: Failure | None = None
    past: tuple[PastFailure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One quarter of an hour; ``start`` is Unix seconds. ``score`` is the highest one, None if nothing was judged."""

    start: float
    polls: int = 0
    failed: int = 0
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything the metrics and the status page show of one partner.

    ``polls`` counts the polls since the start, whatever the outcome. ``periods`` are the roll-ups by name, ``health``
    is by endpoint, ``baselines`` by direction. ``totals`` are the counters that were observed since the start,
    ``taken_back`` what the API has withdrawn of them since. ``wallet``, ``customers``, ``causes`` and
    ``series_dropped`` are None where they are not collected; the last counts the customers left out of the metrics one
    by one, scan for scan.
    """

    partner: str
    interval: float
    polls: int = 0
    next_poll: Moment | None = None
    dashboard: Dated[Report] | None = None
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    periods: Mapping[str, Dated[Report]] = field(default_factory=dict)
    mismatches: Dated[Mapping[str, bool]] | None = None
    totals: Mapping[Key, Decimal] = field(default_factory=dict)
    recent: Dated[Recent] | None = None
    taken_back: Mapping[Key, Decimal] = field(default_factory=dict)
    corrections: int | None = None
    days_lost: int | None = None
    judgements: Dated[Judgements] | None = None
    wallet: Dated[Wallet] | None = None
    customers: Dated[Customers] | None = None
    series_dropped: int | None = None
    causes: Dated[Causes] | None = None
    health: Mapping[str, Health] = field(default_factory=lambda: dict.fromkeys(ENDPOINTS, Health()))
    thresholds: Mapping[str, float] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()

    @property
    def currency(self) -> str | None:
        """As ``/dashboard`` last named it, however long ago: it holds for amounts that come without one."""
        return None if self.dashboard is None else self.dashboard.value.currency

    def valid_until(self, elapsed: float) -> float:
        """When the first value that is fresh at this moment becomes too old, on the elapsed clock; or infinity."""
        dated = (
            *(self.dashboard, self.mismatches, self.judgements, self.wallet, self.customers, self.causes),
            *self.periods.values(),
        )
        ends = (item.at.elapsed + item.expires_after for item in dated if item is not None and item.fresh(elapsed))
        return min(ends, default=float("inf"))


class SnapshotStore:
    """The current snapshots: ``publish`` swaps one in whole, ``current`` is all of them at one moment, as added."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._current: tuple[Snapshot, ...] = ()

    def publish(self, snapshot: Snapshot) -> None:
        """Replace the partner's snapshot, or add it."""
        with self._guard:
            snapshots = {old.partner: old for old in self._current} | {snapshot.partner: snapshot}
            self._current = tuple(snapshots.values())

    def remove(self, partner: str) -> None:
        """Forget a partner who is no longer configured."""
        with self._guard:
            self._current = tuple(old for old in self._current if old.partner != partner)

    def current(self) -> tuple[Snapshot, ...]:
        """All snapshots as they are at this moment: the same tuple until the next change."""
        return self._current


def with_poll(slots: Sequence[Slot], *, wall: float, failed: bool, judgements: Judgements) -> tuple[Slot, ...]:
    """The slots after one more poll at that time of the wall clock, oldest first, none older than a day.

    ``failed`` says that the poll brought no values. Slots in which nothing was polled are left out, and so are slots
    of the future, which a clock that was set back leaves behind.
    """
    start = wall // SLOT_SECONDS * SLOT_SECONDS
    kept = [slot for slot in slots if wall - SLOT_SECONDS * MAX_SLOTS < slot.start < start]
    current = next((slot for slot in slots if slot.start == start), Slot(start=start))
    scores = [score for score in (current.score, worst_score(judgements)) if score is not None]
    current = replace(current, polls=current.polls + 1, failed=current.failed + failed, score=max(scores, default=None))
    return (*kept, current)


def worst_score(judgements: Judgements) -> float | None:
    """The highest score of any kind; None if nothing could be judged."""
    scores = [rate.score for rate in judgements.products.values()]
    scores += [spend.spend_spike_score for spend in judgements.currencies.values()]
    for direction in judgements.directions.values():
        scores += [direction.answer_rate.score, direction.traffic_drop_score, direction.minutes_spike_score]
    return max((score for score in scores if score is not None), default=None)
