"""``python -m tests.soak``: a simulated month. Exit code 0 only if every bound holds."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from math import inf
from pathlib import Path

from tests.drill.arguments import positive
from tests.drill.processes import DrillError, Process
from tests.drill.vobiz import READY, SimulatedVobiz
from tests.soak.course import Course
from tests.soak.daemon import Daemon
from tests.soak.plan import DAY, plan
from tests.soak.usage import Usage
from tests.soak.verdict import Finding, findings

MIDNIGHT_IN = "13h"
"""The simulated day is at 11:00 when the soak begins: what happens does not depend on the hour it is run at."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the soak; 0 if all is well, 1 if not, 130 after Ctrl-C or SIGTERM."""
    args = _arguments(argv)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        rows, problems = _soak(args)
    except KeyboardInterrupt:
        print("interrupted; everything is ended", file=sys.stderr)
        return 130
    except (DrillError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    _table(rows)
    for problem in problems:
        print(f"FAILED: {problem}")
    failed = any(row.good is False for row in rows)
    print("\nNot everything is as it has to be." if failed else "\nEvery call was counted once, and every bound holds.")
    return 1 if failed else 0


def _soak(args: argparse.Namespace) -> tuple[list[Finding], list[str]]:
    minutes = args.days * DAY / args.speed / 60
    _say(f"{args.days:g} days at {args.speed:g} times the speed of life: {minutes:.1f} minutes. Seed {args.seed}.")
    with ExitStack() as opened:
        directory = args.keep or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        directory.mkdir(parents=True, exist_ok=True)
        flags = {
            "partners": 2,
            "speed": args.speed,
            "volume": args.volume,
            "seed": args.seed,
            "midnight-in": MIDNIGHT_IN,
        }
        command = [
            sys.executable,
            "-m",
            "exporter.simulator",
            *(f"--demo.{name}={value}" for name, value in flags.items()),
        ]
        simulator = opened.enter_context(Process("vobiz", command, directory / "vobiz.log"))
        simulator.wait_for(lambda: READY in simulator.output, "its address")
        vobiz = SimulatedVobiz(simulator.output)
        (auth_id, token), other = vobiz.credentials()
        treadmill = opened.enter_context(_treadmill(args.polls, vobiz.url, other, directory))
        daemon = Daemon(directory=directory, base_url=vobiz.url, auth_id=auth_id, token=token)
        opened.callback(daemon.end)
        course = Course(vobiz=vobiz, auth_id=auth_id, daemon=daemon, say=_say)
        course.run(plan(args.days, args.seed), args.days * DAY)
        daemon.end()
        vobiz.resume()
        _say("the month is over; waiting for the last of the polls that are made one after the other")
        treadmill.wait_for(lambda: treadmill.output.endswith("]\n"), "all polls", seconds=inf)
        samples = [Usage(**sample) for sample in json.loads(treadmill.output.splitlines()[-1])]
        return findings(course, daemon, samples), course.problems


def _treadmill(polls: int, base_url: str, credentials: tuple[str, str], directory: Path) -> Process:
    auth_id, token = credentials
    token_file = directory / "token"
    token_file.write_text(token, encoding="utf-8")
    arguments = (f"--polls={polls}", f"--base-url={base_url}", f"--auth-id={auth_id}", f"--token-file={token_file}")
    return Process("treadmill", (sys.executable, "-m", "tests.soak.treadmill", *arguments), directory / "treadmill.log")


def _table(rows: Sequence[Finding]) -> None:
    verdicts = {True: "yes", False: "NO", None: "too short to tell"}
    print("\n| what | measured | at most | holds |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.bound or '-'} | {verdicts[row.good] if row.bound else '-'} |")


def _say(text: str) -> None:
    print(text, flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--days", type=positive, default=30, help="simulated (%(default)g)")
    parser.add_argument("--speed", type=positive, default=3_600, help="simulated seconds a second (%(default)g)")
    parser.add_argument("--volume", type=positive, default=3_000, help="calls an hour (%(default)g)")
    parser.add_argument(
        "--polls", type=int, default=43_200, help="made one after the other beside it (%(default)d: a month's)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another month (%(default)d)")
    parser.add_argument("--keep", type=Path, help="a directory for configuration, state and logs, which then stay")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
