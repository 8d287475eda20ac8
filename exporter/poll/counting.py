"""What is counted and judged of each account: its ledger and its detector, saved together."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from exporter.api.model import DIRECTIONS, CallRecord, Report, Rollup
from exporter.clock import Moment
from exporter.detect import Counts, Day, Detector, History, Thresholds
from exporter.detect import Increments as Evidence
from exporter.ledger import (
    COST_FIGURE,
    PRODUCT_LANE,
    TOTAL_LANE,
    AccountLedger,
    Increments,
    LedgerStore,
    observations,
)
from exporter.poll.causes import CauseTally
from exporter.poll.endpoint import Answers
from exporter.poll.snapshot import Dated, Snapshot

log = logging.getLogger(__name__)

DETECTOR_KIND, CAUSES_KIND = "detector", "causes"
"""The rows of the store that are kept beside the ledger's."""

HISTORY_DAYS = 30

MAX_PAUSE = 1200.0
"""Seconds, or two and a half polls if that is longer: what comes in after a longer pause says nothing of now."""


class Account:
    """One account. For any thread: two partners may have become the same account by a change of their files.

    ``interval`` is the seconds between polls, ``thresholds`` are those of the judged alerts.
    """

    def __init__(self, ledger: AccountLedger, *, interval: float, thresholds: Thresholds) -> None:
        self._guard = threading.Lock()
        self._kept = ledger
        self._interval = interval
        self._thresholds = thresholds
        self._detector = Detector(interval=interval, thresholds=self._thresholds)
        self._learned: date | None = None
        self._judged_at: Moment | None = None
        self._causes = CauseTally()
        self._records_read: Moment | None = None
        self._restore()

    def configure(self, *, interval: float, thresholds: Thresholds) -> None:
        """Judge by these from now on; what was learned is kept."""
        with self._guard:
            if (interval, thresholds) != (self._interval, self._thresholds):
                self._interval, self._thresholds = interval, thresholds
                learned = self._detector.dump()
                self._detector = Detector(interval=interval, thresholds=self._thresholds)
                self._detector.load(learned)

    def missing_days(self, today: date) -> tuple[date, ...]:
        """Past days that there is no complete answer for, the most needed first."""
        with self._guard:
            return self._kept.ledger.missing_days(today)

    def seen(self, record: CallRecord) -> bool:
        """Whether this call record was counted before."""
        with self._guard:
            return self._causes.seen(record)

    def accept_usual(self, lane: str) -> bool:
        """Take the present answer rate of a direction or product as usual; False if there is no such lane."""
        with self._guard:
            return self._detector.accept_usual(lane)

    def apply(self, snapshot: Snapshot, *, stale_after: float, customers: int | None) -> Snapshot:
        """The snapshot with what may be shown: counters that were observed since the start, judgements if any.

        ``customers`` are how many to name with the causes, None where causes are not collected.
        """
        with self._guard:
            ledger, judgements, read = self._kept.ledger, self._detector.judgements, self._records_read
            totals = ledger.shown()
            return replace(
                snapshot,
                totals=totals,
                taken_back=ledger.taken_back(),
                corrections=ledger.corrections if totals else None,
                days_lost=ledger.days_lost if totals else None,
                judgements=None
                if self._judged_at is None
                else Dated(value=judgements, at=self._judged_at, expires_after=stale_after),
                causes=None
                if read is None or customers is None
                else Dated(
                    value=self._causes.shown(read.wall, customers=customers), at=read, expires_after=stale_after
                ),
            )

    def record(self, answers: Answers) -> None:
        """Count and judge what one poll saw, and save both: on disk when this returns, unless the disk fails."""
        if answers.today is not None:
            with self._guard:
                self._record(answers, answers.today)

    def _record(self, answers: Answers, today: date) -> None:
        seen = observations(answers.dashboard, answers.windows)
        grown = self._kept.ledger.record(*seen, today=today, at=answers.began.elapsed, refused=answers.refused)
        if grown.days_lost:
            log.warning(
                "days that the API no longer shows were missed",
                extra={"partner": self._kept.partner, "days": " ".join(map(str, grown.days_lost))},
            )
        if answers.dashboard is not None and self._learned != today:
            self._learned = today
            self._detector.learn(history_of(answers.dashboard, today))
        if grown.observed:
            self._detector.observe(evidence_of(grown, answers.began, today))
            self._judged_at = answers.began
        rows = {DETECTOR_KIND: self._detector.dump()}
        if answers.records is not None:
            self._records_read = answers.began
            booked = sum(self._kept.ledger.totals.get((direction, "calls"), 0) for direction in DIRECTIONS)
            self._causes.add(
                answers.records, complete=answers.records_complete, booked=int(booked), at=answers.began.wall
            )
            rows[CAUSES_KIND] = self._causes.dump()
        others = {kind: json.dumps(data, separators=(",", ":")).encode() for kind, data in rows.items()}
        self._kept.save(now=answers.began.wall, others=others)

    def _restore(self) -> None:
        detector, causes = self._kept.saved(DETECTOR_KIND), self._kept.saved(CAUSES_KIND)
        damaged: list[str] = []
        if detector is not None:
            damaged += self._detector.load(_json(detector))
        if causes is not None:
            try:
                self._causes = CauseTally.load(_json(causes))
            except (ValueError, TypeError, KeyError, AttributeError):
                damaged.append(CAUSES_KIND)
        if damaged:
            log.error(
                "saved judgements cannot be used, they start again",
                extra={"partner": self._kept.partner, "lanes": ", ".join(damaged)},
            )


class Ledgers:
    """The accounts that were polled since the start, by auth_id: a reload and a change of names lose nothing.

    ``store`` None keeps them no longer than the process runs. ``on_failure`` is called at each failed write.
    """

    def __init__(self, store: LedgerStore | None = None, *, on_failure: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._on_failure = on_failure
        self._guard = threading.Lock()
        self._accounts: dict[str, Account] = {}

    def of(self, auth_id: str, *, partner: str, interval: float, thresholds: Thresholds) -> Account:
        """The account with this id, judged by these thresholds. ``partner`` names it in the log."""
        with self._guard:
            account = self._accounts.get(auth_id)
            if account is None:
                ledger = AccountLedger(
                    self._store,
                    partner=partner,
                    auth_id=auth_id,
                    max_pause=max(MAX_PAUSE, 2.5 * interval),
                    on_failure=self._on_failure,
                )
                account = self._accounts[auth_id] = Account(ledger, interval=interval, thresholds=thresholds)
        account.configure(interval=interval, thresholds=thresholds)
        return account


def _json(data: bytes) -> Any:
    """None if it is not JSON."""
    try:
        return json.loads(data)
    except ValueError:
        return None


def evidence_of(grown: Increments, began: Moment, today: date) -> Evidence:
    """What the detector weighs of a poll: what came in since the previous one. Late amounts are no evidence."""
    lanes = {lane for lane, figure in grown.observed if figure == "calls"}
    now = datetime.fromtimestamp(began.wall, timezone.utc)
    cost = grown.evidence(TOTAL_LANE)
    return Evidence(
        timestamp=began.wall,
        weekday=today.weekday(),
        minute_of_day=now.hour * 60 + now.minute + now.second / 60,
        directions={lane: _counts(grown, lane) for lane in lanes if lane in DIRECTIONS},
        products={lane.removeprefix(PRODUCT_LANE): _counts(grown, lane) for lane in lanes if lane not in DIRECTIONS},
        cost={figure.removeprefix(COST_FIGURE): float(value) for figure, value in cost.items()},
    )


def history_of(dashboard: Report, today: date) -> History:
    """The complete days of an answer of ``/dashboard``, those without a row as days without calls."""
    if dashboard.window is None or not dashboard.days:
        return History()
    rows = {row.day: row for row in dashboard.days}
    first = max(min(rows), dashboard.window.first, today - timedelta(days=HISTORY_DAYS))
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    none = Rollup()
    return History(
        directions={
            "inbound": [_day(day, rows[day].inbound if day in rows else none) for day in days],
            "outbound": [_day(day, rows[day].outbound if day in rows else none) for day in days],
        },
        total=[_day(day, rows[day].total if day in rows else none, dashboard.currency) for day in days],
    )


def _counts(grown: Increments, lane: str) -> Counts:
    grown_by = grown.evidence(lane)
    return Counts(
        calls=float(grown_by.get("calls", 0)),
        answered=float(grown_by.get("answered_calls", 0)),
        seconds=float(grown_by.get("seconds", 0)),
    )


def _day(day: date, rollup: Rollup, currency: str | None = None) -> Day:
    return Day(
        weekday=day.weekday(),
        calls=float(rollup.calls or 0),
        answered=float(rollup.answered_calls or 0),
        seconds=float((rollup.minutes or 0) * 60),
        cost={} if currency is None or rollup.cost is None else {currency: float(rollup.cost)},
    )
