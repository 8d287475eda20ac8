"""Past days: from an answer of the API, kept while the others are fetched, and written as OpenMetrics."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from functools import partial
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from exporter.api.model import Report, Window
from exporter.files import write_atomically
from exporter.metrics.catalogue import PERIODS
from exporter.metrics.metric import Metric, Sample
from exporter.metrics.samples import period_samples
from exporter.poll.periods import TODAY

_END_OF_DAY = time(23, 59, 59, tzinfo=timezone.utc)
"""The server states dates without a time zone, and its time stamps are UTC: so the day is taken to end there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One past day of one partner, as ``/metrics`` would have shown it at the day's end.

    ``samples`` as :mod:`exporter.metrics.samples` has them.
    """

    partner: str
    day: date
    samples: tuple[Sample, ...]

    @property
    def timestamp(self) -> float:
        """The last second of the day, in seconds since the epoch."""
        return datetime.combine(self.day, _END_OF_DAY).timestamp()


_DAY = msgspec.json.Decoder(Day)


def day_of_report(partner: str, day: date, report: Report) -> Day:
    """A day from an answer of ``/analytics`` for just this day."""
    return Day(partner=partner, day=day, samples=tuple(period_samples(partner, TODAY, report)))


def days_of_dashboard(partner: str, report: Report) -> tuple[Day, ...]:
    """The complete days that one answer of ``/dashboard`` holds; they have no products, and no cost by direction."""
    if report.window is None or report.days is None:
        return ()
    return tuple(
        day_of_report(
            partner,
            row.day,
            Report(
                window=Window(first=row.day, last=row.day),
                currency=report.currency,
                total=row.total,
                directions=(("inbound", row.inbound), ("outbound", row.outbound)),
            ),
        )
        for row in report.days
        if row.day < report.window.last
    )


class Journal:
    """Days fetched so far, one JSON line each, kept beside the output until that is complete, so that the next run of
    an interrupted backfill goes on from there. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.days = {(day.partner, day.day): day for day in _read(path)}
        self._file = open(path, "ab", opener=partial(os.open, mode=0o600))  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._file.close()
        if not self.days:
            self._path.unlink(missing_ok=True)

    def add(self, day: Day) -> None:
        """Keep a day, at once: the next moment may be a Ctrl-C."""
        self._file.write(msgspec.json.encode(day) + b"\n")
        self._file.flush()
        self.days[day.partner, day.day] = day

    def discard(self) -> None:
        """The output is complete: the next backfill asks again, as late records may have changed a day since."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _read(path: Path) -> Collection[Day]:
    """A line that cannot be read, such as the last one of a killed run, is a day to fetch again."""
    days = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            days.append(_DAY.decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return days


def write_openmetrics(path: Path, days: Iterable[Day], labels: Mapping[str, str]) -> None:
    """Write all samples with their timestamps, each series in the order of time, in one step.

    ``labels`` are added to every series: those that Prometheus adds when it scrapes (``job``, ``instance``), without
    which the past and the present would be different series. Raises OSError.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Days(sorted(days, key=lambda day: (day.partner, day.day)), labels))
    umask = os.umask(0)
    os.umask(umask)
    write_atomically(path, generate_latest(registry), mode=0o644 & ~umask)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, eq=False)
class _Days(Collector):
    _days: Sequence[Day]
    _labels: Mapping[str, str]

    def collect(self) -> Iterable[Family]:
        return [family for family in map(self._family, PERIODS) if family.samples]

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
