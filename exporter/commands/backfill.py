"""``vobiz-exporter backfill``: past days for Prometheus, each as ``/metrics`` would have shown it at the day's end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from time import sleep

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, Outcome
from exporter.api.model import Report, Window
from exporter.commands.output import check_output, show_progress, write_output
from exporter.config.errors import StartError
from exporter.config.load import load_config
from exporter.daemon.partners import make_client
from exporter.metrics.catalogue import PERIODS
from exporter.metrics.collector import Families
from exporter.metrics.metric import Metric, Sample
from exporter.metrics.samples import period_samples
from exporter.poll.analytics import TODAY

SECONDS_BETWEEN_REQUESTS = 0.5
"""The API's limits are not published."""

MAY_PASS = (Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.TIMEOUT)
"""Failures after which a day is asked for again."""

WAITS = (2.0, 4.0, 8.0, 16.0)
"""Seconds before that, unless the API asks for longer."""

END_OF_DAY = time(23, 59, 59, tzinfo=timezone.utc)
"""The server states dates without a time zone, and its time stamps are UTC: so the day is taken to end there."""


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write the days asked for; 0 if all are there. Raises ConfigError and StartError, then with the days so far."""
    config = load_config(args.config_file, environ=environ)
    clients = {partner.name: make_client(partner, config) for partner in config.partners}
    check_output(args.output)
    complete = [_last_complete(partner, client, args.first) for partner, client in clients.items()]
    count = (min([args.to or date.max, *complete]) - args.first).days + 1 if complete else 0
    wanted = [args.first + timedelta(days=number) for number in range(count)]
    samples: list[tuple[date, Sample]] = []
    for number, day in enumerate(wanted, 1):
        try:
            of_day: list[Sample] = []
            for partner, client in clients.items():
                of_day += period_samples(partner, TODAY, _fetch(partner, client, day))
                sleep(SECONDS_BETWEEN_REQUESTS)
            samples += [(day, sample) for sample in of_day]
        except (StartError, KeyboardInterrupt) as error:
            problem = str(error) or "interrupted"
            if samples:
                _write(args.output, samples, dict(args.label))
                problem += f"\n{args.output} has the days before {day}; go on with --from={day} and another --output"
            raise StartError(problem) from None
        show_progress("backfill", number / len(wanted), f"{number}/{len(wanted)} {day}")
    _write(args.output, samples, dict(args.label))
    print(
        f"{args.output}: {len(wanted)} days. Next, on the Prometheus server, as the user that Prometheus runs as:\n"
        f"  promtool tsdb create-blocks-from openmetrics {args.output} DATA_DIRECTORY\n"
        "Prometheus deletes what is older than its retention, 15 days by default, and the oldest here is "
        f"{args.first}: raise --storage.tsdb.retention.time first; on Debian, DATA_DIRECTORY is "
        "/var/lib/prometheus/metrics2 and its owner is prometheus",
        file=sys.stderr,
    )
    return 0


def _last_complete(partner: str, client: PartnerClient, first: date) -> date:
    """The server's yesterday: today is not over, and its calls would be taken for the whole day's."""
    try:
        window = client.dashboard().window
    except ApiError as error:
        raise StartError(f"{partner}: {error}") from None
    if window is None:
        raise StartError(f"{partner}: /dashboard does not say which day the server has; nothing can be called complete")
    last = window.last - timedelta(days=1)
    if first > last:
        problem = f"{partner} has no complete day from then on; the last complete one is {last}"
        raise StartError(f"--from={first}: {problem}")
    return last


def _fetch(partner: str, client: PartnerClient, day: date) -> Report:
    """One day. Raises StartError if the API will not give it, or gives it wrongly."""
    for wait in (*WAITS, None):
        try:
            report = client.analytics(day, day)
            break
        except ApiError as error:
            if wait is None or error.outcome not in MAY_PASS:
                tried = f", tried {len(WAITS) + 1} times" if wait is None else ""
                raise StartError(f"{partner}, {day}{tried}: {error}") from None
            limited = error.outcome is Outcome.RATE_LIMITED
            sleep((error.retry_after or 15 * wait) if limited else wait)
    if report.window not in (None, Window(first=day, last=day)):
        raise StartError(f"{partner}, {day}: the API answered for other days; ask Vobiz how far back it goes")
    return report


def _write(path: Path, samples: Sequence[tuple[date, Sample]], labels: Mapping[str, str]) -> None:
    """Write all samples with their timestamps, each series in the order of time, in one step. Raises StartError.

    ``labels`` are added to every series: those that Prometheus adds when it scrapes (``job``, ``instance``), without
    which the past and the present would be different series.
    """
    families = [_family(metric, samples, labels) for metric in PERIODS]
    umask = os.umask(0)
    os.umask(umask)
    text = generate_latest(Families([family for family in families if family.samples]))  # type: ignore[no-untyped-call]
    write_output(path, text, mode=0o644 & ~umask)


def _family(metric: Metric, samples: Sequence[tuple[date, Sample]], labels: Mapping[str, str]) -> GaugeMetricFamily:
    """Samples of one series stand together: OpenMetrics wants that, and promtool reads it faster."""
    family = GaugeMetricFamily(metric.name, metric.help, labels=(*metric.labels, *labels))
    for of, day, value in sorted((of, day, value) for day, (name, of, value) in samples if name == metric.name):
        family.add_metric((*of, *labels.values()), value, timestamp=datetime.combine(day, END_OF_DAY).timestamp())
    return family
