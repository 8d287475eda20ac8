"""Requests to the Vobiz API, counted by partner: how they ended, and how long they took.

Numbers instead of the client library's objects: those take 24 KiB a partner, and as long to collect as all of Vobiz's
figures.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from exporter.api.errors import Outcome
from exporter.metrics import Lines, Sample, metric_named

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; the default api.timeout is 10."""

_BOUNDS = tuple(floatToGoString(bound) for bound in (*BUCKETS, float("inf")))  # type: ignore[no-untyped-call]
_PLACES = {outcome: place for place, outcome in enumerate(Outcome)}
_REQUESTS = metric_named("vobiz_api_requests_total")
_DURATIONS = metric_named("vobiz_api_request_duration_seconds")


@dataclass(slots=True)
class _Counts:
    """Of one endpoint of one partner; ``buckets`` are not yet cumulative."""

    outcomes: list[int] = field(default_factory=lambda: [0] * len(_PLACES))
    buckets: list[int] = field(default_factory=lambda: [0] * len(_BOUNDS))
    seconds: float = 0.0


class RequestCounts(Collector):
    """All methods may be called by any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._counts: dict[tuple[str, str], _Counts] = {}

    def add(self, partner: str, endpoints: Sequence[str]) -> None:
        """Show every series of a partner from the start, at 0; of one who is known, drop those of other endpoints."""
        with self._guard:
            for key in [key for key in self._counts if key[0] == partner and key[1] not in endpoints]:
                del self._counts[key]
            for endpoint in endpoints:
                self._counts.setdefault((partner, endpoint), _Counts())

    def remove(self, partner: str) -> None:
        """Drop the series of a partner."""
        with self._guard:
            for key in [key for key in self._counts if key[0] == partner]:
                del self._counts[key]

    def count(self, partner: str, endpoint: str, outcome: Outcome, seconds: float) -> None:
        """Count one request."""
        with self._guard:
            counts = self._counts.setdefault((partner, endpoint), _Counts())
            counts.outcomes[_PLACES[outcome]] += 1
            counts.buckets[bisect_left(BUCKETS, seconds)] += 1
            counts.seconds += seconds

    def collect(self) -> Iterator[Family]:
        """Both families as of this moment."""
        requests, durations = self.describe()
        for labels, counts in self._counted():
            for outcome, number in zip(_PLACES, counts.outcomes, strict=True):
                requests.add_metric((*labels, outcome.value), number)
            buckets = list(zip(_BOUNDS, accumulate(counts.buckets), strict=True))
            durations.add_metric(labels, buckets, counts.seconds)
        yield requests
        yield durations

    def lines(self) -> Lines:
        """The same as lines, partner after partner."""
        lines = Lines()
        lines.add(self.samples())
        return lines

    def samples(self) -> Iterator[Sample]:
        """The same as samples."""
        requests, durations = _REQUESTS.name, _DURATIONS.name
        for labels, counts in self._counted():
            for outcome, number in zip(_PLACES, counts.outcomes, strict=True):
                yield requests, (*labels, outcome.value), number
            for bound, number in zip(_BOUNDS, accumulate(counts.buckets), strict=True):
                yield f"{durations}_bucket", (*labels, bound), number
            yield f"{durations}_count", labels, sum(counts.buckets)
            yield f"{durations}_sum", labels, counts.seconds

    def _counted(self) -> list[tuple[tuple[str, str], _Counts]]:
        """Copies: a page that is rendered meanwhile must not show half of a request."""
        with self._guard:
            return [
                (labels, _Counts(list(counts.outcomes), list(counts.buckets), counts.seconds))
                for labels, counts in self._counts.items()
            ]

    def describe(self) -> tuple[CounterMetricFamily, HistogramMetricFamily]:
        """Both families, empty: so that a page can be restricted to one of them."""
        return (
            CounterMetricFamily(_REQUESTS.name.removesuffix("_total"), _REQUESTS.help, labels=_REQUESTS.labels),
            HistogramMetricFamily(_DURATIONS.name, _DURATIONS.help, labels=_DURATIONS.labels),
        )
