"""`python -m bench.detection`: measure the shipped rules, and print what was found."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from bench.detection import batch, reading
from bench.detection.batch import Batch, Result
from bench.detection.plan import NAIVE, Rule, load, plan
from bench.detection.report import cell
from bench.detection.verdict import Fact
from bench.detection.world import WORLDS

RULES = Path(__file__).parent.parent.parent / "prometheus" / "rules"
DROP = "VobizAnswerRateDrop"


def numbers(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [float(part) for part in text.split(",")]


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line; --quick sets most of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description="Measure the alerting rules.")
    parser.add_argument("--rules", type=Path, default=RULES, help="folder of the rule files")
    parser.add_argument("--engine", choices=("prometheus", "numpy"), default="prometheus",
                        help="numpy: a fast reading of the answer-rate rules alone")  # fmt: skip
    parser.add_argument("--naive", action="store_true", help="measure the naive rules beside them, on the same data")
    parser.add_argument("--world", choices=WORLDS, default="base")
    parser.add_argument("--volumes", type=numbers, default=[20, 100, 1000, 10000], help="calls an hour and direction")
    parser.add_argument("--usual", type=numbers, default=[0.85, 0.6, 0.4], help="usual answer rates")
    parser.add_argument("--days", type=int, default=20, help="measured days")
    parser.add_argument("--warm", type=int, default=8, help="days before them")
    parser.add_argument("--seeds", default="9000:9010", help="FIRST:END, one partner each; 7000 to 8999 are for tuning")
    parser.add_argument("--durations", type=numbers, default=[60, 240], help="of drops, minutes")
    parser.add_argument("--scrape-offset", type=int, default=23, help="seconds after the minute")
    parser.add_argument("--stale-after", type=int, default=5, help="minutes after which gauges leave the page")
    parser.add_argument("--batch", type=int, default=6, help="partners to one Prometheus (about 3 GB of memory)")
    parser.add_argument("--jobs", type=int, default=1, help="batches at a time")
    parser.add_argument("--quick", action="store_true", help="volumes 100 and 1000, rate 0.6, 6 partners, 8 days")
    parser.add_argument("--json", type=Path, help="write every fact to this file")
    options = parser.parse_args(argv)
    if options.quick:
        options.volumes, options.usual, options.days = [100.0, 1000.0], [0.6], 8
        options.seeds, options.durations = "9000:9006", [240.0]
    if options.world == "day-one":
        options.warm, options.days = 0, 3
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Run all batches; exit 1 if a figure cannot be trusted."""
    options, began = arguments(argv), time.monotonic()
    rules = load([*options.rules.glob("*.yml"), *([NAIVE] if options.naive else [])])
    alerts = [rule for rule in rules if rule.pages or rule.alert.startswith("Naive")]
    if options.engine == "numpy":
        alerts = [rule for rule in alerts if rule.alert == DROP]
    plan(rules, alerts)
    first, end = map(int, options.seeds.split(":"))
    batches = [
        Batch(
            world=options.world,
            volume=volume,
            usual=usual,
            seeds=tuple(range(begin, min(begin + options.batch, end))),
            warm=options.warm,
            days=options.days,
            durations=tuple(map(int, options.durations)),
            scrape_offset=options.scrape_offset,
            stale_after=options.stale_after,
            rules=tuple(rules),
            alerts=tuple(alerts),
        )
        for volume in options.volumes
        for usual in options.usual
        for begin in range(first, end, options.batch)
    ]
    print(f"{len(alerts)} alerts, world {options.world}, {len(batches)} batches, seeds {first} to {end - 1}, "
          f"{options.days} days", flush=True)  # fmt: skip
    run = batch.run if options.engine == "prometheus" else reading.run
    facts, refused, missing = measure(batches, run, options.jobs, alerts)
    if options.json:
        rows = [
            {"volume": v, "usual": u, "kind": type(f).__name__, **asdict(f)} for (v, u), of in facts.items() for f in of
        ]
        options.json.write_text(json.dumps(rows, indent=1))
    for line in sorted(refused):
        print("the engine refused " + line)
    if missing:
        print("absent from this world, though the rules read it: " + ", ".join(sorted(missing)))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if refused else 0


def measure(
    batches: Sequence[Batch], run: Callable[[Batch], Result], jobs: int, alerts: Sequence[Rule]
) -> tuple[dict[tuple[float, float], list[Fact]], set[str], set[str]]:
    """The facts by (volume, usual rate); each cell is printed as soon as its last batch is done."""
    facts: dict[tuple[float, float], list[Fact]] = defaultdict(list)
    waiting: dict[tuple[float, float], int] = defaultdict(int)
    for job in batches:
        waiting[job.volume, job.usual] += 1
    refused: set[str] = set()
    missing: set[str] = set()
    measured = [DROP, *(alert.alert for alert in alerts if alert.alert.startswith("Naive"))]
    paging = [alert.alert for alert in alerts if alert.pages]
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(run, job) for job in batches]):
            if done.exception() is not None:
                pool.shutdown(wait=False, cancel_futures=True)
            result = done.result()
            key = result.volume, result.usual
            facts[key] += result.facts
            refused.update(result.refused)
            missing.update(result.missing)
            waiting[key] -= 1
            if not waiting[key]:
                print("\n".join(cell(*key, facts[key], measured, paging)), flush=True)
    return facts, refused, missing


if __name__ == "__main__":
    sys.exit(main())
