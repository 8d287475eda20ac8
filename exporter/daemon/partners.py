"""All configured partners: each with its client, ledger and poller, on the schedule, kept over a reload."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from exporter.api.client import PartnerClient
from exporter.api.errors import Outcome
from exporter.clock import Clock
from exporter.config.kinds import is_on_this_machine
from exporter.config.model import Config, PartnerConfig
from exporter.metrics.telemetry import Telemetry
from exporter.poll.counting import Ledgers
from exporter.poll.endpoint import DAEMON, Budget
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import Snapshot, SnapshotStore
from exporter.schedule import Schedule

HANDOVER = 5.0
"""Seconds that a poll under way is given to end when its partner is changed or removed."""

FIRST_POLLS_APART = 0.25
"""Seconds at most between the first polls of two partners: many of them do not start in one burst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What all partners of one process share."""

    clock: Clock = field(default_factory=Clock)
    store: SnapshotStore = field(default_factory=SnapshotStore)
    telemetry: Telemetry = field(default_factory=Telemetry)
    ledgers: Ledgers = field(default_factory=Ledgers)


def make_client(
    partner: PartnerConfig,
    config: Config,
    *,
    observe: Callable[[str, Outcome, float], None] = lambda _endpoint, _outcome, _seconds: None,
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
        observe=observe,
        customer_names=partner.customers.names,
        proxies_from_environment=not is_on_this_machine(config.api.base_url),
    )


class Partner:
    """One partner being polled. ``previous`` is the same one before a reload: its counters go on."""

    def __init__(
        self,
        partner: PartnerConfig,
        config: Config,
        environment: Environment,
        *,
        budget: Budget = DAEMON,
        previous: Partner | None = None,
    ) -> None:
        self._busy = threading.Lock()
        self._stopped = False
        self._store = environment.store
        observe = partial(environment.telemetry.request, partner.name)
        self._client = make_client(partner, config, observe=observe)
        self.poller: PartnerPoller = PartnerPoller(
            partner,
            config,
            client=self._client,
            ledgers=environment.ledgers,
            publish=self._publish,
            clock=environment.clock,
            budget=budget,
            previous=None if previous is None else previous.poller,
        )
        environment.telemetry.add_partner(partner.name, tuple(self.poller.snapshot.health))

    def poll(self) -> None:
        """Poll once."""
        with self._busy:
            self.poller.poll()

    @property
    def credentials_rotated(self) -> bool:
        """Whether the API refused the credentials, others have been put in their place, and it was not asked since."""
        return not self._busy.locked() and self._client.credentials_renewed

    def stop(self) -> None:
        """End a poll under way within moments, and all later ones; one that a disk holds up publishes nothing."""
        self._stopped = True
        self._client.cancel()

    def wait(self, seconds: float) -> bool:
        """Whether the poll under way, if any, ended within that time."""
        ended = self._busy.acquire(timeout=max(seconds, 0))
        if ended:
            self._busy.release()
        return ended

    def _publish(self, snapshot: Snapshot) -> None:
        # A partner who was removed meanwhile would stay on the page.
        if not self._stopped:
            self._store.publish(snapshot)


class Partners:
    """Those of one configuration. ``apply`` and ``stop`` are for one thread."""

    def __init__(self, environment: Environment, schedule: Schedule) -> None:
        self._environment = environment
        self._schedule = schedule
        self._partners: dict[str, Partner] = {}

    def apply(self, config: Config) -> None:
        """Poll these partners from now on, at once and then at their interval. Counters and values are kept."""
        previous, self._partners = self._partners, {}
        for name, partner in previous.items():
            self._schedule.remove(name)
            partner.stop()
        for partner in previous.values():
            partner.wait(HANDOVER)
        for name in previous.keys() - {configured.name for configured in config.partners}:
            self._environment.store.remove(name)
            self._environment.telemetry.remove_partner(name)
        for position, configured in enumerate(config.partners):
            partner = Partner(configured, config, self._environment, previous=previous.get(configured.name))
            self._partners[configured.name] = partner
            partner.poller.begin()
            delay = position * min(config.poll.interval / len(config.partners), FIRST_POLLS_APART)
            self._schedule.add(configured.name, partner.poll, interval=config.poll.interval, delay=delay)

    def check_credentials(self) -> None:
        """Poll partners at once whose refused credentials have been replaced. For any thread; call it every second."""
        for name, partner in tuple(self._partners.items()):
            if partner.credentials_rotated:
                self._schedule.run_now(name)

    def accept_usual(self, partner: str, lane: str) -> bool:
        """Take the present answer rate of a partner's direction or product as usual; False if there is no such lane."""
        found = self._partners.get(partner)
        return found is not None and found.poller.account.accept_usual(lane)

    def stop(self, seconds: float) -> bool:
        """End all polling; whether every poll under way ended within that time."""
        deadline = self._environment.clock.elapsed() + seconds
        for partner in self._partners.values():
            partner.stop()
        ended = [partner.wait(deadline - self._environment.clock.elapsed()) for partner in self._partners.values()]
        return all(ended)
