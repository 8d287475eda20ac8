"""Past days: from an answer of the API, kept while the others are fetched, and written as OpenMetrics."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
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
from exporter.poll.analytics import TODAY

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
    an interrupted backfill goes on from there. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.days: dict[tuple[str, date], Day] = {}
        for line in path.read_bytes().splitlines() if path.exists() else ():
            # One that cannot be read, such as the last one of a killed run, is a day to fetch again.
            with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                day = _DAY.decode(line)
                self.days[day.partner, day.day] = day

    def add(self, day: Day) -> None:
        """Keep a day, at once: the next moment may be a Ctrl-C."""
        with open(self._path, "ab", opener=partial(os.open, mode=0o600)) as file:
            file.write(msgspec.json.encode(day) + b"\n")
        self.days[day.partner, day.day] = day

    def discard(self) -> None:
        """The output is complete: the next backfill asks again, as late records may have changed a day since."""
        self._path.unlink(missing_ok=True)


def write_openmetrics(path: Path, days: Collection[Day], labels: Mapping[str, str]) -> None:
    """Write all samples with their timestamps, each series in the order of time, in one step.

    ``labels`` are added to every series: those that Prometheus adds when it scrapes (``job``, ``instance``), without
    which the past and the present would be different series. Raises OSError.
    """
    families = (_family(metric, days, labels) for metric in PERIODS)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families([family for family in families if family.samples]))
    umask = os.umask(0)
    os.umask(umask)
    write_atomically(path, generate_latest(registry), mode=0o644 & ~umask)  # type: ignore[no-untyped-call]


def _family(metric: Metric, days: Collection[Day], labels: Mapping[str, str]) -> GaugeMetricFamily:
    """Samples of one series stand together: OpenMetrics wants that, and promtool reads it faster."""
    family = GaugeMetricFamily(metric.name, metric.help, labels=(*metric.labels, *labels))
    samples = ((day.timestamp, sample) for day in days for sample in day.samples)
    for values, timestamp, value in sorted((of, at, value) for at, (name, of, value) in samples if name == metric.name):
        family.add_metric((*values, *labels.values()), value, timestamp=timestamp)
    return family


@dataclass(frozen=True, slots=True, eq=False)
class _Families(Collector):
    families: Sequence[Family]

    def collect(self) -> Iterable[Family]:
        return self.families
