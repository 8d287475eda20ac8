"""Samples as metric families, and the collector that hands them to prometheus_client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from exporter.metrics.catalogue import SNAPSHOT
from exporter.metrics.extras import distributions
from exporter.metrics.metric import Metric
from exporter.metrics.samples import samples
from exporter.poll.causes import Distribution
from exporter.poll.snapshot import Snapshot, SnapshotStore


def families(snapshots: Sequence[Snapshot], elapsed: float) -> Iterator[Family]:
    """The families of all snapshots, in the catalogue's order; one without samples is left out."""
    by_name: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for snapshot in snapshots:
        for name, labels, value in samples(snapshot, elapsed):
            by_name.setdefault(name, []).append((labels, value))
    histograms: dict[str, list[tuple[tuple[str, ...], Distribution]]] = {}
    for snapshot in snapshots:
        for name, labels, distribution in distributions(snapshot):
            histograms.setdefault(name, []).append((labels, distribution))
    for metric in SNAPSHOT:
        if metric.name in by_name:
            yield _family(metric, by_name[metric.name])
        elif metric.name in histograms:
            yield _histogram(metric, histograms[metric.name])


class SnapshotCollector(Collector):
    """Reads the store once per scrape; ``elapsed`` is the clock that ages are measured on."""

    def __init__(self, store: SnapshotStore, elapsed: Callable[[], float]) -> None:
        self._store = store
        self._elapsed = elapsed

    def collect(self) -> Iterable[Family]:
        """All families as of this moment."""
        return families(self._store.current(), self._elapsed())


def _family(metric: Metric, rows: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    family = Family(metric.name.removesuffix("_total"), metric.help, metric.kind)
    for labels, value in rows:
        family.add_sample(metric.name, dict(zip(metric.labels, labels, strict=True)), value)
    return family


def _histogram(metric: Metric, rows: Iterable[tuple[tuple[str, ...], Distribution]]) -> Family:
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, found in rows:
        bounds = (*map(floatToGoString, found.bounds), "+Inf")
        family.add_metric(labels, list(zip(bounds, accumulate(found.counts), strict=True)), found.total)
    return family
