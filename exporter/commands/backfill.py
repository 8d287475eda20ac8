"""``vobiz-exporter backfill``: past days for Prometheus."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, StartError
from exporter.api.model import Report
from exporter.api.reports import parse_dashboard
from exporter.commands.backfilling import BackfillError, Day, Journal, days_of_dashboard, fetch_days, write_openmetrics
from exporter.config import Config, PartnerConfig, load_config
from exporter.wiring import make_client


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
    _tell(args.output, len(days))
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
        wanted = list(_days(first, last))
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
        return client.dashboard(parse_dashboard)
    except ApiError as error:
        raise BackfillError(f"{partner}: {error}") from None


def _last_day(partner: str, report: Report, asked: date | None) -> date:
    """No later than the server's yesterday: today is not over, and its figure would be taken for the whole day's."""
    if report.window is None:
        raise BackfillError(
            f"{partner}: /dashboard does not say which day the server has; nothing can be called complete"
        )
    yesterday = report.window.last - timedelta(days=1)
    return yesterday if asked is None else min(asked, yesterday)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


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


def _tell(output: Path, days: int) -> None:
    print(f"{output}: {days} days of figures. Next, on the Prometheus server:", file=sys.stderr)
    print(f"  promtool tsdb create-blocks-from openmetrics {output} DATA_DIRECTORY", file=sys.stderr)
