"""What may be said of one partner at this moment: values that are fresh, and since when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from exporter.api.model import DIRECTIONS, Customers, DayRow, Report, Rollup, Wallet
from exporter.clock import Moment
from exporter.detect import AnswerRate, Direction, Judgements, Verdict
from exporter.poll.causes import Causes
from exporter.poll.periods import TODAY
from exporter.poll.snapshot import Baseline, Dated, Snapshot
from exporter.web.status import words

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
    """A snapshot's values at one moment; what is None, or a roll-up without values, is unknown.

    ``report`` is that of ``/dashboard``. ``recent_seconds`` is how long the last minutes are that ``Lane.recent``
    covers, ``recent_at`` when they ended: at the last poll that learned of calls.
    """

    snapshot: Snapshot
    now: Moment
    report: Report | None
    today: Today
    recent_seconds: float | None
    recent_at: Moment | None
    lanes: tuple[Lane, ...]
    judgements: Judgements
    mismatches: tuple[str, ...]
    wallet: Wallet | None
    customers: Customers | None
    causes: Causes | None

    @property
    def name(self) -> str:
        """The partner's."""
        return self.snapshot.partner

    @property
    def values_at(self) -> Moment | None:
        """When ``/dashboard`` last gave values."""
        return None if self.snapshot.dashboard is None else self.snapshot.dashboard.at

    @property
    def balance(self) -> Decimal | None:
        """In units of :attr:`currency`."""
        return None if self.report is None else self.report.balance

    @property
    def currency(self) -> str | None:
        """As the API names it."""
        return None if self.report is None else self.report.currency

    @property
    def wallet_balance(self) -> Decimal | None:
        """The partner's own, in units of :attr:`wallet_currency`."""
        return None if self.wallet is None else self.wallet.balance

    @property
    def wallet_currency(self) -> str | None:
        """As ``/me`` names it, or else as ``/dashboard`` last did."""
        return (None if self.wallet is None else self.wallet.currency) or self.snapshot.currency

    @property
    def dropped_products(self) -> Mapping[str, AnswerRate]:
        """The products whose answer rate has dropped so far that it pages."""
        return {name: rate for name, rate in self.judgements.products.items() if rate.verdict is Verdict.DROPPED}

    @property
    def lately(self) -> str:
        """The last minutes by name; if polls fail since, it says when they ended."""
        if self.recent_seconds is None or self.recent_at is None:
            return "last minutes"
        length = words.span(self.recent_seconds)
        if self.now.elapsed - self.recent_at.elapsed > 2 * self.snapshot.interval:
            return f"{length} to {words.at(self.recent_at, self.now)}"
        return f"last {length}"

    @property
    def recent(self) -> Rollup:
        """Both directions over the last minutes."""
        calls, answered = ([getattr(lane.recent, name) for lane in self.lanes] for name in ("calls", "answered_calls"))
        return Rollup(calls=_sum(calls), answered_calls=_sum(answered))


def facts_of(snapshot: Snapshot, now: Moment) -> Facts:
    """What this snapshot says at this moment."""
    report, today = _fresh(snapshot.dashboard, now), _today(snapshot, now)
    grown = _fresh(snapshot.recent, now)
    judgements = _fresh(snapshot.judgements, now) or Judgements()
    return Facts(
        snapshot=snapshot,
        now=now,
        report=report,
        today=today,
        recent_seconds=None if grown is None else grown.seconds,
        recent_at=None if grown is None or snapshot.recent is None else snapshot.recent.at,
        lanes=tuple(
            Lane(
                direction=direction,
                today=today.directions.get(direction, Rollup()),
                recent=Rollup() if grown is None else grown.directions.get(direction, Rollup()),
                usual=Baseline() if report is None else snapshot.baselines.get(direction, Baseline()),
                judged=judgements.directions.get(direction, Direction()),
            )
            for direction in DIRECTIONS
        ),
        judgements=judgements,
        mismatches=tuple(check for check, wrong in (_fresh(snapshot.mismatches, now) or {}).items() if wrong),
        wallet=_fresh(snapshot.wallet, now),
        customers=_fresh(snapshot.customers, now),
        causes=_fresh(snapshot.causes, now),
    )


def days_of(report: Report | None) -> tuple[DayRow, ...]:
    """Every day of the window, oldest first; nothing if the answer states no window or no days.

    A day without a row had no calls, unless a row could not be read: then it is unknown.
    """
    if report is None or report.window is None or report.days is None:
        return ()
    given = {row.day: row for row in report.days}
    missing = Rollup(calls=0, answered_calls=0, minutes=Decimal(0)) if report.complete_days else Rollup()
    count = min((report.window.last - report.window.first).days + 1, MAX_DAYS)
    days = (report.window.last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(given.get(day) or DayRow(day=day, total=missing, inbound=missing, outbound=missing) for day in days)


def _fresh(dated: Dated[T] | None, now: Moment) -> T | None:
    return dated.value if dated is not None and dated.fresh(now.elapsed) else None


def _today(snapshot: Snapshot, now: Moment) -> Today:
    """From ``/analytics``; where that is not asked for or does not answer, from the last day of ``/dashboard``."""
    for dated in (snapshot.periods.get(TODAY), snapshot.dashboard):
        if dated is None or not dated.fresh(now.elapsed):
            continue
        report = dated.value
        if dated is not snapshot.dashboard:
            day = None if report.window is None else report.window.last
            return Today(day=day, at=dated.at, total=report.total, directions=dict(report.directions))
        for row in days_of(report)[-1:]:
            directions = {"inbound": row.inbound, "outbound": row.outbound}
            return Today(day=row.day, at=dated.at, total=row.total, directions=directions)
    return Today()


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
