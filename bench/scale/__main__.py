"""``python -m bench.scale``: targets for many partners, for APIs that hang, and for very long answers.

Exit code 0 only if all are reached. Ten minutes; ``--seconds`` and ``--partners`` make it shorter.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.scale import customers, fleet
from bench.scale.daemon import INTERVAL

IN_TIME = 1.0
MOST_CPU = 0.25
MOST_MEMORY = 150.0
SLOWEST_SCRAPE = 1.0
ON_TIME = 0.99
"""Seconds, share of a core, MiB, seconds, share of the polls."""


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--partners", type=int, default=1_000)
    parser.add_argument("--hanging", type=int, nargs="*", default=[0, 50, 200], help="one run for each number")
    parser.add_argument("--seconds", type=float, default=120.0, help="that are measured of each run, after 65")
    parser.add_argument("--scrape-every", type=float, default=30.0, help="seconds")
    args = parser.parse_args()
    reached = [_fleet(args, hanging) for hanging in args.hanging]
    return 0 if all([*reached, _customers()]) else 1


def _fleet(args: argparse.Namespace, hanging: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        result = fleet.measure(
            partners=args.partners,
            hanging=hanging,
            seconds=args.seconds,
            scrape_every=args.scrape_every,
            directory=Path(directory),
        )
    print(f"{args.partners:,} partners every {INTERVAL:.0f} s on one core, {hanging} of them hanging\n")
    print("| | measured | to reach |")
    print("|---|---|---|")
    late = [_seconds(result.late_at(share)) for share in (0.5, ON_TIME, 1.0)]
    _row(f"lateness of {result.polls:,} polls, p50 / p99 / most", " / ".join(late), "p99 within 1 s")
    _row("polls left out by the exporter's count", f"{result.missed:.0f}", "0" if not hanging else "-")
    _row("polls begun within 1 s of their time, by its count", f"{100 * result.in_time:.2f} %", "99 %")
    _row("CPU, scrapes included", f"{100 * result.cpu:.1f} % of a core", "25 %")
    _row("resident memory, most at any time", f"{result.resident:.0f} MiB, {result.peak:.0f} MiB", "150 MiB")
    _row("threads", f"{result.threads}", "-")
    _row("written to disk a second", f"{result.written_per_second:.2f} MiB", "-")
    _row("slowest scrape", _seconds(result.slowest_scrape), "-")
    reached = result.late_at(ON_TIME) < IN_TIME and result.cpu < MOST_CPU and result.resident < MOST_MEMORY
    print(f"\n{'reached' if reached else 'NOT REACHED'}\n", flush=True)
    return reached


def _customers() -> bool:
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        result = customers.measure(seconds=20, directory=Path(directory))
    reached = result.slowest_scrape < SLOWEST_SCRAPE and result.polls > 1
    print(
        f"100,000 customers in each of {result.polls} answers; the slowest of {result.scrapes} scrapes meanwhile took "
        f"{_seconds(result.slowest_scrape)}\n(to reach: below 1 s); memory was {result.peak:.0f} MiB at the most\n"
        f"\n{'reached' if reached else 'NOT REACHED'}"
    )
    return reached


def _row(what: str, measured: str, to_reach: str) -> None:
    print(f"| {what} | {measured} | {to_reach} |")


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
