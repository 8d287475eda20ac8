"""`python -m bench.detection`: measure the shipped detector over all worlds; --write puts the tables into docs/."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from bench.detection import tables
from bench.detection.rules import EVIDENCE, detector, naive
from bench.detection.verdict import Verdict, judge
from bench.detection.worlds import WORLDS, simulate_lane

DOCUMENT = Path(__file__).parents[2] / "docs" / "alerting.md"
PICTURE = DOCUMENT.parent / "images" / "alerting-score.svg"
CELLS = [(volume, usual) for volume in (20.0, 100.0, 1000.0, 10000.0) for usual in (0.85, 0.6, 0.4)]
"""Calls an hour, and the usual answer rate."""
FEW_CELLS = [(100.0, 0.6), (1000.0, 0.85), (1000.0, 0.4), (10000.0, 0.6)]
NAIVE_CELLS = [(volume, 0.6) for volume in (20.0, 100.0, 1000.0, 10000.0)]
EVIDENCES = (10.0, 11.0, 12.0, 13.0, 14.0)
TABLES = ("base", "worlds", "evidence", "naive")
ALL_CELLS = ("base", "campaign", "mix20", "day-one")
"""Worlds that are measured in all cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Some lanes of one cell, and the table they are for."""

    table: str
    world: str
    volume: float
    usual: float
    seeds: tuple[int, ...]
    evidence: float = EVIDENCE


def run(job: Job) -> tuple[Job, list[tuple[str, Verdict]]]:
    """Simulate the lanes and judge what pages; by rule for the naive ones."""
    found: list[tuple[str, Verdict]] = []
    for seed in job.seeds:
        lane = simulate_lane(seed, job.volume, job.usual, job.world)
        if job.table == "naive":
            found += [(rule, judge(job.world, lane, fires, keep=0)) for rule, fires in naive(lane).items()]
        found.append(("", judge(job.world, lane, detector(lane, job.world, job.evidence))))
    return job, found


def jobs(first: int, lanes: int, *, quick: bool) -> Iterable[Job]:
    """Everything that is measured: the longest first, so that all processes end together."""

    def cells(
        table: str, world: str, of: Sequence[tuple[float, float]], lanes: int, evidence: float = EVIDENCE
    ) -> Iterable[Job]:
        for volume, usual in reversed(of):
            for begin in range(0, lanes, 4):
                seeds = tuple(range(first + begin, first + min(begin + 4, lanes)))
                yield Job(table=table, world=world, volume=volume, usual=usual, seeds=seeds, evidence=evidence)

    if quick:
        yield from cells("base", "base", FEW_CELLS, 4)
        yield from cells("naive", "base", [(1000.0, 0.6)], 2)
        yield from cells("worlds", "campaign", [(1000.0, 0.6)], 2)
        return
    yield from cells("base", "base", CELLS, lanes)
    for world in WORLDS:
        if world != "base":
            yield from cells("worlds", world, CELLS if world in ALL_CELLS else FEW_CELLS, max(4, lanes // 4))
    for evidence in EVIDENCES:
        yield from cells("evidence", "base", CELLS, max(4, lanes // 6), evidence)
    yield from cells("naive", "base", NAIVE_CELLS, max(4, lanes // 6))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and with --write put them into the document."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few lanes of four cells, within two minutes")
    parser.add_argument("--lanes", type=int, default=60, help="lanes a cell of the base world; others have fewer")
    parser.add_argument("--first", type=int, default=9000, help="first seed; 7000 to 8999 are for tuning")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--write", action="store_true", help="write tables and picture into docs/")
    parser.add_argument("--tables", default=",".join(TABLES), help="of " + ", ".join(TABLES))
    options = parser.parse_args(argv)
    began = time.monotonic()
    todo = [
        job for job in jobs(options.first, options.lanes, quick=options.quick) if job.table in options.tables.split(",")
    ]
    results = tables.Results()
    with ProcessPoolExecutor(options.jobs) as pool:
        for done, (job, found) in enumerate(pool.map(run, todo), 1):
            results.add(job.table, job.evidence, found)
            if sys.stderr.isatty() or done % 50 == 0:
                print(f"\r{done} of {len(todo)} jobs, {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
    print(file=sys.stderr)
    lanes = 4 if options.quick else options.lanes
    date = datetime.now(tz=timezone.utc).date().isoformat()
    text = tables.document(results, date=date, first=options.first, last=options.first + lanes - 1)
    print(text)
    if options.write:
        tables.write(DOCUMENT, text)
        from bench.detection.picture import picture

        PICTURE.write_text(picture(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
