"""``vobiz-exporter backfill``: past days for Prometheus."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryFile

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, Outcome
from exporter.api.model import Report, Window
from exporter.commands import show_progress
from exporter.commands.past_days import Day, Journal, day_of_report, days_of_dashboard, write_openmetrics
from exporter.config import Config, PartnerConfig, load_config
from exporter.config.errors import StartError
from exporter.daemon import make_client
from exporter.files import require_regular

SECONDS_BETWEEN_REQUESTS = 0.5
"""The API's limits are not published."""

MAX_TRIES = 5
MAY_PASS = (Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.TIMEOUT)
"""Failures after which a day is asked for again."""

DEFAULT_RETENTION_DAYS = 15
"""``--storage.tsdb.retention.time`` of a Prometheus where it is not set."""


class BackfillError(Exception):
    """A day could not be had; one line that says why."""


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write the days asked for; 0 if all are there. Raises ConfigError and StartError."""
    config = load_config(args.config_file, environ=environ)
    journal_path = args.output.with_name(args.output.name + ".resume")
    try:
        _require_writable(args.output)
        journal = Journal(journal_path)
        for partner in config.partners:
            _backfill_partner(partner, config, args.first, args.to, journal)
        days = journal.days.values()
        write_openmetrics(args.output, days, dict(args.label))
        journal.discard()
    except OSError as error:
        raise StartError(f"--output {args.output}: {error.strerror}; give a file that can be written") from None
    except (BackfillError, KeyboardInterrupt) as error:
        problem = str(error) or "interrupted"
        if journal_path.exists():
            problem += f"\nwhat was fetched is kept in {journal_path}; run the same command to go on"
        raise StartError(problem) from None
    print(_next_steps(args.output, days), file=sys.stderr)
    return 0


def _require_writable(output: Path) -> None:
    """Raises OSError, before the first request and not after the last."""
    require_regular(output)
    with TemporaryFile(dir=output.parent):
        pass


def _backfill_partner(
    partner: PartnerConfig, config: Config, first: date | None, last: date | None, journal: Journal
) -> None:
    client = make_client(partner, config)
    try:
        report = client.dashboard()
    except ApiError as error:
        raise BackfillError(f"{partner.name}: {error}") from None
    if first is None:
        for day in days_of_dashboard(partner.name, report):
            journal.add(day)
        return
    last = _last_day(partner.name, report, last)
    if first > last:
        raise StartError(
            f"--from={first}: {partner.name} has no complete day from then on; the last complete one is {last}"
        )
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    missing = [day for day in wanted if (partner.name, day) not in journal.days]
    for number, wanted_day in enumerate(missing, len(wanted) - len(missing) + 1):
        journal.add(_fetch(partner.name, client, wanted_day))
        show_progress(partner.name, number / len(wanted), f"{number}/{len(wanted)} {wanted_day}")
        if number < len(wanted):
            time.sleep(SECONDS_BETWEEN_REQUESTS)


def _last_day(partner: str, report: Report, asked: date | None) -> date:
    """No later than the server's yesterday: today is not over, and its calls would be taken for the whole day's."""
    if report.window is None:
        raise BackfillError(
            f"{partner}: /dashboard does not say which day the server has; nothing can be called complete"
        )
    yesterday = report.window.last - timedelta(days=1)
    return yesterday if asked is None else min(asked, yesterday)


def _fetch(partner: str, client: PartnerClient, day: date) -> Day:
    """One day. Raises BackfillError if the API will not give it, or gives it wrongly."""
    for wait in (*(2.0**tries for tries in range(1, MAX_TRIES)), None):
        try:
            report = client.analytics(day, day)
            break
        except ApiError as error:
            if error.outcome not in MAY_PASS:
                raise BackfillError(f"{partner}, {day}: {error}") from None
            if wait is None:
                raise BackfillError(f"{partner}, {day}, tried {MAX_TRIES} times: {error}") from None
            limited = error.outcome is Outcome.RATE_LIMITED
            time.sleep((error.retry_after or 15 * wait) if limited else wait)
    if report.window not in (None, Window(first=day, last=day)):
        raise BackfillError(f"{partner}, {day}: the API answered for other days; ask Vobiz how far back it goes")
    return day_of_report(partner, day, report)


def _next_steps(output: Path, days: Collection[Day]) -> str:
    """What to do with the file; last, what Prometheus and Debian do without a word."""
    oldest = f", and the oldest here is {min(day.day for day in days)}" if days else ""
    return (
        f"{output}: {len(days)} days. Next, on the Prometheus server, as the user that Prometheus runs as:\n"
        f"  promtool tsdb create-blocks-from openmetrics {output} DATA_DIRECTORY\n"
        f"Prometheus deletes what is older than its retention, {DEFAULT_RETENTION_DAYS} days by default{oldest}: raise "
        "--storage.tsdb.retention.time first; on Debian, DATA_DIRECTORY is /var/lib/prometheus/metrics2 and its owner "
        "is prometheus"
    )
