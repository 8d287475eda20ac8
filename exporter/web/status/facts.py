"""What may be said of one partner at this moment: values that are fresh, and since when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from exporter.api.model import DIRECTIONS, DayRow, Report, Rollup, Wallet
from exporter.clock import Moment
from exporter.detect import Direction, Judgements
from exporter.poll.analytics import TODAY
from exporter.poll.causes import Causes
from exporter.poll.customers import Customers
from exporter.poll.evidence import Baseline
from exporter.poll.snapshot import Dated, Snapshot

T = TypeVar("T")

MAX_DAYS = 31
"""Thirty days back and today. An answer that claims a longer window is not drawn any further back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The server's day so far. ``at`` is when it was fetched, None if nothing is known."""

    day: date | None = None
    at: Moment | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A snapshot's values at one moment; what is None, or a report or roll-up without values, is unknown.

    ``report`` is that of ``/dashboard``, ``fresh`` whether there is one, and ``values_at`` when there last was.
    ``recent_seconds`` is how long the last minutes are that ``recent`` (both directions) and ``Lane.recent`` cover,
    ``recent_at`` when they ended: at the last poll that learned of calls. ``mismatches`` are the checks that failed.
    """

    name: str
    snapshot: Snapshot
    now: Moment
    fresh: bool
    report: Report
    values_at: Moment | None
    today: Today
    recent: Rollup
    recent_seconds: float | None
    recent_at: Moment | None
    lanes: tuple[Lane, ...]
    judgements: Judgements
    mismatches: tuple[str, ...]
    wallet: Wallet
    customers: Customers | None
    causes: Causes | None


def facts_of(snapshot: Snapshot, now: Moment) -> Facts:
    """What this snapshot says at this moment."""

    def fresh(dated: Dated[T] | None) -> T | None:
        return dated.value if dated is not None and dated.fresh(now.elapsed) else None

    report, dashboard, today = fresh(snapshot.dashboard), snapshot.dashboard, _today(snapshot, now)
    recent, judgements = fresh(snapshot.recent), fresh(snapshot.judgements) or Judgements()
    wallet = fresh(snapshot.wallet) or Wallet()
    lanes = tuple(
        Lane(
            direction=direction,
            today=today.directions.get(direction, Rollup()),
            recent=Rollup() if recent is None else recent.directions.get(direction, Rollup()),
            usual=Baseline() if report is None else snapshot.baselines.get(direction, Baseline()),
            judged=judgements.directions.get(direction, Direction()),
        )
        for direction in DIRECTIONS
    )
    return Facts(
        name=snapshot.partner,
        snapshot=snapshot,
        now=now,
        fresh=report is not None,
        report=report or Report(),
        values_at=None if dashboard is None else dashboard.at,
        today=today,
        recent=Rollup(
            calls=_sum([lane.recent.calls for lane in lanes]),
            answered_calls=_sum([lane.recent.answered_calls for lane in lanes]),
        ),
        recent_seconds=None if recent is None else recent.seconds,
        recent_at=None if recent is None or snapshot.recent is None else snapshot.recent.at,
        lanes=lanes,
        judgements=judgements,
        mismatches=tuple(check for check, wrong in (fresh(snapshot.mismatches) or {}).items() if wrong),
        # /me may name no currency; then it is the one that /dashboard last named.
        wallet=replace(wallet, currency=wallet.currency or snapshot.currency),
        customers=fresh(snapshot.customers),
        causes=fresh(snapshot.causes),
    )


def days_of(report: Report) -> tuple[DayRow, ...]:
    """Every day of the window, oldest first; nothing if the answer states no window or no days.

    A day without a row had no calls, unless a row could not be read: then it is unknown.
    """
    if report.window is None or report.days is None:
        return ()
    given = {row.day: row for row in report.days}
    missing = Rollup(calls=0, answered_calls=0, minutes=Decimal(0)) if report.complete_days else Rollup()
    count = min((report.window.last - report.window.first).days + 1, MAX_DAYS)
    days = (report.window.last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(given.get(day) or DayRow(day=day, total=missing, inbound=missing, outbound=missing) for day in days)


def _today(snapshot: Snapshot, now: Moment) -> Today:
    """From ``/analytics``; where that is not asked for or does not answer, from the last day of ``/dashboard``."""
    period, dashboard = snapshot.periods.get(TODAY), snapshot.dashboard
    if period is not None and period.fresh(now.elapsed):
        report = period.value
        day = None if report.window is None else report.window.last
        return Today(day=day, at=period.at, total=report.total, directions=dict(report.directions))
    if dashboard is not None and dashboard.fresh(now.elapsed) and (days := days_of(dashboard.value)):
        row = days[-1]
        directions = {"inbound": row.inbound, "outbound": row.outbound}
        return Today(day=row.day, at=dashboard.at, total=row.total, directions=directions)
    return Today()


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
