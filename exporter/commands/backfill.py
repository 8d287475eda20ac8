"""``vobiz-exporter backfill``: past days for Prometheus."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, RateLimited, RequestTimeout, ServerError
from exporter.api.model import Report, Window
from exporter.commands.past_days import Day, Journal, day_of_report, days_of_dashboard, write_openmetrics
from exporter.config import Config, PartnerConfig, load_config
from exporter.config.errors import StartError
from exporter.daemon import make_client

SECONDS_BETWEEN_REQUESTS = 0.5
"""The API's limits are not published."""

MAX_TRIES = 5
MAX_WAIT = 900.0
"""Seconds before a day is asked for again."""

DEFAULT_RETENTION_DAYS = 15
"""``--storage.tsdb.retention.time`` of a Prometheus that is not told otherwise."""


class BackfillError(Exception):
    """A day could not be had; one line that says why."""


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write the days asked for; 0 if all are there. Raises ConfigError and StartError."""
    config = load_config(args.config_file, environ=environ)
    journal_path = args.output.with_name(args.output.name + ".resume")
    try:
        with Journal(journal_path) as journal:
            for partner in config.partners:
                _backfill_partner(partner, config, args.first, args.to, journal)
            days = list(journal.days.values())
            write_openmetrics(args.output, days, dict(args.label))
            journal.discard()
    except OSError as error:
        raise StartError(f"--output {args.output}: {error.strerror}; give a file that can be written") from None
    except BackfillError as error:
        raise StartError(_resumable(str(error), journal_path)) from None
    except KeyboardInterrupt:
        raise StartError(_resumable("interrupted", journal_path)) from None
    print(_next_steps(args.output, days), file=sys.stderr)
    return 0


def _backfill_partner(
    partner: PartnerConfig, config: Config, first: date | None, last: date | None, journal: Journal
) -> None:
    with closing(make_client(partner, config)) as client:
        report = _dashboard(partner.name, client)
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
        progress = Progress(partner.name, done=len(wanted) - len(missing), total=len(wanted))
        try:
            for fetched in fetch_days(partner.name, client, missing, sleep=time.sleep):
                journal.add(fetched)
                progress.step(fetched)
        finally:
            progress.end()


def _dashboard(partner: str, client: PartnerClient) -> Report:
    try:
        return client.dashboard()
    except ApiError as error:
        raise BackfillError(f"{partner}: {error}") from None


def _last_day(partner: str, report: Report, asked: date | None) -> date:
    """No later than the server's yesterday: today is not over, and its calls would be taken for the whole day's."""
    if report.window is None:
        raise BackfillError(
            f"{partner}: /dashboard does not say which day the server has; nothing can be called complete"
        )
    yesterday = report.window.last - timedelta(days=1)
    return yesterday if asked is None else min(asked, yesterday)


def fetch_days(
    partner: str, client: PartnerClient, days: Sequence[date], *, sleep: Callable[[float], None]
) -> Iterator[Day]:
    """Each day in turn. Raises :class:`BackfillError` for a day that the API will not give, or gives wrongly."""
    for number, day in enumerate(days):
        if number:
            sleep(SECONDS_BETWEEN_REQUESTS)
        yield _fetch(partner, client, day, sleep)


def _fetch(partner: str, client: PartnerClient, day: date, sleep: Callable[[float], None]) -> Day:
    for wait in (2.0**tries for tries in range(1, MAX_TRIES)):
        try:
            return _ask(partner, client, day)
        except RateLimited as error:
            sleep(min(error.retry_after if error.retry_after is not None else 15 * wait, MAX_WAIT))
        except (ServerError, RequestTimeout):
            sleep(wait)
        except ApiError as error:
            raise BackfillError(f"{partner}, {day}: {error}") from None
    try:
        return _ask(partner, client, day)
    except ApiError as error:
        raise BackfillError(f"{partner}, {day}, tried {MAX_TRIES} times: {error}") from None


def _ask(partner: str, client: PartnerClient, day: date) -> Day:
    report = client.analytics(day, day)
    if report.window not in (None, Window(first=day, last=day)):
        raise BackfillError(f"{partner}, {day}: the API answered for other days; ask Vobiz how far back it goes")
    return day_of_report(partner, day, report)


def _resumable(problem: str, journal: Path) -> str:
    if not journal.exists():
        return problem
    return f"{problem}\nwhat was fetched is kept in {journal}; run the same command to go on"


class Progress:
    """A bar on a terminal; on anything else nothing but the last line."""

    WIDTH = 40

    def __init__(self, partner: str, *, done: int, total: int) -> None:
        self._partner = partner
        self._done = done
        self._total = max(total, 1)

    def step(self, day: Day) -> None:
        """One more day is there."""
        self._done += 1
        if sys.stderr.isatty():
            filled = self.WIDTH * self._done // self._total
            bar = "#" * filled + "." * (self.WIDTH - filled)
            print(
                f"\r{self._partner} [{bar}] {self._done}/{self._total} {day.day}", end="", file=sys.stderr, flush=True
            )

    def end(self) -> None:
        """Leave the bar's line."""
        if sys.stderr.isatty():
            print(file=sys.stderr)


def _next_steps(output: Path, days: Sequence[Day]) -> str:
    """What to do with the file; last, what Prometheus and Debian do without a word."""
    oldest = f", and the oldest here is {min(day.day for day in days)}" if days else ""
    return (
        f"{output}: {len(days)} days. Next, on the Prometheus server, as the user that Prometheus runs as:\n"
        f"  promtool tsdb create-blocks-from openmetrics {output} DATA_DIRECTORY\n"
        f"Prometheus deletes what is older than its retention, {DEFAULT_RETENTION_DAYS} days by default{oldest}: raise "
        "--storage.tsdb.retention.time first; on Debian, DATA_DIRECTORY is /var/lib/prometheus/metrics2 and its owner "
        "is prometheus"
    )
