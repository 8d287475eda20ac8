"""What an interrupted backfill left behind: the days in it that can be read, and a file for promtool from them."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

from exporter.api.reports import parse_analytics
from exporter.commands.past_days import Journal, day_of_report, write_openmetrics
from tests.fuzz.answers import ANALYTICS
from tests.fuzz.target import Target, split

_DAY = day_of_report("acme", date(2026, 7, 1), parse_analytics(ANALYTICS))


def target(directory: Path) -> Target:
    """The target; it reads, adds to and writes files in a directory of its own."""
    line = b'{"partner":"acme","day":"2026-06-30","samples":[["vobiz_period_calls",["acme","today","inbound"],15.0]]}\n'
    return Target(
        holds="what cannot be read is a day to fetch again; the rest is written whole",
        check=partial(_check, directory),
        seeds=(line, line + line[:40], b"", b"\xff\n" + line),
        words=split(
            b'"partner":|"day":|"samples":|"2026-06-30"|"0001-01-01"|"9999-12-31"|1e308|null|{|}|[|]|,|\n|"|\\u|\xff'
        ),
        max_length=1024,
    )


def _check(directory: Path, data: bytes) -> None:
    kept, output = directory / "past.om.resume", directory / "past.om"
    kept.write_bytes(data)
    journal = Journal(kept)
    journal.add(_DAY)
    assert kept.read_bytes().startswith(data), "what was kept has changed"
    write_openmetrics(output, journal.days.values(), {"job": "vobiz"})
    text = output.read_text(encoding="utf-8")
    assert text.endswith("# EOF\n")
