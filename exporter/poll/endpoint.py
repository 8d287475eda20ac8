"""One endpoint of the Partner API: when it is asked next, and its health."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import ClassVar, TypeVar

from exporter.api.client import PartnerClient
from exporter.api.errors import MAX_RETRY_AFTER, REFUSALS, ApiError, Cancelled, defect
from exporter.api.model import Unreadable
from exporter.clock import Clock
from exporter.config.model import PartnerConfig, PollConfig
from exporter.poll.counting import Answers
from exporter.poll.snapshot import Dated, Failure, Health, PastFailure, Snapshot

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_INTERVALS = 10
"""Poll intervals between two requests, once the API has refused often enough without saying how long to wait."""

MAX_PAST = 5
"""Failures that are over that are kept."""

MAX_NAMED = 8
"""Unreadable fields named in one log line; the rest is a number."""

_INDEX = re.compile(r"\[\d+\]")


class Backoff:
    """When to ask again. Seconds: ``interval`` between polls, ``every`` between requests while they work, ``retry``
    from the first failure to the second request (``interval``), ``max_wait`` after many failures (``every``).
    """

    def __init__(
        self, *, interval: float, every: float, retry: float | None = None, max_wait: float | None = None
    ) -> None:
        self.interval = interval
        self.every = max(every, interval)
        self._retry = retry or interval
        self._max_wait = max_wait or self.every
        self.failures = 0
        """In a row."""
        self._not_before = -inf

    def due(self, elapsed: float) -> bool:
        """Whether to ask at this moment of the elapsed clock."""
        return elapsed >= self._not_before

    def worked(self, elapsed: float) -> None:
        """A request that began at this moment brought what was asked for."""
        self.failures = 0
        self._wait(elapsed, self.every)

    def failed(self, elapsed: float, error: ApiError | None = None) -> None:
        """A request that began at this moment did not; ``error`` None: an answer without what was asked for.

        The wait doubles with each failure in a row, up to ``max_wait``. A refusal is never asked again sooner than
        ``every``: credentials retried at full speed get an account locked, and a rate limit answered by retries feeds
        itself.
        """
        growing = self._retry * 2.0 ** min(self.failures, 10)
        self.failures += 1
        if error is None or error.outcome not in REFUSALS:
            self._wait(elapsed, min(growing, self._max_wait))
        elif error.retry_after is None:
            self._wait(elapsed, max(self.every, min(growing, MAX_INTERVALS * self.interval, MAX_RETRY_AFTER)))
        else:
            self._not_before = elapsed + max(self.every, error.retry_after)

    def reset(self) -> None:
        """Ask at the next poll."""
        self.failures = 0
        self._not_before = -inf

    def next_poll(self, began: float) -> float:
        """Seconds from a poll that began at this moment to the one that asks next."""
        return self.interval * max(ceil((self._not_before - began) / self.interval), 1)

    def _wait(self, elapsed: float, seconds: float) -> None:
        """Half an interval early is on time: polls do not come to the millisecond."""
        self._not_before = elapsed + seconds - self.interval / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much one poll asks for at most, to be polite and to be done before the next."""

    missing_days: int = 3
    """Days of ``/analytics`` that were missed."""
    account_pages: int = 10
    account_scans: int = 3
    """Scans of ``/accounts`` in a row, when customers come and go meanwhile; the last one is taken as it is."""
    patience: float = 0.25
    """Share of the interval after which no further page is asked for: what was read before is published after it."""


DAEMON = Budget()
ONCE = Budget(missing_days=31, account_pages=100_000, account_scans=1, patience=inf)
"""For a program that polls a single time, and does not remember at its next run what it asked in this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all endpoints of a partner share. ``known`` is its last snapshot before a reload."""

    partner: PartnerConfig
    poll: PollConfig
    client: PartnerClient
    clock: Clock
    budget: Budget
    known: Snapshot

    def dated(self, value: T, *, every: float = 0.0) -> Dated[T]:
        """A value fetched now; what is asked for less often than polls come is shown for ``every`` seconds longer."""
        longer = every if every > self.poll.interval else 0.0
        return Dated(value=value, at=self.clock.now(), expires_after=self.poll.stale_after + longer)


class Endpoint(ABC):
    """One endpoint of one partner, named as in the ``endpoint`` label, with its health. For one thread at a time."""

    name: ClassVar[str]

    def __init__(self, context: Context, backoff: Backoff) -> None:
        self.context = context
        self.backoff = backoff
        self.health = context.known.health.get(self.name, Health())
        self.fields = {"partner": context.partner.name, "endpoint": self.name}
        """Of each log line."""
        self._defect: ApiError | None = None
        self._logged = _kinds(self.health.unreadable).keys()

    def ask(self, answers: Answers) -> ApiError | None:
        """Ask what is due; returns why that failed."""
        if not self.backoff.due(answers.began.elapsed):
            return None
        try:
            unreadable = self.fetch(answers)
        except (Cancelled, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 a defect must cost this endpoint only, and be seen
            failure = error if isinstance(error, ApiError) else defect(error)
            self._failed(failure)
            self.backoff.failed(answers.began.elapsed, failure)
            return failure
        if unreadable is not None:
            if self._defect is None:
                self._worked(unreadable)
            self.backoff.worked(answers.began.elapsed)
        return None

    def skip(self, error: ApiError) -> None:
        """It was not asked, because others failed for a reason that holds here as well."""
        self._failed(error)
        self.backoff.reset()

    def judged(self, defect: ApiError | None) -> None:
        """Note a defect in what was made of its answers: then it is down, until the second poll without one."""
        self._defect = defect
        if defect is not None:
            self._failed(defect)

    @abstractmethod
    def fetch(self, answers: Answers) -> tuple[Unreadable, ...] | None:
        """Ask, and add what came; returns the unreadable fields, None if there is more to ask at the next poll.

        Raises ApiError.
        """

    def _worked(self, unreadable: tuple[Unreadable, ...]) -> None:
        at, failure, past = self.context.clock.now(), self.health.failure, self.health.past
        if failure is not None:
            down = round(at.elapsed - failure.since.elapsed)
            log.info("vobiz answers again", extra={**self.fields, "failed_for_seconds": down})
            past = (PastFailure(failure=failure, until=at), *past)[:MAX_PAST]
        elif self.health.up is None:
            log.info("vobiz answers", extra=self.fields)
        self._log_unreadable(_kinds(unreadable))
        since = self.health.since if self.health.up else at
        self.health = Health(up=True, since=since, last_success=at, unreadable=unreadable, past=past)

    def _failed(self, error: ApiError) -> None:
        known = self.health.failure
        since = self.context.clock.now() if known is None else known.since
        failure = Failure(outcome=error.outcome.value, to_do=error.to_do, since=since)
        if failure != known:
            problem = {"outcome": failure.outcome, "problem": error.reason, "action": error.remedy}
            log.warning("vobiz poll failed", extra={**self.fields, **problem})
        self.health = replace(self.health, up=False, since=since, failure=failure)

    def _log_unreadable(self, kinds: dict[str, str]) -> None:
        if kinds.keys() - self._logged:
            named = [f"{path}: {problem}" for path, problem in list(kinds.items())[:MAX_NAMED]]
            if len(kinds) > MAX_NAMED:
                named.append(f"and {len(kinds) - MAX_NAMED} more")
            action = "the API's answer may have changed shape; look for a newer release"
            fields = {**self.fields, "fields": "; ".join(named), "action": action}
            log.warning("fields missing or unreadable, their values are left out", extra=fields)
        elif self._logged and not kinds:
            log.info("all fields readable again", extra=self.fields)
        self._logged = kinds.keys()


def _kinds(unreadable: tuple[Unreadable, ...]) -> dict[str, str]:
    """Problems by path, the rows of a list taken as one."""
    return {_INDEX.sub("[]", field.path): field.problem for field in unreadable}
