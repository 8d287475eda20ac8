"""What may be said of one partner at this moment: values that are fresh, and since when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from exporter.api.model import DIRECTIONS, Report, Rollup, Wallet, calls_of
from exporter.clock import Moment
from exporter.detect.judgements import Direction, Judgements
from exporter.poll.analytics import TODAY
from exporter.poll.evidence import Baseline
from exporter.poll.snapshot import Dated, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Those of the server's ``day`` so far, or of the last ``seconds``; ``at`` is None if nothing is known.

    ``at`` is when today's were fetched, and when the last seconds ended: at the last poll that learned of calls.
    """

    at: Moment | None = None
    day: date | None = None
    seconds: float | None = None
    total: Rollup = field(default_factory=Rollup)
    directions: Mapping[str, Rollup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One direction: today, the last minutes, what is usual, and what the detector concludes from it."""

    direction: str
    today: Rollup
    recent: Rollup
    usual: Baseline
    judged: Direction

    @property
    def idle(self) -> bool:
        """Whether nobody uses this direction: no calls today, and none that would be usual."""
        return not self.today.calls and not self.recent.calls and not self.usual.calls_per_day


class Facts:
    """A snapshot's values at one moment; what is None, or a report or roll-up without values, is unknown.

    ``report`` is that of ``/dashboard``, ``fresh`` whether there is one, and ``values_at`` when there last was.
    ``mismatches`` are the checks that failed.
    """

    def __init__(self, snapshot: Snapshot, now: Moment) -> None:
        def fresh(dated: Dated[T] | None) -> T | None:
            return dated.value if dated is not None and dated.fresh(now.elapsed) else None

        dashboard, report, wallet = snapshot.dashboard, fresh(snapshot.dashboard), fresh(snapshot.wallet) or Wallet()
        self.name, self.snapshot, self.now = snapshot.partner, snapshot, now
        self.fresh, self.report = report is not None, report or Report()
        self.values_at = None if dashboard is None else dashboard.at
        self.today, self.recent = _today(snapshot, now), _recent(snapshot, now)
        self.judgements = fresh(snapshot.judgements) or Judgements()
        self.mismatches = [check for check, wrong in (fresh(snapshot.mismatches) or {}).items() if wrong]
        # /me may name no currency; then it is the one that /dashboard last named.
        self.wallet = replace(wallet, currency=wallet.currency or snapshot.currency)
        self.customers, self.causes = fresh(snapshot.customers), fresh(snapshot.causes)
        self.lanes = [
            Lane(
                direction=direction,
                today=self.today.directions.get(direction, Rollup()),
                recent=self.recent.directions.get(direction, Rollup()),
                usual=snapshot.baselines.get(direction, Baseline()) if self.fresh else Baseline(),
                judged=self.judgements.directions.get(direction, Direction()),
            )
            for direction in DIRECTIONS
        ]


def _today(snapshot: Snapshot, now: Moment) -> Calls:
    """From ``/analytics``; where that is not asked for or does not answer, from the last day of ``/dashboard``."""
    period, dashboard = snapshot.periods.get(TODAY), snapshot.dashboard
    if period is not None and period.fresh(now.elapsed):
        report = period.value
        day = None if report.window is None else report.window.last
        return Calls(at=period.at, day=day, total=report.total, directions=dict(report.directions))
    if dashboard is not None and dashboard.fresh(now.elapsed) and (days := dashboard.value.every_day):
        row = days[-1]
        directions = {"inbound": row.inbound, "outbound": row.outbound}
        return Calls(at=dashboard.at, day=row.day, total=row.total, directions=directions)
    return Calls()


def _recent(snapshot: Snapshot, now: Moment) -> Calls:
    recent = snapshot.recent
    if recent is None or not recent.fresh(now.elapsed):
        return Calls()
    directions = recent.value.directions
    total = calls_of([directions.get(direction, Rollup()) for direction in DIRECTIONS])
    return Calls(at=recent.at, seconds=recent.value.seconds, total=total, directions=directions)
