"""``python -m tests.soak``: a simulated month. Exit code 0 only if every bound holds."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.rig.command import interruptible, positive
from tests.rig.counting import CountingExporter
from tests.rig.simulated import SimulatedVobiz
from tests.soak.month import Month
from tests.soak.plan import DAY, plan
from tests.soak.polls import PARTNERS, ManyPolls
from tests.soak.verdict import Finding, findings

MIDNIGHT_IN = "13h"
"""The simulated day is at 11:00 when the soak begins: what happens does not depend on the hour it is run at."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the soak; 0 if all is well, 1 if not, 130 after Ctrl-C or SIGTERM."""
    args = _arguments(argv)
    return interruptible(lambda: _soak(args))


def _soak(args: argparse.Namespace) -> int:
    month, polls = args.days * DAY / args.speed / 60, args.polls / PARTNERS / 60
    print(
        f"{max(month, polls):.0f} minutes: {args.days:g} days at {args.speed:g}x real time take {month:.1f}, and "
        f"{args.polls} polls of sixty partners beside them {polls:.1f}. Seed {args.seed}.",
        flush=True,
    )
    with ExitStack() as opened:
        directory = args.keep or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        directory.mkdir(parents=True, exist_ok=True)
        vobiz = opened.enter_context(
            SimulatedVobiz(
                log=directory / "vobiz.log",
                speed=args.speed,
                volume=args.volume,
                seed=args.seed,
                midnight_in=MIDNIGHT_IN,
            )
        )
        many_polls = opened.enter_context(ManyPolls(directory / "many", args.polls))
        exporter = CountingExporter(directory, vobiz, timeout="2s")
        opened.callback(exporter.close)
        month = Month(vobiz=vobiz, exporter=exporter, say=partial(print, flush=True))
        month.run(plan(args.days, args.seed), args.days * DAY)
        exporter.stop()
        print("The month is over; waiting for the last of the polls of many partners.", flush=True)
        many_polls.wait()
        rows = findings(month, exporter.output.encode(), many_polls.samples)
    _table(rows)
    for problem in month.problems:
        print(f"FAILED: {problem}")
    failed = any(row.good is False for row in rows)
    print("\nNot every bound holds." if failed else "\nEvery call was counted once, and every bound holds.")
    return 1 if failed else 0


def _table(rows: Sequence[Finding]) -> None:
    verdicts = {True: "yes", False: "NO", None: "too short to tell"}
    print("\n| what | measured | at most | holds |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.bound or '-'} | {verdicts[row.good] if row.bound else '-'} |")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--days", type=positive, default=30, help="simulated (%(default)g)")
    parser.add_argument("--speed", type=positive, default=3_600, help="times real time (%(default)g)")
    parser.add_argument("--volume", type=positive, default=3_000, help="calls an hour (%(default)g)")
    parser.add_argument(
        "--polls", type=int, default=43_200, help="of sixty partners beside it (%(default)d: a month's)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another month (%(default)d)")
    parser.add_argument("--keep", type=Path, help="a directory for configuration, state and logs, which then stay")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
