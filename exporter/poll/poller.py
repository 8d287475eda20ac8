"""One poll of one partner: ask the endpoints that are due, count what came, publish one snapshot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from exporter.api.client import PartnerClient
from exporter.api.errors import REFUSALS, ApiError, Outcome
from exporter.clock import Clock, Moment
from exporter.config.model import Config, PartnerConfig
from exporter.detect.judgements import Judgements
from exporter.detect.observations import Thresholds
from exporter.poll.accounts import Accounts, still_valid
from exporter.poll.analytics import Analytics
from exporter.poll.cdrs import Cdrs
from exporter.poll.counting import Account, Answers, Ledgers
from exporter.poll.dashboard import Dashboard, Me
from exporter.poll.endpoint import DAEMON, MAX_INTERVALS, Backoff, Budget, Context, Endpoint
from exporter.poll.reconcile import mismatches
from exporter.poll.snapshot import Snapshot, with_poll

log = logging.getLogger(__name__)


class PartnerPoller:
    """Polls one partner, as configured. ``poll`` is called by one thread at a time, once in ``poll.interval`` seconds.

    ``previous`` is what was known of the partner before a reload. ``snapshot`` was published last, ``account`` is the
    one that is polled.
    """

    snapshot: Snapshot
    auth_id: str
    account: Account

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
        interval = config.poll.interval
        blank = Snapshot(partner=partner.name, interval=interval)
        self._context = Context(
            partner=partner, poll=config.poll, client=client, clock=clock, budget=budget, known=blank
        )
        self._ledgers = ledgers
        self._publish = publish
        self._backoff = Backoff(interval=interval, every=interval)
        """The whole account's: a rate limit holds for it, and credentials that ``/dashboard`` refuses work nowhere."""
        auth_id = partner.auth_id.current()
        self._start(auth_id, previous.snapshot if previous is not None and previous.auth_id == auth_id else blank)

    def begin(self) -> None:
        """Publish what is known before the first poll; not the counters: until they are observed they may step back."""
        self.snapshot = self._counted(self.snapshot)
        self._publish(self.snapshot)

    def poll(self) -> None:
        """Poll once, and publish once. Nothing is asked or published while the API's refusal holds for the account.

        Raises :class:`~exporter.api.errors.Cancelled` if it was stopped; then nothing is published.
        """
        began = self._context.clock.now()
        if self._context.client.credentials_renewed:
            log.info("credentials were replaced, polling now", extra={"partner": self._context.partner.name})
            for backoff in (self._backoff, *(endpoint.backoff for endpoint in self._endpoints)):
                backoff.reset()
        if not self._backoff.due(began.elapsed):
            return
        self._changed_account()
        answers = Answers(began=began, account=self.account, snapshot=self.snapshot)
        try:
            refusal = self._ask(answers)
        except MemoryError:
            self.snapshot = answers.snapshot
            raise
        if refusal is None:
            self._backoff.worked(began.elapsed)
        else:
            self._backoff.failed(began.elapsed, refusal)
        if self._changed_account():
            return  # some answers are of one account, some of the other
        # What is not asked for again soon is for the next poll to publish, should this one break off.
        self.snapshot = answers.snapshot
        self.account.record(answers)
        self.snapshot = self._completed(answers)
        self._publish(self.snapshot)

    def _ask(self, answers: Answers) -> ApiError | None:
        """Ask every endpoint that is due; returns the refusal that holds for the whole account.

        Where everything fails, and where ``/dashboard`` is refused, nothing else is asked: it would fail as well.
        What an extra is refused concerns the extra alone.
        """
        dashboard, analytics, *extras = self._endpoints
        error = dashboard.ask(answers)
        if error is not None and error.outcome in REFUSALS:
            for other in (analytics, *extras):
                other.skip(error)
            return error
        second = analytics.ask(answers)
        limited = second is not None and second.outcome is Outcome.RATE_LIMITED
        error = error or second
        if error is not None and dashboard.backoff.failures and analytics.backoff.failures:
            for extra in extras:
                extra.skip(error)
        elif not limited:
            for extra in extras:
                extra.ask(answers)
        return second if limited else None

    def _completed(self, answers: Answers) -> Snapshot:
        """The snapshot of a poll whose answers were counted."""
        began = answers.began
        snapshot = self._counted(self._analytics.apply(answers.snapshot, answers.today))
        checks = snapshot.mismatches
        if answers.dashboard is not None:
            found = mismatches((answers.dashboard, *answers.windows), wrong_window=answers.wrong_window)
            checks = self._context.dated(found)
        judged = snapshot.judgements
        scores = judged.value if judged is not None and judged.at == began else Judgements()
        wait = self._backoff.next_poll(began.elapsed)
        for endpoint in self._endpoints:
            endpoint.judged(answers.defects.get(endpoint.name))
        return replace(
            snapshot,
            polls=snapshot.polls + 1,
            next_poll=Moment(wall=began.wall + wait, elapsed=began.elapsed + wait),
            mismatches=checks,
            health={endpoint.name: endpoint.health for endpoint in self._endpoints},
            slots=with_poll(snapshot.slots, wall=began.wall, failed=answers.dashboard is None, judgements=scores),
        )

    def _counted(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what the account's counters say now."""
        partner, stale_after = self._context.partner, self._context.poll.stale_after
        customers = partner.causes.customers if "causes" in partner.collect else None
        return self.account.apply(snapshot, stale_after=stale_after, customers=customers)

    def _start(self, auth_id: str, known: Snapshot) -> None:
        """Begin with what is known of this account."""
        context = self._context = replace(self._context, known=known)
        partner, poll, interval = context.partner, context.poll, context.poll.interval
        collect, alerts = partner.collect, partner.alerts
        dashboard = Dashboard(context, Backoff(interval=interval, every=interval))
        self._analytics = Analytics(context, Backoff(interval=interval, every=interval))
        extras: dict[str, Endpoint] = {
            "wallet": Me(context, Backoff(interval=interval, every=poll.slow_interval)),
            "customers": Accounts(context, Backoff(interval=interval, every=partner.customers.interval)),
            "causes": Cdrs(context, Backoff(interval=interval, every=interval, max_wait=MAX_INTERVALS * interval)),
        }
        collected = [endpoint for extra, endpoint in extras.items() if extra in collect]
        self._endpoints: tuple[Endpoint, ...] = (dashboard, self._analytics, *collected)
        thresholds = Thresholds(**alerts.judged())
        account = self._ledgers.of(auth_id, partner=partner.name, interval=interval, thresholds=thresholds)
        self.snapshot = replace(
            known,
            interval=interval,
            thresholds=alerts.exported(),
            wallet=known.wallet if "wallet" in collect else None,
            customers=still_valid(known.customers, partner.customers) if "customers" in collect else None,
            series_dropped=known.series_dropped or 0 if "customers" in collect else None,
            health={endpoint.name: endpoint.health for endpoint in self._endpoints},
        )
        # Together, and last: answers of one account are never counted in another one's ledger.
        self.auth_id, self.account = auth_id, account

    def _changed_account(self) -> bool:
        """Whether requests are of another account than before: its id may come from a file. Then begin with it."""
        partner = self._context.partner
        auth_id = partner.auth_id.current()
        if auth_id == self.auth_id:
            return False
        log.warning("auth_id was replaced, another account is polled", extra={"partner": partner.name})
        self._start(auth_id, Snapshot(partner=partner.name, interval=self._context.poll.interval))
        return True
