"""What is counted and judged of each account: its ledger, its detector and its call records, saved together."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TypeVar

import msgspec

from exporter.api.model import DIRECTIONS, CallRecord
from exporter.clock import Moment
from exporter.detect import Detector, Thresholds
from exporter.ledger import AccountLedger, LedgerStore, observations
from exporter.poll.causes import CauseTally
from exporter.poll.endpoint import Answers
from exporter.poll.evidence import evidence_of, history_of
from exporter.poll.recent import RecentCalls
from exporter.poll.snapshot import Dated, Snapshot

log = logging.getLogger(__name__)

T = TypeVar("T")

DETECTOR_KIND, CAUSES_KIND = "detector", "causes"
"""The rows of the store that are kept beside the ledger's."""

MAX_PAUSE = 1200.0
"""Seconds, or two and a half polls if that is longer: what comes in after a longer pause says nothing of now."""


class Account:
    """One account. For any thread: two partners may have become the same account by a change of their files.

    ``interval`` is the seconds between polls, ``thresholds`` are those of the judged alerts.
    """

    def __init__(self, ledger: AccountLedger, *, interval: float, thresholds: Thresholds) -> None:
        self._guard = threading.Lock()
        self._kept = ledger
        self._judges = (interval, thresholds)
        self._detector = Detector(interval=interval, thresholds=thresholds)
        self._causes = CauseTally()
        self._recent = RecentCalls()
        self._learned: date | None = None
        self._judged_at: Moment | None = None
        self._records_at: Moment | None = None
        self._restore()

    def configure(self, *, interval: float, thresholds: Thresholds) -> None:
        """Judge by these from now on; what was learned is kept."""
        with self._guard:
            if (interval, thresholds) != self._judges:
                self._judges, learned = (interval, thresholds), self._detector.dump()
                self._detector = Detector(interval=interval, thresholds=thresholds)
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
        """The snapshot with what may be shown: counters that were observed since the start, and what they say.

        ``customers`` are how many to name with the causes, None where causes are not collected.
        """

        def dated(value: T, at: Moment) -> Dated[T]:
            return Dated(value=value, at=at, expires_after=stale_after)

        with self._guard:
            ledger, judged_at, records_at = self._kept.ledger, self._judged_at, self._records_at
            totals, recent = ledger.shown(), self._recent.value
            snapshot = replace(
                snapshot,
                totals=totals,
                taken_back=ledger.taken_back(),
                corrections=ledger.corrections if totals else None,
                days_lost=ledger.days_lost if totals else None,
                causes=None,
            )
            if judged_at is not None:
                snapshot = replace(snapshot, judgements=dated(self._detector.judgements, judged_at))
                snapshot = replace(snapshot, recent=None if recent is None else dated(recent, judged_at))
            if records_at is not None and customers is not None:
                causes = self._causes.shown(records_at.wall, customers=customers)
                snapshot = replace(snapshot, causes=dated(causes, records_at))
            return snapshot

    def record(self, answers: Answers) -> None:
        """Count and judge what one poll saw, and save both: on disk when this returns, unless the disk fails."""
        if answers.today is not None:
            with self._guard:
                self._record(answers, answers.today)

    def _record(self, answers: Answers, today: date) -> None:
        began, ledger = answers.began, self._kept.ledger
        seen = observations(answers.dashboard, answers.windows)
        grown = ledger.record(*seen, today=today, at=began.elapsed, refused=answers.refused)
        if grown.days_lost:
            log.warning(
                "days that the API no longer shows were missed",
                extra={"partner": self._kept.partner, "days": " ".join(map(str, grown.days_lost))},
            )
        if answers.dashboard is not None and self._learned != today:
            self._learned = today
            self._detector.learn(history_of(answers.dashboard, today))
        if grown.observed:
            self._detector.observe(evidence_of(grown, began, today))
            self._recent.add(grown, began.elapsed)
            self._judged_at = began
        rows = {DETECTOR_KIND: msgspec.json.encode(self._detector.dump())}
        if answers.records is not None:
            self._records_at = began
            booked = int(sum(ledger.totals.get((direction, "calls"), 0) for direction in DIRECTIONS))
            self._causes.add(answers.records, complete=answers.records_complete, booked=booked, at=began.wall)
            rows[CAUSES_KIND] = self._causes.dump()
        self._kept.save(now=began.wall, others=rows)

    def _restore(self) -> None:
        damaged: list[str] = []
        if (detector := self._kept.saved(DETECTOR_KIND)) is not None:
            with contextlib.suppress(ValueError):
                detector = msgspec.json.decode(detector)
            damaged += self._detector.load(detector)
        try:
            self._causes = CauseTally(self._kept.saved(CAUSES_KIND))
        except ValueError:
            damaged.append(CAUSES_KIND)
        if damaged:
            log.error(
                "saved judgements cannot be used, they start again",
                extra={"partner": self._kept.partner, "lanes": ", ".join(damaged)},
            )


class Ledgers:
    """The accounts that were polled since the start, by auth_id: a reload and a change of names lose nothing.

    ``store``, to be set before the first poll, is where they are kept; None: no longer than the process runs.
    ``on_failure`` is called at each failed write.
    """

    def __init__(self, store: LedgerStore | None = None, *, on_failure: Callable[[], None] = lambda: None) -> None:
        self.store = store
        self._on_failure = on_failure
        self._guard = threading.Lock()
        self._accounts: dict[str, Account] = {}

    def of(self, auth_id: str, *, partner: str, interval: float, thresholds: Thresholds) -> Account:
        """The account with this id, judged by these thresholds. ``partner`` names it in the log."""
        with self._guard:
            account = self._accounts.get(auth_id)
            if account is None:
                ledger = AccountLedger(
                    self.store,
                    partner=partner,
                    auth_id=auth_id,
                    max_pause=max(MAX_PAUSE, 2.5 * interval),
                    on_failure=self._on_failure,
                )
                account = self._accounts[auth_id] = Account(ledger, interval=interval, thresholds=thresholds)
        account.configure(interval=interval, thresholds=thresholds)
        return account
