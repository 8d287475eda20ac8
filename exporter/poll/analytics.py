"""The endpoint ``/analytics``: today at every poll, yesterday and the slower periods when due, and days missed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from exporter.api.errors import REFUSALS, ApiError, Outcome
from exporter.api.model import Report, Unreadable, Window
from exporter.poll.counting import Answers
from exporter.poll.endpoint import Backoff, Context, Endpoint
from exporter.poll.snapshot import Dated, Snapshot

log = logging.getLogger(__name__)

ROLLUP_PERIOD = "30d"
"""The period that ``/dashboard`` covers; every other one comes from ``/analytics``."""

TODAY, YESTERDAY = "today", "yesterday"

MISSING = "missing"
"""No period that is shown: a past day that the ledger has no complete answer for."""

COUNTED = (TODAY, YESTERDAY, MISSING)
"""What the ledger needs; the others are only shown."""

WINDOWS: Mapping[str, Callable[[date], Window]] = {
    TODAY: lambda today: Window(first=today, last=today),
    YESTERDAY: lambda today: Window(first=today - timedelta(days=1), last=today - timedelta(days=1)),
    "7d": lambda today: Window(first=today - timedelta(days=6), last=today),
    "month": lambda today: Window(first=today.replace(day=1), last=today),
}
"""The days of a period that ``/analytics`` is asked for, by the server's day."""

DEAD_CONNECTION = (Outcome.CONNECTION, Outcome.TIMEOUT, Outcome.TLS)
"""Further requests of the same poll would most likely wait for as long, and fail as well."""

MAX_DAY_WAIT = 6 * 3600.0
"""Seconds between two requests for a day whose answer stays incomplete."""


@dataclass(slots=True, kw_only=True)
class Question:
    """One window that ``/analytics`` is asked for, with its own backoff: one that fails silences no other."""

    period: str
    window: Window
    backoff: Backoff
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

    def __init__(self, context: Context, backoff: Backoff) -> None:
        super().__init__(context, backoff)
        self._questions: dict[tuple[str, Window], Question] = {}
        self._today: date | None = None
        self._other_days = False

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
            except ApiError as error:
                if error.outcome in REFUSALS:
                    raise
                question.backoff.failed(answers.began.elapsed, error)
                errors.append((question, error))
                if error.outcome in DEAD_CONNECTION:
                    break
            else:
                worked |= question.period == TODAY
        if errors and not worked:
            raise errors[0][1].with_traceback(None)
        for question, failure in errors:
            self._log_failure(question, failure)
        self._log_other_days(answers.wrong_window)
        return tuple({field.path: field for report in answers.windows for field in report.unreadable}.values())

    def apply(self, snapshot: Snapshot, today: date | None) -> Snapshot:
        """The snapshot with the latest answers of the configured periods.

        Until the server's day is known, they are those of before a reload.
        """
        self._today = today or self._today
        periods = dict(snapshot.periods) if self._today is None else self._latest(self._today)
        if snapshot.dashboard is not None and ROLLUP_PERIOD in self.context.poll.periods:
            periods[ROLLUP_PERIOD] = snapshot.dashboard
        return replace(snapshot, periods=periods)

    def _latest(self, today: date) -> dict[str, Dated[Report]]:
        """By period, the latest answer, without those whose days have moved on since.

        None of them outlives today's: a slower period is good for long, but not once ``/analytics`` has fallen silent.
        """
        known = {
            question.period: question.answer
            for question in self._questions.values()
            if question.answer is not None and question.window == WINDOWS[question.period](today)
        }
        if TODAY not in known:
            return {}
        silent_from = known[TODAY].at.elapsed + known[TODAY].expires_after
        return {
            period: replace(answer, expires_after=min(answer.expires_after, silent_from - answer.at.elapsed))
            for period in self.context.poll.periods
            if (answer := known.get(period)) is not None
        }

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
        periods = dict.fromkeys((TODAY, YESTERDAY, *self.context.poll.periods))
        days = answers.account.missing_days(today)
        wanted = [
            *((period, WINDOWS[period](today)) for period in periods if period != ROLLUP_PERIOD),
            *((MISSING, Window(first=day, last=day)) for day in days if day != today),
        ]
        self._questions = {
            (period, window): self._questions.get((period, window)) or self._question(period, window)
            for period, window in wanted
        }
        due = [question for question in self._questions.values() if question.backoff.due(answers.began.elapsed)]
        due.sort(key=lambda question: (question.period not in COUNTED, question.backoff.failures))
        shown = {question.window for question in due if question.period != MISSING}
        missed = [question.window for question in due if question.window not in shown]
        now = missed[: self.context.budget.missing_days]
        return [question for question in due if question.period != MISSING or question.window in now]

    def _question(self, period: str, window: Window) -> Question:
        interval, slow_interval = self.context.poll.interval, self.context.poll.slow_interval
        every = {TODAY: interval, MISSING: MAX_DAY_WAIT}.get(period, slow_interval)
        retry = slow_interval if period == MISSING else interval
        return Question(period=period, window=window, backoff=Backoff(interval=interval, every=every, retry=retry))

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
        if question.period == MISSING:
            # The ledger drops the day from the missing ones if this answer was complete.
            question.backoff.failed(elapsed)
            return
        question.backoff.worked(elapsed)
        question.answer = self.context.dated(report, every=question.backoff.every)

    def _log_failure(self, question: Question, error: ApiError) -> None:
        if question.failing != error.outcome.value:
            question.failing = error.outcome.value
            days = {"from": question.window.first, "to": question.window.last}
            problem = {"outcome": error.outcome.value, "problem": error.reason, "action": error.remedy}
            log.warning(
                "vobiz refuses some days, the others are not affected", extra={**self.fields, **days, **problem}
            )

    def _log_other_days(self, other_days: bool) -> None:
        """Whether an answer of this poll was about other days than it was asked for, and so of no use."""
        if other_days and not self._other_days:
            action = "the API may have changed what from_date and to_date mean; report it"
            fields = {**self.fields, "action": action}
            log.warning("answer covers other days than it was asked for, it is not used", extra=fields)
        elif self._other_days and not other_days:
            log.info("answers cover the days that were asked for again", extra=self.fields)
        self._other_days = other_days
