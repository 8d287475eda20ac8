"""What is known of each partner, whole and frozen: written by a poll in one assignment, read by a scrape in one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from exporter.api.model import Customers, Report, Unreadable, Wallet
from exporter.clock import Moment
from exporter.detect import Judgements
from exporter.poll.timeline import Slot

T = TypeVar("T")

ENDPOINTS = ("dashboard", "analytics")
"""Those of every partner; ``me`` and ``accounts`` are asked of those who collect extras."""


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
    """Why an endpoint's last poll failed: the closed outcome, one line for people, and since when it fails."""

    outcome: str
    message: str
    since: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFailure:
    """A failure that is over, and when the endpoint worked again."""

    failure: Failure
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How polling one endpoint goes. ``up`` is None until it was polled for the first time.

    ``up_since`` is the first of the successes without a failure in between, None while it fails. ``past`` are the last
    failures that are over, newest first.
    """

    up: bool | None = None
    up_since: Moment | None = None
    last_success: Moment | None = None
    unreadable: tuple[Unreadable, ...] = ()
    failure: Failure | None = None
    past: tuple[PastFailure, ...] = ()

    @property
    def since(self) -> Moment | None:
        """Since when it is up or down, whichever it is."""
        return self.up_since if self.failure is None else self.failure.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One counter of the ledger: lane and figure as the ledger names them, and its exact value."""

    lane: str
    figure: str
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Calls and answered calls at one moment of the elapsed clock: ((lane, figure), count), as in :class:`Total`."""

    elapsed: float
    counts: tuple[tuple[tuple[str, str], int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is usual for one direction: answered / calls (0 to 1), and calls a day."""

    direction: str
    answer_ratio: float | None
    calls_per_day: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardFigures:
    """What one answer of ``/dashboard`` says, and what follows from it alone."""

    report: Report
    baselines: tuple[Baseline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a page shows of one partner. ``polls`` counts the polls since the start, whatever came of them.

    ``wallet``, ``customers`` and ``series_dropped`` are None where those extras are not collected. The last counts the
    customers that were left out one by one, round for round.
    """

    partner: str
    interval: float
    polls: int = 0
    next_poll: Moment | None = None
    dashboard: Dated[DashboardFigures] | None = None
    periods: tuple[tuple[str, Dated[Report]], ...] = ()
    mismatches: Dated[tuple[tuple[str, bool], ...]] | None = None
    totals: tuple[Total, ...] = ()
    recent: Dated[tuple[Reading, ...]] | None = None
    corrections: int | None = None
    wallet: Dated[Wallet] | None = None
    customers: Dated[Customers] | None = None
    series_dropped: int | None = None
    health: tuple[tuple[str, Health], ...] = field(
        default_factory=lambda: tuple((name, Health()) for name in ENDPOINTS)
    )
    thresholds: tuple[tuple[str, float], ...] = ()
    judgements: Judgements = field(default_factory=Judgements)
    slots: tuple[Slot, ...] = ()

    @property
    def currency(self) -> str | None:
        """As ``/dashboard`` last named it, which holds for amounts that come without one, however long ago it was."""
        return None if self.dashboard is None else self.dashboard.value.report.currency

    def valid_until(self, elapsed: float) -> float:
        """When the first figure that is fresh at this moment becomes too old, on the elapsed clock; or infinity."""
        reports = (report for _, report in self.periods)
        dated = (self.dashboard, self.mismatches, self.wallet, self.customers, *reports)
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
            by_partner = {old.partner: old for old in self._current}
            by_partner[snapshot.partner] = snapshot
            self._current = tuple(by_partner.values())

    def remove(self, partner: str) -> None:
        """Forget a partner who is no longer configured."""
        with self._guard:
            self._current = tuple(old for old in self._current if old.partner != partner)

    def current(self) -> tuple[Snapshot, ...]:
        """All snapshots as they are at this moment: the same tuple until the next change."""
        return self._current
