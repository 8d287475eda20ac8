"""The part of a poll that asks ``/analytics``: today at every poll, the slower windows when they are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from exporter.api.errors import ApiError, Forbidden, Refusal, Unauthorized
from exporter.api.model import Report, Unreadable, Window
from exporter.api.reports import parse_analytics
from exporter.clock import Clock
from exporter.poll.health import EndpointHealth
from exporter.poll.pace import Pace
from exporter.poll.periods import TODAY
from exporter.poll.plan import AnalyticsPlan
from exporter.poll.snapshot import Dated

T = TypeVar("T")


class AnalyticsClient(Protocol):
    """What is asked of :class:`exporter.api.PartnerClient`."""

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        """The decoded answer for these days; None leaves the window to the server. Raises ApiError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsPoll:
    """What one poll brought.

    ``wrong_window`` says that an answer covered other days than it was asked for; such an answer is not used.
    ``refused`` are single days that were asked for without a usable answer.
    """

    reports: tuple[Report, ...] = ()
    wrong_window: bool = False
    refusal: Refusal | None = None
    refused: tuple[date, ...] = ()


class Analytics:
    """Asks, keeps the latest answers, and knows when to hold back.

    A 401 or 403 here while ``/dashboard`` works slows down these requests only; figures of the other stay current.
    """

    def __init__(
        self,
        *,
        client: AnalyticsClient,
        plan: AnalyticsPlan,
        health: EndpointHealth,
        interval: float,
        expires_after: float,
        slow_expires_after: float,
        clock: Clock,
    ) -> None:
        self.health = health
        self._client = client
        self._plan = plan
        self._pace = Pace(interval)
        self._not_before = 0.0
        self._expires_after = expires_after
        self._slow_expires_after = slow_expires_after
        self._clock = clock

    @property
    def held_back(self) -> bool:
        """Whether it is too early to ask again after a 401 or 403."""
        return self._clock.elapsed() < self._not_before

    def server_day(self) -> date | None:
        """The server's day, asked of ``/analytics`` because ``/dashboard`` did not state it. Raises ApiError."""
        report = self._client.analytics(parse_analytics, first=None, last=None)
        if report.window is None:
            self.health.worked(self._clock.now(), report.unreadable)
            return None
        return report.window.last

    def poll(self, today: date, gaps: Iterable[date]) -> AnalyticsPoll:
        """Ask for what is due; the first failure ends it, so that an API in trouble is left in peace."""
        reports: list[Report] = []
        refused: list[date] = []
        wrong_window = False
        try:
            for period, window in self._windows(today, gaps):
                if window.single_day:
                    refused.append(window.last)
                report = self._client.analytics(parse_analytics, first=window.first, last=window.last)
                if report.window not in (None, window):
                    wrong_window = True
                    continue
                reports.append(report)
                if window.single_day:
                    refused.remove(window.last)
                if period is not None:
                    self._keep(period, window, report)
        except ApiError as error:
            refusal = self.failed(error)
        else:
            refusal = None
            self._pace.after(None)
            self.health.worked(self._clock.now(), _distinct(reports))
            self.health.covered(other_days=wrong_window)
        return AnalyticsPoll(reports=tuple(reports), wrong_window=wrong_window, refusal=refusal, refused=tuple(refused))

    def failed(self, error: ApiError) -> Refusal | None:
        """Health and pace after a failure; returns a refusal that concerns the whole partner."""
        at = self._clock.now()
        self.health.failed(at, error)
        if isinstance(error, Unauthorized | Forbidden):
            self._not_before = at.elapsed + self._pace.after(error)
            return None
        return error if isinstance(error, Refusal) else None

    def not_asked(self, error: ApiError) -> None:
        """The poll got no further than ``/dashboard``, for a reason that holds here as well."""
        self.health.failed(self._clock.now(), error)

    def current(self, today: date) -> tuple[tuple[str, Dated[Report]], ...]:
        """The latest answers of the shown periods."""
        return self._plan.current(today)

    def _windows(self, today: date, gaps: Iterable[date]) -> Iterable[tuple[str | None, Window]]:
        elapsed = self._clock.elapsed()
        due = self._plan.due(today, elapsed)
        yield from due
        asked = {window.last for _, window in due if window.single_day}
        for day in self._plan.gaps_due((day for day in gaps if day not in asked), today, elapsed):
            yield None, Window(first=day, last=day)

    def _keep(self, period: str, window: Window, report: Report) -> None:
        expires_after = self._expires_after if period == TODAY else self._slow_expires_after
        self._plan.got(period, window, Dated(value=report, at=self._clock.now(), expires_after=expires_after))


def _distinct(reports: Iterable[Report]) -> tuple[Unreadable, ...]:
    """What was unreadable in any of the answers, each path once."""
    by_path = {field.path: field for report in reports for field in report.unreadable}
    return tuple(by_path.values())
