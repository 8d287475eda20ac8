"""The endpoint ``/analytics``: today at every poll, yesterday and the slower periods when due, and days missed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date

from exporter.api.errors import ApiError, ConnectionFailed, Refusal, RequestTimeout, TlsFailed
from exporter.api.model import Report, Unreadable, Window
from exporter.poll.endpoint import Answers, Backoff, Context, Endpoint
from exporter.poll.periods import ROLLUP_PERIOD, TODAY, YESTERDAY, window_of
from exporter.poll.snapshot import Dated, Snapshot

log = logging.getLogger(__name__)

DEAD_CONNECTION = (ConnectionFailed, RequestTimeout, TlsFailed)
"""Further requests of the same poll would most likely wait for as long, and fail as well."""

MAX_DAY_WAIT = 6 * 3600.0
"""Seconds between two requests for a day whose answer stays incomplete."""


@dataclass(slots=True, kw_only=True)
class Question:
    """One window that ``/analytics`` is asked for, with its own backoff: one that fails silences no other."""

    window: Window
    backoff: Backoff
    counted: bool
    """Whether the ledger needs it; the others are only shown."""
    answer: Dated[Report] | None = None
    failing: str | None = None
    """The outcome last logged."""


class Analytics(Endpoint):
    """Asks for what the ledger needs first: today, yesterday (calls are still booked on it after midnight), days that
    were missed. Then for the periods that are only shown.

    The endpoint is up when today's answer came. A refusal and a dead connection end the requests of a poll; any other
    failure concerns its own window alone.
    """

    name = "analytics"

    def __init__(self, context: Context) -> None:
        super().__init__(context, every=context.poll.interval)
        self._shown = tuple(period for period in context.poll.periods if period != ROLLUP_PERIOD)
        self._periods: dict[str, Question] = {}
        self._days: dict[date, Question] = {}
        self._today: date | None = None

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...]:
        """Ask what is due. Raises the error of today's window, or an earlier one that ended the requests."""
        unreadable = self._learn_today(answers)
        if self._today is None:
            return unreadable
        errors: list[tuple[Question, ApiError]] = []
        worked = False
        for question in self._due(self._today, answers):
            try:
                self._ask(question, answers)
            except Refusal:
                raise
            except ApiError as error:
                question.backoff.failed(answers.began.elapsed, error)
                errors.append((question, error))
                if isinstance(error, DEAD_CONNECTION):
                    break
            else:
                worked |= question is self._periods[TODAY]
        if errors and not worked:
            raise errors[0][1].with_traceback(None)
        for question, failure in errors:
            self._log_failure(question, failure)
        self.health.covered(other_days=answers.wrong_window)
        return tuple({field.path: field for report in answers.windows for field in report.unreadable}.values())

    def apply(self, snapshot: Snapshot, answers: Answers) -> Snapshot:
        """The latest answers of the shown periods, without those whose days have moved on since.

        None of them outlives today's: a slower period is good for long, but not once ``/analytics`` has fallen silent.
        """
        self._today = answers.today or self._today
        if self._today is None:
            return snapshot
        known = {
            period: question.answer
            for period, question in self._periods.items()
            if question.answer is not None and question.window == window_of(period, self._today)
        }
        if TODAY not in known:
            return replace(snapshot, periods={})
        silent_from = known[TODAY].at.elapsed + known[TODAY].expires_after
        return replace(
            snapshot,
            periods={period: _ending_by(silent_from, known[period]) for period in self._shown if period in known},
        )

    def _learn_today(self, answers: Answers) -> tuple[Unreadable, ...]:
        """The server's day, as ``period.to`` of an answer states it; asked for only if ``/dashboard`` did not."""
        if answers.today is not None:
            self._today = answers.today
            return ()
        report = self.context.client.analytics(None, None)
        if report.window is not None:
            self._today = report.window.last
        elif answers.dashboard is not None:
            self._today = None
        answers.today = self._today
        return report.unreadable

    def _due(self, today: date, answers: Answers) -> list[Question]:
        """What to ask for now: those the ledger needs first, and of these those that failed least."""
        poll = self.context.poll
        for period in dict.fromkeys((TODAY, YESTERDAY, *self._shown)):
            window = window_of(period, today)
            if period not in self._periods or self._periods[period].window != window:
                every = poll.interval if period == TODAY else poll.slow_interval
                self._periods[period] = Question(
                    window=window,
                    backoff=Backoff(interval=poll.interval, every=every),
                    counted=period in (TODAY, YESTERDAY),
                )
        self._days = {
            day: self._days.get(day) or self._missing(day) for day in answers.missing_days(today) if day != today
        }
        elapsed = answers.began.elapsed
        periods = [question for question in self._periods.values() if question.backoff.due(elapsed)]
        asked = {question.window for question in periods}
        days = [
            question
            for question in self._days.values()
            if question.backoff.due(elapsed) and question.window not in asked
        ]
        days.sort(key=lambda question: question.backoff.failures)
        return sorted(
            [*periods, *days[: self.context.budget.missing_days]],
            key=lambda question: (not question.counted, question.backoff.failures),
        )

    def _missing(self, day: date) -> Question:
        poll = self.context.poll
        backoff = Backoff(interval=poll.interval, every=MAX_DAY_WAIT, retry=poll.slow_interval)
        return Question(window=Window(first=day, last=day), backoff=backoff, counted=True)

    def _ask(self, question: Question, answers: Answers) -> None:
        window, elapsed = question.window, answers.began.elapsed
        if window.single_day:
            answers.refused.add(window.last)
        report = self.context.client.analytics(window.first, window.last)
        question.failing = None
        if report.window not in (None, window):
            answers.wrong_window = True
            question.backoff.failed(elapsed)
            return
        answers.windows.append(report)
        answers.refused.discard(window.last)
        if window.first in self._days and question is self._days[window.first]:
            # The ledger drops the day from the missing ones if this answer was complete.
            question.backoff.failed(elapsed)
            return
        question.backoff.worked(elapsed)
        question.answer = self.context.dated(report, every=question.backoff.every)

    def _log_failure(self, question: Question, error: ApiError) -> None:
        if question.failing != error.outcome.value:
            question.failing = error.outcome.value
            log.warning(
                "vobiz refuses some days, the others are not affected",
                extra={
                    "partner": self.context.partner.name,
                    "endpoint": self.name,
                    "from": question.window.first,
                    "to": question.window.last,
                    "outcome": error.outcome.value,
                    "problem": error.reason,
                    "action": error.remedy,
                },
            )


def _ending_by(elapsed: float, report: Dated[Report]) -> Dated[Report]:
    return replace(report, expires_after=min(report.expires_after, elapsed - report.at.elapsed))
