"""The exporter's own metrics, in registries that live as long as the process.

Two of them, because requests are counted by polls alone, while the process changes all the time: the bytes of the first
are kept until the next poll, 50 series a partner.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from exporter import __version__
from exporter.api.errors import Outcome
from exporter.metrics.catalogue import METRICS
from exporter.poll.snapshot import ENDPOINTS

DURATION_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; the default api.timeout is 10."""

LATENESS_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds; a poll that starts within one of them is in time."""


class Telemetry:
    """Counters and gauges of the exporter itself. All methods may be called by any thread."""

    def __init__(self, *, revision: str = "unknown") -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.polls = CollectorRegistry(auto_describe=True)
        """Requests by partner: changed by polls alone."""
        self.process = CollectorRegistry(auto_describe=True)
        """Everything else."""
        self._endpoints: dict[str, frozenset[str]] = {}
        self._requests = Counter(*_of("vobiz_api_requests_total"), registry=self.polls)
        self._durations = Histogram(
            *_of("vobiz_api_request_duration_seconds"), buckets=DURATION_BUCKETS, registry=self.polls
        )
        prometheus_client.ProcessCollector(registry=self.process)
        prometheus_client.PlatformCollector(registry=self.process)
        prometheus_client.GCCollector(registry=self.process)
        lateness = Histogram(*_of("vobiz_poll_lateness_seconds"), buckets=LATENESS_BUCKETS, registry=self.process)
        self.poll_late = lateness.observe
        """Note the seconds by which a poll started after its time."""
        self._missed = Counter(*_of("vobiz_polls_missed_total"), registry=self.process)
        failures = Counter(*_of("vobiz_exporter_state_write_failures_total"), registry=self.process)
        self.state_write_failed: Callable[[], None] = failures.inc
        """Count a write of the state that failed."""
        self._reload_ok = Gauge(*_of("vobiz_exporter_config_last_reload_successful"), registry=self.process)
        self._reload_at = Gauge(
            *_of("vobiz_exporter_config_last_reload_success_timestamp_seconds"), registry=self.process
        )
        build = Gauge(*_of("vobiz_exporter_build_info"), registry=self.process)
        build.labels(__version__, revision, platform.python_version()).set(1)

    def add_partner(self, partner: str, endpoints: Sequence[str] = ENDPOINTS) -> None:
        """Show every series of a partner from the start, at 0, for the endpoints that its polls ask, and no others."""
        for endpoint in self._endpoints.get(partner, frozenset()).difference(endpoints):
            self._remove_endpoint(partner, endpoint)
        self._endpoints[partner] = frozenset(endpoints)
        for endpoint in endpoints:
            self._durations.labels(partner, endpoint)
            for outcome in Outcome:
                self._requests.labels(partner, endpoint, outcome.value)
        self._missed.labels(partner)

    def remove_partner(self, partner: str) -> None:
        """Drop the series of a partner who is no longer configured."""
        for endpoint in self._endpoints.pop(partner, ()):
            self._remove_endpoint(partner, endpoint)
        self._missed.remove(partner)

    def _remove_endpoint(self, partner: str, endpoint: str) -> None:
        self._durations.remove(partner, endpoint)
        for outcome in Outcome:
            self._requests.remove(partner, endpoint, outcome.value)

    def request(self, partner: str, endpoint: str, outcome: Outcome, seconds: float) -> None:
        """Count one request to the API."""
        self._requests.labels(partner, endpoint, outcome.value).inc()
        self._durations.labels(partner, endpoint).observe(seconds)

    def poll_missed(self, partner: str, polls: int) -> None:
        """Count polls that were left out."""
        self._missed.labels(partner).inc(polls)

    def reloaded(self, *, at: float) -> None:
        """The configuration was loaded, at this wall-clock time."""
        self._reload_ok.set(1)
        self._reload_at.set(at)

    def reload_failed(self) -> None:
        """The configuration was bad; the previous one is still in use."""
        self._reload_ok.set(0)


def _of(name: str) -> tuple[str, str, tuple[str, ...]]:
    metric = METRICS[name]
    return name, metric.help, metric.labels
