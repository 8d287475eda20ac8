"""One poll of one partner: ask the endpoints that are due, count what came, publish one snapshot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, RateLimited, Refusal
from exporter.clock import Clock, Moment
from exporter.config import Config, PartnerConfig
from exporter.detect import Judgements, Thresholds
from exporter.poll.accounts import Accounts
from exporter.poll.analytics import Analytics
from exporter.poll.cdrs import Cdrs
from exporter.poll.counting import Account, Ledgers
from exporter.poll.dashboard import Dashboard, Me
from exporter.poll.endpoint import DAEMON, Answers, Backoff, Budget, Context, Endpoint
from exporter.poll.periods import ROLLUP_PERIOD
from exporter.poll.reconcile import mismatches
from exporter.poll.snapshot import ENDPOINTS, Snapshot
from exporter.poll.timeline import with_poll

log = logging.getLogger(__name__)

COLLECTED: dict[str, type[Me] | type[Accounts] | type[Cdrs]] = {"wallet": Me, "customers": Accounts, "causes": Cdrs}
"""By entry of ``collect``: the endpoint that it is read from."""


def endpoints_of(partner: PartnerConfig) -> tuple[str, ...]:
    """The endpoints that this partner's polls ask, in that order."""
    return (*ENDPOINTS, *(endpoint.name for extra, endpoint in COLLECTED.items() if extra in partner.collect))


class PartnerPoller:
    """Polls one partner, as configured. ``poll`` is called by one thread at a time, once in ``poll.interval`` seconds.

    ``previous`` is what was known of the partner before a reload.
    """

    snapshot: Snapshot

    def __init__(
        self,
        partner: PartnerConfig,
        config: Config,
        *,
        client: PartnerClient,
        ledgers: Ledgers,
        publish: Callable[[Snapshot], None],
        clock: Clock,
        budget: Budget = DAEMON,
        previous: PartnerPoller | None = None,
    ) -> None:
        self._partner = partner
        self._config = config
        self._poll = config.poll
        self._client = client
        self._ledgers = ledgers
        self._publish = publish
        self._clock = clock
        self._budget = budget
        self._backoff = Backoff(interval=config.poll.interval, every=config.poll.interval)
        """The whole account's: a rate limit holds for it, and credentials that ``/dashboard`` refuses work nowhere."""
        self.auth_id = partner.auth_id.current()
        self._start(previous.snapshot if previous is not None and previous.auth_id == self.auth_id else None)

    @property
    def account(self) -> Account:
        """The account that is polled."""
        return self._ledgers.of(
            self.auth_id,
            partner=self._partner.name,
            interval=self._poll.interval,
            thresholds=Thresholds(**self._partner.alerts.judged()),
        )

    def begin(self) -> None:
        """Publish what is known before the first poll; not the counters: until they are observed they may step back."""
        self.snapshot = self._applied(self.snapshot, Answers(began=self._clock.now()))
        self._publish(self.snapshot)

    def poll(self) -> None:
        """Poll once, and publish once. Nothing is asked or published while the API's refusal holds for the account.

        Raises :class:`~exporter.api.errors.Cancelled` if it was stopped; then nothing is published.
        """
        began = self._clock.now()
        if self._client.credentials_renewed:
            log.info("credentials were replaced, polling now", extra={"partner": self._partner.name})
            for backoff in (self._backoff, *(endpoint.backoff for endpoint in self._endpoints)):
                backoff.reset()
        if not self._backoff.due(began.elapsed):
            return
        if self._changed_account():
            self._start(None)
        account = self.account
        answers = Answers(began=began, missing_days=account.missing_days, seen=account.seen)
        refusal = self._ask(answers)
        if refusal is None:
            self._backoff.worked(began.elapsed)
        else:
            self._backoff.failed(began.elapsed, refusal)
        if self._changed_account():
            self._start(None)  # some answers are of one account, some of the other
            return
        account.record(answers)
        wait = self._backoff.next_poll(began.elapsed)
        snapshot = self._applied(self.snapshot, answers)
        judged = snapshot.judgements if snapshot.judgements is not None and snapshot.judgements.at == began else None
        self.snapshot = replace(
            snapshot,
            polls=snapshot.polls + 1,
            next_poll=Moment(wall=began.wall + wait, elapsed=began.elapsed + wait),
            slots=with_poll(
                snapshot.slots,
                wall=began.wall,
                failed=answers.dashboard is None,
                judgements=Judgements() if judged is None else judged.value,
            ),
        )
        self._publish(self.snapshot)

    def _start(self, known: Snapshot | None) -> None:
        """Begin with what is known of the account, None: nothing."""
        known = known or Snapshot(partner=self._partner.name, interval=self._poll.interval)
        self._context = Context(
            partner=self._partner,
            poll=self._poll,
            client=self._client,
            clock=self._clock,
            budget=self._budget,
            known=known,
        )
        collect = self._partner.collect
        collected = [endpoint(self._context) for extra, endpoint in COLLECTED.items() if extra in collect]
        self._endpoints: tuple[Endpoint, ...] = (Dashboard(self._context), Analytics(self._context), *collected)
        self.snapshot = replace(
            known,
            interval=self._poll.interval,
            thresholds=self._partner.alerts.exported(),
            wallet=None,
            customers=None,
            series_dropped=None,
        )

    def _changed_account(self) -> bool:
        """Whether requests are of another account than before: its id may come from a file."""
        auth_id, self.auth_id = self.auth_id, self._partner.auth_id.current()
        return auth_id != self.auth_id

    def _ask(self, answers: Answers) -> Refusal | None:
        """Ask every endpoint that is due; returns the refusal that holds for the whole account.

        Where everything fails, and where ``/dashboard`` is refused, the rest is left in peace: each would fail alike.
        What an extra is refused concerns the extra alone.
        """
        first: ApiError | None = None
        for place, endpoint in enumerate(self._endpoints):
            error = endpoint.ask(answers)
            first = first or error
            account_wide = place == 0 or (isinstance(error, RateLimited) and endpoint.name in ENDPOINTS)
            refusal = error if isinstance(error, Refusal) and account_wide else None
            failing = all(asked.health.current.failure is not None for asked in self._endpoints[: place + 1])
            if first is not None and failing and (place > 0 or refusal is not None):
                for other in self._endpoints[place + 1 :]:
                    other.skip(first)
                return refusal
            if refusal is not None:
                return refusal
        return None

    def _applied(self, snapshot: Snapshot, answers: Answers) -> Snapshot:
        """The snapshot with all that is known after these answers."""
        for endpoint in self._endpoints:
            snapshot = endpoint.apply(snapshot, answers)
        if answers.dashboard is not None:
            checks = mismatches((answers.dashboard, *answers.windows), wrong_window=answers.wrong_window)
            snapshot = replace(snapshot, mismatches=self._context.dated(checks))
        if snapshot.dashboard is not None and ROLLUP_PERIOD in self._poll.periods:
            snapshot = replace(snapshot, periods={**snapshot.periods, ROLLUP_PERIOD: snapshot.dashboard})
        snapshot = self.account.apply(
            snapshot,
            stale_after=self._poll.stale_after,
            customers=self._partner.causes.customers if "causes" in self._partner.collect else None,
        )
        return replace(snapshot, health={endpoint.name: endpoint.health.current for endpoint in self._endpoints})
