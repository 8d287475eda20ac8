"""All configured partners: polled on a schedule, and changed by a reload without losing what was counted."""

from __future__ import annotations

import logging

from exporter.clock import Clock
from exporter.config import Config, PartnerConfig
from exporter.extras import endpoints_of
from exporter.metrics.telemetry import Telemetry
from exporter.poll.books import Books
from exporter.poll.snapshot import SnapshotStore
from exporter.schedule import Schedule
from exporter.state import StateFile
from exporter.wiring import Runner, make_runner

log = logging.getLogger(__name__)

HANDOVER = 5.0
"""Seconds that a poll under way is given to end when its partner is changed or removed."""


class Fleet:
    """The runners of all partners. ``apply`` and ``stop`` are for one thread."""

    def __init__(
        self,
        *,
        store: SnapshotStore,
        telemetry: Telemetry,
        schedule: Schedule,
        state: StateFile | None,
        clock: Clock,
        proxies_from_environment: bool = True,
    ) -> None:
        self._store = store
        self._telemetry = telemetry
        self._schedule = schedule
        self._state = state
        self._clock = clock
        self._proxies_from_environment = proxies_from_environment
        self._runners: dict[str, Runner] = {}

    def apply(self, config: Config) -> None:
        """Poll these partners from now on, at once and then at their interval. Counters and figures are kept."""
        configured = {partner.name for partner in config.partners}
        before = self._runners
        self._retire(list(before.values()), list(before))
        for name in before.keys() - configured:
            self._store.remove(name)
            self._telemetry.remove_partner(name)
        previous = {snapshot.partner: snapshot for snapshot in self._store.current()}
        self._runners = {}
        for position, partner in enumerate(config.partners):
            books = self._books(partner, before.get(partner.name))
            known = partner.name in before and books is before[partner.name].books
            runner = make_runner(
                partner,
                config,
                books=books,
                publish=self._store.publish,
                telemetry=self._telemetry,
                clock=self._clock,
                proxies_from_environment=self._proxies_from_environment,
                # another account under the same name has other figures
                previous=previous.get(partner.name) if known else None,
            )
            self._telemetry.add_partner(partner.name, endpoints_of(partner))
            self._runners[partner.name] = runner
            runner.poller.begin()
            self._schedule.add(
                partner.name,
                runner.poll,
                interval=config.poll.interval,
                position=position,
                of=len(config.partners),
            )

    def heed_credentials(self) -> None:
        """Poll partners at once whose refused credentials have been replaced. For any thread; call it every second."""
        for name, runner in tuple(self._runners.items()):
            if runner.may_work_again:
                log.info("credentials were replaced, polling now", extra={"partner": name})
                self._schedule.hurry(name)

    def stop(self, seconds: float) -> bool:
        """End all polling; whether every poll under way ended within that time."""
        for runner in self._runners.values():
            runner.stop()
        deadline = self._clock.elapsed() + seconds
        ended = [runner.wait(deadline - self._clock.elapsed()) for runner in self._runners.values()]
        return all(ended)

    def _retire(self, runners: list[Runner], names: list[str]) -> None:
        for name in names:
            self._schedule.remove(name)
        for runner in runners:
            runner.stop()
        for runner in runners:
            runner.wait(HANDOVER)

    def _books(self, partner: PartnerConfig, before: Runner | None) -> Books:
        auth_id = partner.auth_id.current()
        if before is not None and before.books.auth_id == auth_id:
            return before.books
        return Books(
            partner=partner.name,
            auth_id=auth_id,
            store=self._state,
            on_failure=self._telemetry.state_write_failed,
        )
