"""Samples as metric families, and the collector that hands them to prometheus_client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from exporter.metrics.catalogue import SNAPSHOT
from exporter.metrics.metric import Metric
from exporter.metrics.samples import Value, samples
from exporter.poll.causes import Distribution
from exporter.poll.snapshot import SnapshotStore


@dataclass(frozen=True, slots=True, eq=False)
class Families(Collector):
    """Families that are there already, to be written out once."""

    families: Sequence[Family]

    def collect(self) -> Sequence[Family]:
        """All of them."""
        return self.families


class SnapshotCollector(Collector):
    """Reads the store once per scrape; ``elapsed`` is the clock that ages are measured on."""

    def __init__(self, store: SnapshotStore, elapsed: Callable[[], float]) -> None:
        self._store = store
        self._elapsed = elapsed

    def collect(self) -> Iterable[Family]:
        """The families of all snapshots, in the catalogue's order; one without samples is left out."""
        by_name: dict[str, list[tuple[tuple[str, ...], Value]]] = defaultdict(list)
        elapsed = self._elapsed()
        for snapshot in self._store.current():
            for name, labels, value in samples(snapshot, elapsed):
                if value is not None:
                    by_name[name].append((labels, value))
        return (_family(metric, by_name[metric.name]) for metric in SNAPSHOT if metric.name in by_name)


def _family(metric: Metric, rows: Iterable[tuple[tuple[str, ...], Value]]) -> Family:
    family = Family(metric.name.removesuffix("_total"), metric.help, metric.kind)
    histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, value in rows:
        if isinstance(value, Distribution):
            bounds = (*map(floatToGoString, value.bounds), "+Inf")
            histogram.add_metric(labels, list(zip(bounds, accumulate(value.counts), strict=True)), value.total)
        else:
            family.add_sample(metric.name, dict(zip(metric.labels, labels, strict=True)), float(value))
    return histogram if metric.kind == "histogram" else family
