"""`python -m bench.detection`: measure the shipped detector over all worlds; --write puts the tables into docs/."""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections.abc import Sequence
from concurrent import futures
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from bench.detection import tables
from bench.detection.rules import EVIDENCE, detector, naive, others
from bench.detection.verdict import Verdict, judge
from bench.detection.worlds import WORLDS, simulate_lane
from exporter.files import write_atomically

DOCUMENT = Path(__file__).parents[2] / "docs" / "alerting.md"
PICTURE = DOCUMENT.parent / "images" / "alerting-score.svg"
CELLS = [(volume, usual) for volume in (20.0, 100.0, 1000.0, 10000.0) for usual in (0.85, 0.6, 0.4)]
"""Calls an hour, and the usual answer rate."""
FEW_CELLS = tables.SHOWN
PRODUCT_CELLS = [(volume / 2, usual) for volume, usual in CELLS[3:]]
"""Lanes of a product that has half of a direction's calls."""
NAIVE_CELLS = [(volume, 0.6) for volume in (20.0, 100.0, 1000.0, 10000.0)]
OTHER_EVIDENCES = (10.0, 11.0, 13.0, 14.0)
BATCH = 4
"""Seeds of one job: half of them have drops."""
FRAUDS = ("fraud", "held", "uneven-fraud", "uneven-held")
TABLES = ("base", "worlds", "others", "evidence", "naive")
OTHER_WORLDS = ("base", "campaign", "silence", *FRAUDS)
OTHER_CELLS = [(100.0, 0.6), (1000.0, 0.6)]
"""What silence and spikes are measured in."""
WANTED = (("base", "base"), ("worlds", "campaign"))
"""The tables and worlds that are measured thrice as far as others when a run ends early: what is rare counts there."""
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

    @property
    def file_name(self) -> str:
        """Where its verdicts are kept."""
        cell = f"{self.volume:.0f}-{self.usual * 100:.0f}-{self.evidence:.0f}"
        return f"{self.table}-{self.world}-{cell}-{self.seeds[0]}-{len(self.seeds)}.pickle"


def run(job: Job) -> tuple[Job, list[tuple[str, Verdict]]]:
    """Simulate the lanes and judge what pages; by rule for the naive ones."""
    found: list[tuple[str, Verdict]] = []
    for seed in job.seeds:
        lane = simulate_lane(seed, job.volume, job.usual, job.world)
        if job.table == "naive":
            found += [(rule, judge(job.world, lane, fires, keep=0)) for rule, fires in naive(lane).items()]
        if job.table == "others":
            keeps = {"VobizNoTraffic": 5, "VobizTrafficLow": 5}
            found += [
                (name, judge(job.world, lane, fires, keep=keeps.get(name, 30))) for name, fires in others(lane).items()
            ]
            continue
        found.append(("", judge(job.world, lane, detector(lane, job.world, job.evidence))))
    return job, found


def jobs(first: int, lanes: int, *, quick: bool) -> list[Job]:
    """Everything that is measured, some seeds of every cell before the next ones: a run may end at any time."""
    todo: list[Job] = []

    def add(
        table: str, world: str, cells: Sequence[tuple[float, float]], lanes: int, evidence: float = EVIDENCE
    ) -> None:
        for volume, usual in cells:
            for begin in range(first, first + lanes, BATCH):
                seeds = tuple(range(begin, min(begin + BATCH, first + lanes)))
                todo.append(Job(table=table, world=world, volume=volume, usual=usual, seeds=seeds, evidence=evidence))

    if quick:
        add("base", "base", FEW_CELLS, 4)
        add("naive", "base", [(1000.0, 0.6)], 2)
        add("worlds", "campaign", [(1000.0, 0.6)], 2)
        return todo
    add("base", "base", CELLS, lanes)
    for world in WORLDS:
        if world not in ("base", *OTHER_WORLDS[2:]):
            cells = CELLS if world in ALL_CELLS else PRODUCT_CELLS if world == "product" else FEW_CELLS
            add("worlds", world, cells, lanes)
    for world in OTHER_WORLDS:
        add("others", world, OTHER_CELLS, lanes)
    for evidence in OTHER_EVIDENCES:
        add("evidence", "base", CELLS, lanes, evidence)
    add("naive", "base", NAIVE_CELLS, lanes)
    return sorted(todo, key=lambda job: (job.seeds[0] - first) * (1 if (job.table, job.world) in WANTED else 3))


def kept_run(job: Job, folder: Path | None) -> tuple[Job, list[tuple[str, Verdict]]]:
    """Take what an earlier run found, or run the job and keep it."""
    if folder is None:
        return run(job)
    file = folder / job.file_name
    if not file.exists():
        write_atomically(file, pickle.dumps(run(job)))
    found: tuple[Job, list[tuple[str, Verdict]]] = pickle.loads(file.read_bytes())
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and with --write put them into the document."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few lanes of four cells, within two minutes")
    parser.add_argument("--lanes", type=int, default=60, help="lanes a cell of the base world; others have fewer")
    parser.add_argument("--first", type=int, default=9000, help="first seed; 7000 to 8999 are for tuning")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, help="end after so many, with tables of what was measured by then")
    parser.add_argument("--keep", type=Path, help="a folder for what was measured: a later run goes on from there")
    parser.add_argument("--only-kept", action="store_true", help="measure nothing: tables of what is in that folder")
    parser.add_argument("--write", action="store_true", help="write tables and picture into docs/")
    parser.add_argument("--tables", default=",".join(TABLES), help="of " + ", ".join(TABLES))
    options = parser.parse_args(argv)
    began = time.monotonic()
    todo = [
        job for job in jobs(options.first, options.lanes, quick=options.quick) if job.table in options.tables.split(",")
    ]
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    if options.only_kept:
        todo = [job for job in todo if (options.keep / job.file_name).exists()]
    results, done = tables.Results(), 0
    with futures.ProcessPoolExecutor(options.jobs) as pool:
        running = {pool.submit(kept_run, job, options.keep): None for job in todo}
        try:
            for future in futures.as_completed(running, timeout=60 * options.minutes if options.minutes else None):
                job, found = future.result()
                results.add(job.table, job.evidence, found)
                done += 1
                if sys.stderr.isatty() or done % 50 == 0:
                    print(f"\r{done} of {len(todo)} jobs, {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
        except futures.TimeoutError:
            pool.shutdown(cancel_futures=True)
    print(file=sys.stderr)
    date = datetime.now(tz=timezone.utc).date().isoformat()
    text = tables.document(results, date=date, first=options.first)
    print(text)
    if options.write:
        tables.write(DOCUMENT, text)
        from bench.detection.picture import picture

        PICTURE.write_text(picture(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
