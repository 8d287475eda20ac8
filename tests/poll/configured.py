"""A partner polled through its real client, as configured, on a clock that tests set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.clock import Clock
from exporter.config.load import load_config
from exporter.daemon.partners import Environment
from exporter.daemon.partners import Partner as PolledPartner
from exporter.metrics.collector import SnapshotCollector
from exporter.poll.endpoint import DAEMON, Budget
from exporter.poll.snapshot import Health, Snapshot, SnapshotStore
from tests.poll.customers import Partner
from tests.rig.vobiz import ScriptedVobiz

WALL = 1_782_900_000.0
INTERVAL = 60.0


class Rig:
    """One partner being polled every minute. Samples are those that may be shown at its present time."""

    def __init__(self, partner: Partner, api: ScriptedVobiz, directory: Path, budget: Budget) -> None:
        self.partner = partner
        self.elapsed = 1000.0
        self.store = SnapshotStore()
        self.polled: PolledPartner | None = None
        self._api = api
        self._path = directory / "config.yaml"
        self._budget = budget
        self._environment = Environment(
            clock=Clock(wall=lambda: WALL + self.elapsed, elapsed=lambda: self.elapsed), store=self.store
        )

    def configure(self, extra: str) -> None:
        """As at the start, or after a reload."""
        self.close()
        self._path.write_text(
            "partners: [{name: acme, auth_id: PA_TEST0001, auth_token: t0ken}]\n"
            f"api: {{base_url: '{self._api.url}'}}\npoll: {{periods: [today]}}\n{extra}"
        )
        config = load_config(self._path, environ={})
        [partner] = config.partners
        self.polled = PolledPartner(partner, config, self._environment, budget=self._budget, previous=self.polled)
        self.polled.poller.begin()

    def poll(self, *, after: float = INTERVAL) -> list[str]:
        """Let time pass and poll; which extras were asked for: ``me``, or pages by number."""
        assert self.polled is not None
        self.elapsed += after
        asked = len(self._api.asked)
        self.polled.poll()
        extras = [(name, query) for name, query in self._api.asked[asked:] if name in ("me", "accounts", "cdrs")]
        return [query.get("page", name) for name, query in extras]

    @property
    def snapshot(self) -> Snapshot:
        [snapshot] = self.store.current()
        return snapshot

    def health(self, endpoint: str) -> Health:
        return self.snapshot.health[endpoint]

    def page(self) -> dict[str, dict[tuple[str, ...], float]]:
        """Every sample of the page: by name, and by the values of its labels other than the partner."""
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in SnapshotCollector(self.store, lambda: self.elapsed).collect():
            for sample in family.samples:
                labels = tuple(value for name, value in sample.labels.items() if name != "partner")
                found.setdefault(sample.name, {})[labels] = sample.value
        return found

    def value(self, name: str, *labels: str) -> float | None:
        """One sample; None if it is not there."""
        return self.page().get(name, {}).get(labels)

    def requests(self, endpoint: str, outcome: str) -> float | None:
        labels = {"partner": "acme", "endpoint": endpoint, "outcome": outcome}
        return self._environment.telemetry.polls.get_sample_value("vobiz_api_requests_total", labels)

    def close(self) -> None:
        if self.polled is not None:
            self.polled.stop()
            self.polled.wait(5)


@contextmanager
def rig_of(partner: Partner, directory: Path, extra: str, *, budget: Budget = DAEMON) -> Iterator[Rig]:
    """A rig with this part of a configuration, everything closed at the end of the block."""
    with ScriptedVobiz(partner.script) as api:
        rig = Rig(partner, api, directory, budget)
        rig.configure(extra)
        try:
            yield rig
        finally:
            rig.close()
