"""What may be said of one partner at this moment: values that are fresh, and since when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from exporter.api.model import DIRECTIONS, Accounts, Customers, Report, Rollup
from exporter.clock import Moment
from exporter.detect import AnswerRate, Direction, Judgements, Verdict
from exporter.poll.causes import CauseShare
from exporter.poll.periods import TODAY
from exporter.poll.snapshot import Baseline, Health, Snapshot
from exporter.poll.timeline import Slot
from exporter.web.status import words

_NOTHING = Rollup()
_NO_CALLS = Rollup(calls=0, answered_calls=0, minutes=Decimal(0))


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
    """Values of one partner. What is None, or a roll-up without values, is unknown at this moment.

    ``values_at`` is when ``/dashboard`` last gave values, ``fresh`` whether they may still be shown. ``day`` is the
    server's day that ``today`` stands for. ``recent_seconds`` is how long the last minutes are that ``Lane.recent``
    covers, ``recent_at`` when they ended: at the last poll that learned of calls. ``wallet`` is the partner's own, with
    its currency. ``products`` and ``spend`` are the detector's.
    """

    name: str
    interval: float
    polls: int
    next_poll: Moment | None
    health: Mapping[str, Health]
    values_at: Moment | None
    fresh: bool
    report: Report | None
    day: date | None
    today: Rollup
    today_at: Moment | None
    recent_seconds: float | None
    recent_at: Moment | None
    lanes: tuple[Lane, ...]
    judgements: Judgements
    slots: tuple[Slot, ...]
    mismatches: tuple[str, ...]
    wallet: tuple[Decimal | None, str | None]
    customers: Customers | None
    causes: tuple[CauseShare, ...]
    """Of the unanswered calls of the last hour, the one that grew most first."""

    @property
    def balance(self) -> Decimal | None:
        """In units of :attr:`currency`."""
        return None if self.report is None else self.report.balance

    @property
    def currency(self) -> str | None:
        """As the API names it."""
        return None if self.report is None else self.report.currency

    def collects(self, endpoint: str) -> bool:
        """Whether this endpoint is asked for this partner."""
        return endpoint in self.health

    @property
    def accounts(self) -> Accounts:
        """Customer accounts."""
        return Accounts() if self.report is None else self.report.accounts

    @property
    def accounts_limit(self) -> int | None:
        """How many customer accounts the partner may have."""
        return None if self.report is None else self.report.partner.max_accounts

    @property
    def dropped_products(self) -> Mapping[str, AnswerRate]:
        """The products whose answer rate has dropped so far that it pages."""
        return {name: rate for name, rate in self.judgements.products.items() if rate.verdict is Verdict.DROPPED}

    def lately(self, now: Moment) -> str:
        """The last minutes by name; if polls fail since, it says when they ended."""
        if self.recent_seconds is None or self.recent_at is None:
            return "last minutes"
        length = words.span(self.recent_seconds)
        if now.elapsed - self.recent_at.elapsed > 2 * self.interval:
            return f"{length} to {words.at(self.recent_at, now)}"
        return f"last {length}"

    @property
    def recent(self) -> Rollup:
        """Both directions over the last minutes."""
        inbound, outbound = (lane.recent for lane in self.lanes)
        return Rollup(
            calls=_sum(inbound.calls, outbound.calls),
            answered_calls=_sum(inbound.answered_calls, outbound.answered_calls),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Today:
    day: date | None
    at: Moment
    total: Rollup
    directions: Mapping[str, Rollup]


def facts_of(snapshot: Snapshot, elapsed: float) -> Facts:
    """What this snapshot says at this moment of the elapsed clock."""
    dated = snapshot.dashboard
    values = dated.value if dated is not None and dated.fresh(elapsed) else None
    today = _today(snapshot, elapsed)
    recent = snapshot.recent
    grown = recent.value if recent is not None and recent.fresh(elapsed) else None
    lately = {} if grown is None else grown.directions
    usual = {} if values is None else snapshot.baselines
    checks, customers, causes = snapshot.mismatches, snapshot.customers, snapshot.causes
    judged = snapshot.judgements
    judgements = judged.value if judged is not None and judged.fresh(elapsed) else Judgements()
    return Facts(
        name=snapshot.partner,
        interval=snapshot.interval,
        polls=snapshot.polls,
        next_poll=snapshot.next_poll,
        health=snapshot.health,
        values_at=None if dated is None else dated.at,
        fresh=values is not None,
        report=values,
        day=None if today is None else today.day,
        today=_NOTHING if today is None else today.total,
        today_at=None if today is None else today.at,
        recent_seconds=None if grown is None else grown.seconds,
        recent_at=None if grown is None or recent is None else recent.at,
        lanes=tuple(
            Lane(
                direction=direction,
                today=_NOTHING if today is None else today.directions.get(direction, _NOTHING),
                recent=lately.get(direction, _NOTHING),
                usual=usual.get(direction, Baseline()),
                judged=judgements.directions.get(direction, Direction()),
            )
            for direction in DIRECTIONS
        ),
        judgements=judgements,
        slots=snapshot.slots,
        mismatches=tuple(check for check, wrong in checks.value.items() if wrong)
        if checks is not None and checks.fresh(elapsed)
        else (),
        wallet=_wallet(snapshot, elapsed),
        customers=customers.value if customers is not None and customers.fresh(elapsed) else None,
        causes=tuple(one for one in causes.value.shares if one.calls)
        if causes is not None and causes.fresh(elapsed)
        else (),
    )


def _wallet(snapshot: Snapshot, elapsed: float) -> tuple[Decimal | None, str | None]:
    wallet = snapshot.wallet
    if wallet is None or not wallet.fresh(elapsed):
        return None, snapshot.currency
    return wallet.value.balance, wallet.value.currency or snapshot.currency


def _today(snapshot: Snapshot, elapsed: float) -> _Today | None:
    """From ``/analytics``; where that is not asked for or does not answer, from the last day of ``/dashboard``."""
    dated = snapshot.periods.get(TODAY)
    if dated is not None and dated.fresh(elapsed):
        report = dated.value
        day = None if report.window is None else report.window.last
        return _Today(day=day, at=dated.at, total=report.total, directions=dict(report.directions))
    dashboard = snapshot.dashboard
    if dashboard is None or not dashboard.fresh(elapsed):
        return None
    report = dashboard.value
    if report.window is None or report.days is None:
        return None
    day = report.window.last
    row = next((row for row in report.days if row.day == day), None)
    if row is not None:
        directions = {"inbound": row.inbound, "outbound": row.outbound}
        return _Today(day=day, at=dashboard.at, total=row.total, directions=directions)
    absent = _NO_CALLS if report.complete_days else _NOTHING
    return _Today(day=day, at=dashboard.at, total=absent, directions=dict.fromkeys(DIRECTIONS, absent))


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
