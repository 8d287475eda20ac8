"""One poll of one partner: ask the endpoints that are due, count what came, publish one snapshot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, RateLimited, Refusal
from exporter.clock import Clock, Moment
from exporter.config import Config, PartnerConfig
from exporter.ledger import Observation, directions_observed, products_observed
from exporter.poll.accounts import Accounts
from exporter.poll.analytics import Analytics
from exporter.poll.books import Books
from exporter.poll.dashboard import Dashboard, Me
from exporter.poll.endpoint import DAEMON, Answers, Backoff, Budget, Context, Endpoint
from exporter.poll.periods import ROLLUP_PERIOD
from exporter.poll.recent import remember
from exporter.poll.reconcile import mismatches
from exporter.poll.snapshot import ENDPOINTS, Dated, Reading, Snapshot

log = logging.getLogger(__name__)

COLLECTED: dict[str, type[Me] | type[Accounts]] = {"wallet": Me, "customers": Accounts}
"""By entry of ``collect``: the endpoint that it is read from."""


def endpoints_of(partner: PartnerConfig) -> tuple[str, ...]:
    """The endpoints that this partner's polls ask, in that order."""
    return (*ENDPOINTS, *(endpoint.name for extra, endpoint in COLLECTED.items() if extra in partner.collect))


class PartnerPoller:
    """Polls one partner, as configured. ``poll`` is called by one thread at a time, once in ``poll.interval`` seconds.

    ``previous`` is what was known of the partner before a reload.
    """

    def __init__(
        self,
        partner: PartnerConfig,
        config: Config,
        *,
        client: PartnerClient,
        books: Books,
        publish: Callable[[Snapshot], None],
        clock: Clock,
        budget: Budget = DAEMON,
        previous: Snapshot | None = None,
    ) -> None:
        self._client = client
        self._books = books
        self._publish = publish
        self._clock = clock
        known = previous or Snapshot(partner=partner.name, interval=config.poll.interval)
        self._context = Context(
            partner=partner, poll=config.poll, client=client, clock=clock, budget=budget, known=known
        )
        collected = [endpoint(self._context) for extra, endpoint in COLLECTED.items() if extra in partner.collect]
        self._endpoints: tuple[Endpoint, ...] = (Dashboard(self._context), Analytics(self._context), *collected)
        self._account = Backoff(interval=config.poll.interval, every=config.poll.interval)
        """A rate limit is the account's, and credentials that ``/dashboard`` refuses work nowhere."""
        self.snapshot = replace(
            known,
            interval=config.poll.interval,
            thresholds=config.thresholds(partner),
            wallet=None,
            customers=None,
            series_dropped=None,
        )

    def begin(self) -> None:
        """Publish what is known before the first poll."""
        self._finish(self.snapshot, Answers(began=self._clock.now()))

    def poll(self) -> None:
        """Poll once, and publish once. Nothing is asked or published while the API's refusal holds for the account.

        Raises :class:`~exporter.api.errors.Cancelled` if it was stopped; then nothing is published.
        """
        began = self._clock.now()
        if self._client.credentials_renewed:
            log.info("credentials were replaced, polling now", extra={"partner": self.snapshot.partner})
            for backoff in (self._account, *(endpoint.backoff for endpoint in self._endpoints)):
                backoff.reset()
        if not self._account.due(began.elapsed):
            return
        answers = Answers(began=began, missing_days=self._books.product_gaps())
        refusal = self._ask(answers)
        if refusal is None:
            self._account.worked(began.elapsed)
        else:
            self._account.failed(began.elapsed, refusal)
        observed = _observations(answers)
        self._books.record(*observed)
        wait = self._account.next_poll(began.elapsed)
        snapshot = replace(
            self.snapshot,
            polls=self.snapshot.polls + 1,
            next_poll=Moment(wall=began.wall + wait, elapsed=began.elapsed + wait),
            recent=self._recent(observed, began),
        )
        self._finish(snapshot, answers)

    def _ask(self, answers: Answers) -> Refusal | None:
        """Ask every endpoint that is due; returns the refusal that holds for the whole account.

        Where everything fails, and where ``/dashboard`` is refused, the rest is left in peace: each would fail alike.
        """
        first: ApiError | None = None
        for place, endpoint in enumerate(self._endpoints):
            error = endpoint.ask(answers)
            first = first or error
            refusal = error if isinstance(error, Refusal) and (place == 0 or isinstance(error, RateLimited)) else None
            failing = all(asked.health.current.failure is not None for asked in self._endpoints[: place + 1])
            if first is not None and failing and (place > 0 or refusal is not None):
                for other in self._endpoints[place + 1 :]:
                    other.skip(first)
                return refusal
            if refusal is not None:
                return refusal
        return None

    def _finish(self, snapshot: Snapshot, answers: Answers) -> None:
        for endpoint in self._endpoints:
            snapshot = endpoint.apply(snapshot, answers)
        if answers.dashboard is not None:
            checks = mismatches((answers.dashboard, *answers.windows), wrong_window=answers.wrong_window)
            snapshot = replace(snapshot, mismatches=self._context.dated(checks))
        if snapshot.dashboard is not None and ROLLUP_PERIOD in self._context.poll.periods:
            snapshot = replace(snapshot, periods={**snapshot.periods, ROLLUP_PERIOD: snapshot.dashboard})
        self.snapshot = replace(
            snapshot,
            totals=self._books.totals(),
            corrections=self._books.corrections,
            health={endpoint.name: endpoint.health.current for endpoint in self._endpoints},
        )
        self._publish(self.snapshot)

    def _recent(self, observed: list[Observation], at: Moment) -> Dated[tuple[Reading, ...]] | None:
        latest = self.snapshot.recent
        known = () if latest is None else latest.value
        readings = remember(known, observed, self._books.totals(), at.elapsed)
        if readings is known:
            return latest
        return Dated(value=readings, at=at, expires_after=self._context.poll.stale_after)


def _observations(answers: Answers) -> list[Observation]:
    """What the ledger learns: directions of all days from ``/dashboard``, or of single days if that has no days."""
    directions = [None if answers.dashboard is None else directions_observed(answers.dashboard)]
    if directions == [None]:
        directions = [directions_observed(report) for report in answers.windows]
    products = [products_observed(report) for report in answers.windows]
    return [observation for observation in (*directions, *products) if observation is not None]
