"""``python -m bench.scale``: a hundred partners on one core, some of them hanging, and five hundred in five processes.

Exit code 0 only if all targets are reached. Ten minutes; ``--quick`` polls every ten seconds instead of every minute
and takes one, which shows that it works and not what it costs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Scraper, memory_mib
from bench.scale.fleet import Plan, measure
from bench.scale.vobiz import CUSTOMERS, MANY, CannedVobiz
from tests.rig.exporter import Exporter

MAX_LATENESS, MAX_CPU, MAX_MEMORY, MAX_SCRAPE = 1.0, 0.10, 120.0, 1.0
"""Seconds at the 99th percentile, share of a core and MiB for a hundred partners, seconds."""


def main() -> int:
    """Print the table; 0 if everything is reached."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one minute, every ten seconds, without a verdict on cost")
    args = parser.parse_args()
    interval, seconds = (10.0, 20.0) if args.quick else (60.0, 120.0)
    cores = sorted(os.sched_getaffinity(0))
    runs = [(100, 0, 1, cores[:1]), (100, 20, 1, cores[:1]), (500, 0, 5, cores[:2])]
    reached = True
    print(
        "| partners | hanging | processes | lateness p50 / p99 / most | CPU of all, of one | memory of one | scrape |"
    )
    print("|---|---|---|---|---|---|---|")
    for partners, hanging, processes, pinned in runs[:1] if args.quick else runs:
        plan = Plan(
            partners=partners, hanging=hanging, processes=processes, cores=pinned, interval=interval, seconds=seconds
        )
        reached &= _run(plan, judge_cost=not args.quick)
    reached &= _customers(5.0 if args.quick else 20.0)
    print(
        f"\n{'reached' if reached else 'NOT REACHED'}: every poll within 1 s (p99), under 10 % of a core and 120 MiB a"
    )
    print(f"hundred partners, scrapes under 1 s while answers with {CUSTOMERS:,} customers are read")
    return 0 if reached else 1


def _run(plan: Plan, *, judge_cost: bool) -> bool:
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        result = measure(plan, Path(directory))
    late = " / ".join(f"{1000 * result.late_at(share):.0f} ms" for share in (0.5, 0.99, 1.0))
    cells = (
        *(plan.partners, plan.hanging, plan.processes, late),
        f"{100 * result.cpu:.1f} %, {100 * result.largest_cpu:.1f} %",
        f"{result.largest_resident:.0f} MiB",
        f"{1000 * result.slowest_scrape:.0f} ms",
    )
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    cheap = result.largest_cpu < MAX_CPU and result.largest_resident < MAX_MEMORY
    return result.polled == plan.partners and result.late_at(0.99) < MAX_LATENESS and (cheap or not judge_cost)


def _customers(seconds: float) -> bool:
    """A poll a second, of 17 MB, while the metrics are scraped ten times a second."""
    vobiz = CannedVobiz()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        path = Path(directory) / "config.yaml"
        config = {
            "partners": [{"auth_id": f"{MANY}0001", "auth_token": "token-of-the-bench"}],
            "api": {"base_url": vobiz.url},
            "poll": {"interval": "1s"},
        }
        path.write_text(json.dumps(config), encoding="utf-8")
        with Exporter("run", f"--config.file={path}") as exporter:
            exporter.wait_until_ready()
            with Scraper(exporter.url, every=0.1) as scraper:
                time.sleep(seconds)
            peak = memory_mib(exporter.pid, "VmHWM")
        polls = len(vobiz.arrivals[f"{MANY}0001"])
        vobiz.server.close()
    print(
        f"\n{CUSTOMERS:,} customers in each of {polls} answers: the slowest of {scraper.scrapes} scrapes took "
        f"{1000 * scraper.slowest:.0f} ms, memory was {peak:.0f} MiB at the most"
    )
    return scraper.slowest < MAX_SCRAPE and polls > 1


if __name__ == "__main__":
    sys.exit(main())
