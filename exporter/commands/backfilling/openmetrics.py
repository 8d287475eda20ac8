"""Days as an OpenMetrics file for ``promtool tsdb create-blocks-from openmetrics``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from exporter.commands.backfilling.days import Day
from exporter.metrics.catalogue import PERIODS
from exporter.metrics.metric import Metric


def write_openmetrics(path: Path, days: Iterable[Day], labels: Mapping[str, str]) -> None:
    """Write all samples with their timestamps, each series in the order of time, in one step.

    ``labels`` are added to every series: those that Prometheus adds when it scrapes (``job``, ``instance``), without
    which the past and the present would be different series. Raises OSError.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Days(sorted(days, key=lambda day: (day.partner, day.day)), labels))
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        aside.unlink(missing_ok=True)
        # Readable as the umask has it, but never writable by others; nobody's link is followed.
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(generate_latest(registry))  # type: ignore[no-untyped-call]
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


class _Days(Collector):
    def __init__(self, days: Iterable[Day], labels: Mapping[str, str]) -> None:
        self._days = tuple(days)
        self._labels = labels

    def collect(self) -> Iterable[Family]:
        for metric in PERIODS:
            family = self._family(metric)
            if family.samples:
                yield family

    def _family(self, metric: Metric) -> GaugeMetricFamily:
        """Samples of one series stand together: OpenMetrics wants that, and promtool reads it faster."""
        series: dict[tuple[str, ...], list[tuple[float, float]]] = {}
        for day in self._days:
            for name, values, value in day.samples:
                if name == metric.name:
                    series.setdefault(values, []).append((day.timestamp, value))
        family = GaugeMetricFamily(metric.name, metric.help, labels=(*metric.labels, *self._labels))
        for values, points in series.items():
            for timestamp, value in points:
                family.add_metric((*values, *self._labels.values()), value, timestamp=timestamp)
        return family
