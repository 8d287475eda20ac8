"""``python -m tests.drill``: break it, see the page, heal it, see the resolve. Exit code 0 only if every
fault caused exactly one page and one resolve."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.drill.fault_run import FaultRun
from tests.drill.faults import FAULTS, HA, STEADY
from tests.drill.receiver import Receiver
from tests.drill.report import Report
from tests.drill.runner import Runner
from tests.drill.shipped import changes
from tests.drill.stack import Scale, Stack
from tests.rig.command import interruptible, positive

TWICE = "ha"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the drill; 0 if all is well, 1 if not, 130 after Ctrl-C or SIGTERM."""
    args = _arguments(argv)
    return interruptible(lambda: _drill(args, Report()))


def _drill(args: argparse.Namespace, report: Report) -> int:
    twice = args.faults[0] == TWICE
    runs = [FaultRun(fault=fault) for fault in (HA if twice else FAULTS) if fault.name in args.faults]
    partners = [*dict.fromkeys(run.fault.partner for run in runs if run.fault.partner), STEADY]
    scale = Scale(volume=args.volume, shorten=args.shorten, copies=2 if twice else 1)
    report.say(f"Partners: {', '.join(partners)}; {args.volume:g} calls an hour each.")
    report.say("The rules and example files that ship, changed in this alone:")
    for change in changes(args.shorten):
        report.say(f"- {change}")
    with ExitStack() as opened:
        directory = args.keep or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="drill-")))
        directory.mkdir(parents=True, exist_ok=True)
        report.say("Starting everything.")
        receiver = opened.enter_context(Receiver())
        stack = opened.enter_context(Stack(directory=directory, partners=partners, scale=scale, receiver=receiver))
        report.began = time.monotonic()
        runner = Runner(stack=stack, receiver=receiver, report=report, hold=args.hold, watch=args.watch)
        problems = runner.run_all(runs)
    report.say("")
    report.table(runs)
    report.say(f"\nThe dead man's switch had {runner.signs_of_life} signs of life.")
    for problem in problems:
        report.say(f"FAILED: {problem}")
    if not problems:
        report.say("Every fault caused exactly one page and one resolve.")
    return 1 if problems else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    names = [fault.name for fault in FAULTS]
    deaths = list(dict.fromkeys(fault.name for fault in HA))
    parser.add_argument(
        "faults",
        nargs="*",
        metavar="FAULT",
        help=f"of {', '.join(names)}; default: all. Or {TWICE}: refused credentials before two of everything, "
        f"each of which dies in turn; behind it, of {', '.join(deaths)}",
    )
    parser.add_argument(
        "--shorten", type=positive, default=10, help="divisor of for, intervals and group waits (%(default)g)"
    )
    parser.add_argument("--volume", type=positive, default=3_000, help="calls an hour and partner (%(default)g)")
    parser.add_argument(
        "--hold", type=float, default=30, help="seconds that a fault goes on after its page (%(default)g)"
    )
    parser.add_argument("--watch", type=float, default=30, help="seconds of silence before and after (%(default)g)")
    parser.add_argument("--keep", type=Path, help="a directory for configurations and logs, which then stay")
    args = parser.parse_args(argv)
    twice = args.faults[:1] == [TWICE]
    if unknown := [name for name in args.faults[twice:] if name not in (deaths if twice else names)]:
        parser.error(f"no such fault: {', '.join(unknown)}")
    if len(args.faults) == twice:
        args.faults += deaths if twice else names
    return args


if __name__ == "__main__":
    sys.exit(main())
