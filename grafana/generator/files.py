"""The files that are generated, and whether those on disk are current."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grafana.generator.alerting import managed_alerts
from grafana.generator.frame import finished
from grafana.generator.health import health
from grafana.generator.overview import overview
from grafana.generator.traffic import traffic

HOME = Path(__file__).parent.parent


def generated() -> Iterator[tuple[Path, str]]:
    """Each generated file and what has to be in it."""
    for board in (overview(), traffic(), health()):
        yield HOME / "dashboards" / f"{board.build().uid}.json", finished(board)
    yield HOME / "provisioning" / "alerting" / "alert-rules.yaml.example", managed_alerts()


def main(argv: Sequence[str]) -> int:
    """Write the files, or with ``--check`` tell those that are out of date; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m grafana.generator", description="Write the dashboards and the example of alerts."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = parser.parse_args(argv).check
    stale = [
        (path, text) for path, text in generated() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        if check:
            print(f"{path.relative_to(HOME.parent)} is out of date: run python -m grafana.generator", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))
