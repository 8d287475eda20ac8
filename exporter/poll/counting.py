"""What a poll learns, and what is counted and judged of an account: ledger, detector and call records."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import TypeVar

import msgspec

from exporter.api.errors import ApiError, defect
from exporter.api.model import DIRECTIONS, CallRecord, Report
from exporter.clock import Moment
from exporter.detect.detector import Detector
from exporter.detect.observations import Thresholds
from exporter.ledger.ledger import Increments, Ledger
from exporter.ledger.observation import observations
from exporter.ledger.state import dump_state, load_state
from exporter.ledger.store import LedgerStore
from exporter.poll.causes import Causes, CauseTally
from exporter.poll.evidence import RecentCalls, evidence_of, history_of
from exporter.poll.snapshot import Dated, Snapshot

log = logging.getLogger(__name__)

T = TypeVar("T")

LEDGER_KIND, DETECTOR_KIND, CAUSES_KIND = "ledger", "detector", "causes"
"""The rows of an account in the store."""

MAX_PAUSE = 1200.0
"""Seconds, or two and a half polls if that is longer: what comes in after a longer pause says nothing of now."""


@dataclass(slots=True, kw_only=True)
class Answers:
    """What one poll has learned so far."""

    began: Moment
    account: Account
    snapshot: Snapshot
    """The one that was published last, with what has come since."""
    dashboard: Report | None = None
    windows: list[Report] = field(default_factory=list)
    """Answers of ``/analytics``."""
    wrong_window: bool = False
    """Whether an answer was about other days than it was asked for; it is not used."""
    today: date | None = None
    """The server's day."""
    refused: set[date] = field(default_factory=set)
    """Single days that ``/analytics`` was asked for without a usable answer."""
    records: tuple[CallRecord, ...] | None = None
    """The newest call records first; None if they were not asked for, or did not come."""
    records_complete: bool = True
    """Whether they reach down to one that was counted before."""
    defects: dict[str, ApiError] = field(default_factory=dict)
    """By endpoint, a defect of the exporter in what it made of the answers once they were counted."""


class Account:
    """One account. For any thread: two partners may have become the same account by a change of their files.

    ``partner`` names it in the log.
    """

    def __init__(self, auth_id: str, ledgers: Ledgers, *, partner: str) -> None:
        self._guard = threading.Lock()
        self._auth_id = auth_id
        self._ledgers = ledgers
        self._partner = partner
        self._recent = RecentCalls()
        self._learned: date | None = None
        self._judged_at: dict[str, Moment] = {}
        """By endpoint, when what is judged of its answers was."""
        self._shown: Causes | None = None
        self._ledger = Ledger(self._saved(LEDGER_KIND, load_state))
        self._detector = self._saved(DETECTOR_KIND, Detector) or Detector()
        self._causes = self._saved(CAUSES_KIND, msgspec.json.Decoder(CauseTally).decode) or CauseTally()

    def configure(self, *, interval: float, thresholds: Thresholds) -> None:
        """Judge by these from now on, with so many seconds between polls; what was learned stays, and what is shown."""
        with self._guard:
            self._detector.interval, self._detector.thresholds = interval, thresholds
            self._ledger.max_pause = max(MAX_PAUSE, 2.5 * interval)

    def missing_days(self, today: date) -> tuple[date, ...]:
        """Past days that there is no complete answer for, on the server's day ``today``; the most needed first."""
        with self._guard:
            return self._ledger.missing_days(today)

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

        def dated(value: T | None, at: Moment | None) -> Dated[T] | None:
            return None if value is None or at is None else Dated(value=value, at=at, expires_after=stale_after)

        with self._guard:
            totals, causes = self._ledger.shown(), None
            if self._shown is not None and customers is not None:
                causes = replace(self._shown, customers=self._shown.customers[:customers])
            return replace(
                snapshot,
                totals=totals,
                taken_back=self._ledger.taken_back(),
                corrections=self._ledger.corrections if totals else None,
                days_lost=self._ledger.days_lost if totals else None,
                judgements=dated(self._detector.judgements, self._judged_at.get("analytics")),
                recent=dated(self._recent.value, self._recent.at),
                causes=dated(causes, self._judged_at.get("cdrs")),
            )

    def record(self, answers: Answers) -> None:
        """Count and judge what one poll saw, and save it all: on disk when this returns, unless the disk fails.

        A failed write is made good by the next one that works. Nothing is counted while the server's day is unknown. A
        defect in a judgement costs that alone: it is unknown until it works again.
        """
        today = answers.today
        if today is None:
            return
        with self._guard:
            grown = self._count(answers, today)
            rows = {LEDGER_KIND: dump_state(self._ledger)}
            judges = {"analytics": partial(self._judge, answers, today, grown), "cdrs": partial(self._tally, answers)}
            for endpoint, judge in judges.items():
                try:
                    rows |= judge()
                except MemoryError:
                    raise
                except Exception as error:  # noqa: BLE001 a defect must not cost the counters, and be seen
                    self._judged_at.pop(endpoint, None)
                    answers.defects[endpoint] = defect(error)
            store = self._ledgers.store
            if store is not None and not store.save(self._auth_id, rows, now=answers.began.wall):
                self._ledgers.on_failure()

    def _count(self, answers: Answers, today: date) -> Increments:
        seen = observations(answers.dashboard, answers.windows)
        grown = self._ledger.record(*seen, today=today, at=answers.began.elapsed, refused=answers.refused)
        if grown.days_lost:
            log.warning(
                "days that the API no longer shows were missed",
                extra={"partner": self._partner, "days": " ".join(map(str, grown.days_lost))},
            )
        self._recent.add(grown, answers.began, max_pause=self._ledger.max_pause)
        return grown

    def _judge(self, answers: Answers, today: date, grown: Increments) -> dict[str, bytes]:
        if answers.dashboard is not None and self._learned != today:
            self._detector.learn(history_of(answers.dashboard))
            self._learned = today
        if grown.fresh:
            self._detector.observe(evidence_of(grown, answers.began, today))
            self._judged_at["analytics"] = answers.began
        return {DETECTOR_KIND: self._detector.dump()}

    def _tally(self, answers: Answers) -> dict[str, bytes]:
        if answers.records is None:
            return {}
        booked = int(sum(self._ledger.totals.get((direction, "calls"), 0) for direction in DIRECTIONS))
        at = answers.began.wall
        self._causes.add(answers.records, complete=answers.records_complete, booked=booked, at=at)
        self._shown, self._judged_at["cdrs"] = self._causes.shown(at), answers.began
        return {CAUSES_KIND: msgspec.json.encode(self._causes)}

    def _saved(self, kind: str, read: Callable[[bytes], T]) -> T | None:
        """What was saved under this kind; None if nothing was, or if it cannot be used."""
        store = self._ledgers.store
        data = None if store is None else store.load(self._auth_id, kind)
        try:
            return None if data is None else read(data)
        except ValueError as error:
            extra = {"partner": self._partner, "kind": kind, "problem": str(error)}
            if kind == LEDGER_KIND:
                log.error("saved counters cannot be used, they start again", extra=extra)
            else:
                log.error("saved judgements cannot be used, they start again", extra=extra)
            return None


class Ledgers:
    """The accounts that were polled since the start, by auth_id: a reload and a change of names lose nothing.

    ``store``, to be set before the first poll, is where they are kept; None: no longer than the process runs.
    ``on_failure`` is called at each failed write.
    """

    def __init__(self, store: LedgerStore | None = None, *, on_failure: Callable[[], None] = lambda: None) -> None:
        self.store = store
        self.on_failure = on_failure
        self._guard = threading.Lock()
        self._accounts: dict[str, Account] = {}

    def of(self, auth_id: str, *, partner: str, interval: float, thresholds: Thresholds) -> Account:
        """The account with this id, judged by these thresholds. ``partner`` names it in the log."""
        with self._guard:
            if auth_id not in self._accounts:
                self._accounts[auth_id] = Account(auth_id, self, partner=partner)
            account = self._accounts[auth_id]
        account.configure(interval=interval, thresholds=thresholds)
        return account
