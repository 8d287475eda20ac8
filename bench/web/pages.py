"""Pages of a given number of series, as prometheus_client renders them."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector


class _Gauges(Collector):
    def __init__(self, series: int) -> None:
        self._series = series

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "vobiz_period_calls", "Calls of a period.", labels=("partner", "period", "direction")
        )
        for number in range(self._series):
            family.add_metric((f"partner-{number // 10}", f"period-{number % 5}", "inbound"), number * 1.25)
        yield family


def registry_of(series: int) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Gauges(series))
    return registry


def gzipped_page(series: int) -> bytes:
    """The page in OpenMetrics, compressed once."""
    render: Callable[[CollectorRegistry], bytes] = generate_latest
    return gzip.compress(render(registry_of(series)), compresslevel=6, mtime=0)
