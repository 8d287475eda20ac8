"""One poll of one partner, and the snapshot that it publishes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol, TypeVar

from exporter.api.errors import ApiError, Refusal
from exporter.api.model import Report
from exporter.api.reports import parse_dashboard
from exporter.clock import Clock, Moment
from exporter.ledger import AccountLedger, Observation, observations
from exporter.poll.analytics import Analytics, AnalyticsClient, AnalyticsPoll
from exporter.poll.baseline import baselines
from exporter.poll.extras import Extras
from exporter.poll.health import EndpointHealth
from exporter.poll.pace import Pace
from exporter.poll.periods import ROLLUP_PERIOD
from exporter.poll.plan import AnalyticsPlan
from exporter.poll.recent import remember
from exporter.poll.reconcile import mismatches
from exporter.poll.snapshot import DashboardFigures, Dated, Reading, Snapshot, Total

log = logging.getLogger(__name__)

T = TypeVar("T")


class Client(AnalyticsClient, Protocol):
    """What a poll asks of :class:`exporter.api.PartnerClient`."""

    def dashboard(self, decode: Callable[[bytes], T]) -> T:
        """The decoded answer of ``/dashboard``. Raises ApiError."""


class PartnerPoller:
    """Polls one partner. ``poll`` is called by one thread at a time, ``stop`` by any.

    Seconds: ``interval`` between polls, ``slow_interval`` between those of the slower periods, ``stale_after`` until
    figures that were not renewed may no longer be shown.
    """

    def __init__(
        self,
        *,
        partner: str,
        client: Client,
        account: AccountLedger,
        publish: Callable[[Snapshot], None],
        periods: Sequence[str],
        interval: float,
        slow_interval: float,
        stale_after: float,
        thresholds: tuple[tuple[str, float], ...] = (),
        clock: Clock,
        previous: Snapshot | None = None,
        extras: Extras | None = None,
    ) -> None:
        self._client = client
        self._extras = extras or Extras()
        self._account = account
        self._publish = publish
        self._stale_after = stale_after
        self._clock = clock
        self._rollup_shown = ROLLUP_PERIOD in periods
        self._pace = Pace(interval)
        known = previous or Snapshot(partner=partner, interval=interval)
        health = dict(known.health)
        self._dashboard_health = EndpointHealth(partner, "dashboard", health["dashboard"])
        self._analytics = Analytics(
            client=client,
            plan=AnalyticsPlan(periods=periods, slow_interval=slow_interval),
            health=EndpointHealth(partner, "analytics", health["analytics"]),
            interval=interval,
            expires_after=stale_after,
            slow_expires_after=stale_after + slow_interval,
            clock=clock,
        )
        self._today: date | None = None
        bare = replace(known, wallet=None, customers=None, series_dropped=None)
        self._snapshot = replace(bare, interval=interval, thresholds=thresholds)

    def begin(self) -> None:
        """Publish what is known before the first poll."""
        self._publish_snapshot(self._snapshot)

    def poll(self) -> float:
        """Poll once; returns the seconds from the start of this poll to the start of the next.

        Raises :class:`~exporter.api.errors.Cancelled` if it was stopped; then nothing is published.
        """
        began = self._clock.now()
        dashboard, error = self._ask_dashboard()
        analytics = self._ask_analytics(dashboard, error)
        observed = observations(dashboard, analytics.reports)
        if self._today is not None:
            grown = self._account.ledger.record(
                *observed, today=self._today, at=began.elapsed, refused=analytics.refused
            )
            self._account.save(now=began.wall)
            if grown.days_lost:
                log.warning(
                    "days that the API no longer shows were missed",
                    extra={"partner": self._snapshot.partner, "days": " ".join(map(str, grown.days_lost))},
                )
        refusal = error if isinstance(error, Refusal) else analytics.refusal
        wait = self._pace.after(refusal)
        snapshot = replace(
            self._snapshot,
            polls=self._snapshot.polls + 1,
            next_poll=_later(began, wait),
            recent=self._recent(observed, began),
        )
        if dashboard is not None:
            snapshot = self._with_dashboard(snapshot, dashboard, analytics)
        self._publish_snapshot(replace(snapshot, periods=self._periods(snapshot)))
        return max(wait, self._poll_extras(began, error, refusal))

    def _ask_dashboard(self) -> tuple[Report | None, ApiError | None]:
        try:
            report = self._client.dashboard(parse_dashboard)
        except ApiError as error:
            self._dashboard_health.failed(self._clock.now(), error)
            return None, error
        self._dashboard_health.worked(self._clock.now(), report.unreadable)
        return report, None

    def _ask_analytics(self, dashboard: Report | None, error: ApiError | None) -> AnalyticsPoll:
        """After a refusal nothing more is asked; after any other failure, ``/analytics`` may still work."""
        if isinstance(error, Refusal):
            self._analytics.not_asked(error)
            return AnalyticsPoll()
        try:
            self._learn_today(dashboard)
        except ApiError as failure:
            return AnalyticsPoll(refusal=self._analytics.failed(failure))
        if self._today is None or self._analytics.held_back:
            return AnalyticsPoll()
        return self._analytics.poll(self._today, self._account.ledger.missing_days(self._today))

    def _poll_extras(self, began: Moment, error: ApiError | None, refusal: Refusal | None) -> float:
        """Ask for what is due once the main figures are out; returns the seconds that a rate limit asks to wait.

        When the API fails altogether none is asked: each would wait for its timeout, too.
        """
        wait = 0.0
        if error is not None and self._analytics.health.current.failure is not None:
            news = self._extras.not_asked(error)
        elif refusal is None:
            news, limited = self._extras.poll(began)
            wait = 0.0 if limited is None else self._pace.after(limited)
        else:
            return wait
        if news:
            due = self._snapshot.next_poll
            self._publish_snapshot(replace(self._snapshot, next_poll=_later(began, wait) if wait else due))
        return wait

    def _learn_today(self, dashboard: Report | None) -> None:
        """The server's day, from the only reliable statements of it: the ``period.to`` of an answer."""
        if dashboard is not None and dashboard.window is not None:
            self._today = dashboard.window.last
        elif not self._analytics.held_back:
            day = self._analytics.server_day()
            if day is not None or dashboard is not None:
                self._today = day

    def _with_dashboard(self, snapshot: Snapshot, report: Report, analytics: AnalyticsPoll) -> Snapshot:
        at, expires = self._clock.now(), self._stale_after
        figures = DashboardFigures(report=report, baselines=baselines(report))
        checks = mismatches((report, *analytics.reports), wrong_window=analytics.wrong_window)
        return replace(
            snapshot,
            dashboard=Dated(value=figures, at=at, expires_after=expires),
            mismatches=Dated(value=checks, at=at, expires_after=expires),
        )

    def _recent(self, observed: Sequence[Observation], at: Moment) -> Dated[tuple[Reading, ...]] | None:
        before = self._snapshot.recent
        known = () if before is None else before.value
        readings = remember(known, observed, self._totals(), at.elapsed)
        return before if readings is known else Dated(value=readings, at=at, expires_after=self._stale_after)

    def _periods(self, snapshot: Snapshot) -> tuple[tuple[str, Dated[Report]], ...]:
        periods = () if self._today is None else self._analytics.current(self._today)
        dashboard = snapshot.dashboard
        if dashboard is None or not self._rollup_shown:
            return periods
        rollup = Dated(value=dashboard.value.report, at=dashboard.at, expires_after=dashboard.expires_after)
        return (*periods, (ROLLUP_PERIOD, rollup))

    def _totals(self) -> tuple[Total, ...]:
        shown = self._account.ledger.shown()
        return tuple(Total(lane=lane, figure=figure, value=value) for (lane, figure), value in shown.items())

    def _publish_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = replace(
            self._extras.onto(snapshot),
            totals=self._totals(),
            corrections=self._account.ledger.corrections if self._account.ledger.since else None,
            health=(
                ("dashboard", self._dashboard_health.current),
                ("analytics", self._analytics.health.current),
                *self._extras.health,
            ),
        )
        self._publish(self._snapshot)


def _later(moment: Moment, seconds: float) -> Moment:
    return Moment(wall=moment.wall + seconds, elapsed=moment.elapsed + seconds)
