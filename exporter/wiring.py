"""What polls one configured partner, put together: client, books and poller."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from exporter.api.client import PartnerClient
from exporter.api.errors import Outcome
from exporter.clock import Clock
from exporter.config import Config, PartnerConfig, is_on_this_machine
from exporter.extras import make_extras
from exporter.metrics.telemetry import Telemetry
from exporter.poll.books import Books
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import Snapshot

log = logging.getLogger(__name__)


class SecretFiles:
    """Tells once when a partner's secret file cannot be read, while the last good secret stays in use, and when it can
    be read again."""

    def __init__(self, partner: PartnerConfig) -> None:
        self._partner = partner.name
        self._sources = {"auth_id": partner.auth_id, "auth_token": partner.auth_token}
        self._told: dict[str, str | None] = dict.fromkeys(self._sources)

    def look(self) -> None:
        """Log what has changed since the last look."""
        for name, source in self._sources.items():
            problem, told = source.problem, self._told[name]
            fields = {"partner": self._partner, "file": f"{name}_file"}
            if problem is not None and problem != told:
                log.error(
                    "secret file unreadable, the last good one stays in use", extra={**fields, "problem": problem}
                )
            if problem is None and told is not None:
                log.info("secret file readable again", extra=fields)
            self._told[name] = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One partner's poller, and the lock that tells whether a poll of it is under way."""

    secret_files: SecretFiles
    poller: PartnerPoller
    books: Books
    client: PartnerClient
    busy: threading.Lock = field(default_factory=threading.Lock)

    def poll(self) -> float:
        """Poll once; returns the seconds from the start of this poll to that of the next."""
        with self.busy:
            wait = self.poller.poll()
            self.secret_files.look()
            return wait

    @property
    def may_work_again(self) -> bool:
        """Whether the API refused the credentials, others have been put in their place, and it was not asked since."""
        return not self.busy.locked() and self.client.credentials_renewed

    def stop(self) -> None:
        """End a poll under way within moments, and all later ones."""
        self.client.cancel()

    def wait(self, seconds: float) -> bool:
        """Whether the poll under way, if any, ended within that time; if so, its connections are closed."""
        if not self.busy.acquire(timeout=max(seconds, 0)):
            return False
        self.client.close()
        self.busy.release()
        return True


def make_client(
    partner: PartnerConfig,
    config: Config,
    *,
    observe: Callable[[str, Outcome, float], None] = lambda _endpoint, _outcome, _seconds: None,
    proxies_from_environment: bool = True,
) -> PartnerClient:
    """The client of one partner, as configured.

    What is on this machine is asked directly, whatever the environment says of proxies: a proxy on another machine
    could not reach it, and would be sent the token unencrypted.
    """
    return PartnerClient(
        base_url=config.api.base_url,
        auth_id=partner.auth_id,
        auth_token=partner.auth_token,
        timeout=config.api.timeout,
        max_body=config.api.max_body,
        observe=observe,
        customer_names=partner.customers.names,
        proxies_from_environment=proxies_from_environment and not is_on_this_machine(config.api.base_url),
    )


def make_runner(
    partner: PartnerConfig,
    config: Config,
    *,
    books: Books,
    publish: Callable[[Snapshot], None],
    telemetry: Telemetry,
    clock: Clock,
    proxies_from_environment: bool = True,
    previous: Snapshot | None = None,
    once: bool = False,
) -> Runner:
    """Everything that polls one partner, as configured. ``previous`` is what was known of it before a reload.

    ``once`` says that there will be one poll alone.
    """
    client = make_client(
        partner,
        config,
        observe=partial(telemetry.request, partner.name),
        proxies_from_environment=proxies_from_environment,
    )
    poller = PartnerPoller(
        partner=partner.name,
        client=client,
        books=books,
        publish=publish,
        periods=config.poll.periods,
        interval=config.poll.interval,
        slow_interval=config.poll.slow_interval,
        stale_after=config.poll.stale_after,
        thresholds=tuple(sorted(config.thresholds(partner).items())),
        clock=clock,
        previous=previous,
        extras=make_extras(partner, config, client=client, clock=clock, previous=previous, once=once),
    )
    return Runner(secret_files=SecretFiles(partner), poller=poller, books=books, client=client)
