"""The exporter's own metrics: what it did, in registries of their own that live as long as the process.

Two of them, because they change at different times: requests are counted by polls, and only then; the process changes
all the time. A page can keep the first until the next poll, which matters with many partners: there are 50 series each.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence

import prometheus_client
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from exporter import __version__
from exporter.errors import Outcome
from exporter.metrics import CATALOGUE
from exporter.snapshot import ENDPOINTS

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; the default api.timeout is 10."""


class Telemetry:
    """Counters and gauges of the exporter itself. All methods may be called by any thread."""

    def __init__(self, *, revision: str = "unknown") -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.polls = CollectorRegistry()
        """Requests by partner: changed by polls alone."""
        self.process = CollectorRegistry(auto_describe=True)
        """Everything else."""
        ProcessCollector(registry=self.process)
        PlatformCollector(registry=self.process)
        GCCollector(registry=self.process)
        self._requests = Counter(*_described("vobiz_api_requests_total"), registry=self.polls)
        self._durations = Histogram(
            *_described("vobiz_api_request_duration_seconds"), buckets=BUCKETS, registry=self.polls
        )
        self._missed = Counter(*_described("vobiz_polls_missed_total"), registry=self.process)
        self._state_failures = Counter(*_described("vobiz_exporter_state_write_failures_total"), registry=self.process)
        self._reload_ok = Gauge(*_described("vobiz_exporter_config_last_reload_successful"), registry=self.process)
        self._reload_at = Gauge(
            *_described("vobiz_exporter_config_last_reload_success_timestamp_seconds"), registry=self.process
        )
        self._endpoints: dict[str, tuple[str, ...]] = {}
        build = Gauge(*_described("vobiz_exporter_build_info"), registry=self.process)
        build.labels(__version__, revision, platform.python_version()).set(1)

    def add_partner(self, partner: str, endpoints: Sequence[str] = ENDPOINTS) -> None:
        """Show every series of a partner from the start, at 0; of a known one, those of endpoints that are new."""
        for endpoint in endpoints:
            self._durations.labels(partner, endpoint)
            for outcome in Outcome:
                self._requests.labels(partner, endpoint, outcome.value)
        self._missed.labels(partner)
        for endpoint in set(self._endpoints.get(partner, ())).difference(endpoints):
            self._forget(partner, endpoint)
        self._endpoints[partner] = tuple(endpoints)

    def remove_partner(self, partner: str) -> None:
        """Drop the series of a partner who is no longer configured."""
        for endpoint in self._endpoints.pop(partner):
            self._forget(partner, endpoint)
        self._missed.remove(partner)

    def request(self, partner: str, endpoint: str, outcome: Outcome, seconds: float) -> None:
        """Count one request to the API."""
        self._requests.labels(partner, endpoint, outcome.value).inc()
        self._durations.labels(partner, endpoint).observe(seconds)

    def poll_missed(self, partner: str) -> None:
        """Count a poll that was left out because the one before had not ended."""
        self._missed.labels(partner).inc()

    def state_write_failed(self) -> None:
        """Count a write of the state that failed."""
        self._state_failures.inc()

    def reloaded(self, *, at: float) -> None:
        """The configuration was loaded, at this wall-clock time."""
        self._reload_ok.set(1)
        self._reload_at.set(at)

    def reload_failed(self) -> None:
        """The configuration was bad; the one before is still in use."""
        self._reload_ok.set(0)

    def _forget(self, partner: str, endpoint: str) -> None:
        self._durations.remove(partner, endpoint)
        for outcome in Outcome:
            self._requests.remove(partner, endpoint, outcome.value)


def _described(name: str) -> tuple[str, str, tuple[str, ...]]:
    metric = next(metric for metric in CATALOGUE if metric.name == name)
    return metric.name, metric.help, metric.labels
