"""The files that are generated: the dashboards, and for ``make dist`` what is made from them and from the rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grafana.generator.finance import finance
from grafana.generator.frame import finished, importable, written
from grafana.generator.health import health
from grafana.generator.overview import overview
from grafana.generator.traffic import traffic

HOME = Path(__file__).parent.parent / "dashboards"


def boards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each dashboard with its uid."""
    for board in (overview(), traffic(), health(), finance()):
        document = finished(board)
        yield document["uid"], document


def main(argv: Sequence[str]) -> int:
    """Write the dashboards; with ``--check`` name those out of date; with ``--export`` write importable ones."""
    parser = argparse.ArgumentParser(prog="python -m grafana.generator", description="Write the dashboards.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    parser.add_argument(
        "--export", metavar="DIRECTORY", type=Path, help="write them as grafana.com imports them, there"
    )
    arguments = parser.parse_args(argv)
    if arguments.export is not None:
        arguments.export.mkdir(parents=True, exist_ok=True)
        for uid, board in boards():
            (arguments.export / f"{uid}.json").write_text(written(importable(board)), encoding="utf-8")
        return 0
    status = 0
    for uid, board in boards():
        path, text = HOME / f"{uid}.json", written(board)
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"grafana/dashboards/{path.name} is out of date: run make dashboards", file=sys.stderr)
            status = 1
    return status
