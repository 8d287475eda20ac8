"""``python -m tests.faults``: make every fault before a real daemon, and print the results. Exit code 0 only if every
cell of the table holds."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults import namespace, report
from tests.faults.catalogue import JOBS, ROWS
from tests.faults.job import Job, Setting, Verdict
from tests.faults.watch import StoppedError
from tests.rig.command import interruptible


def main(argv: Sequence[str] | None = None) -> int:
    """Make the faults; 0 if every cell holds, 1 if not, 130 after Ctrl-C or SIGTERM."""
    args = _arguments(argv)
    if args.list:
        for group, name, what in ROWS:
            print(f"{group:16} {name:40} {what}")
        return 0
    return interruptible(lambda: _report(args, _make(args)))


def _report(args: argparse.Namespace, verdicts: Sequence[Verdict]) -> int:
    if args.markdown:
        print(report.markdown(verdicts))
    for verdict in verdicts:
        for problem in () if verdict.holds else report.problems(verdict):
            print(f"{verdict.name}: {problem}", file=sys.stderr)
    print(report.summary(verdicts), file=sys.stderr)
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _make(args: argparse.Namespace) -> list[Verdict]:
    """Run the jobs; all of them are ended when this returns or raises."""
    wanted = frozenset(args.faults)
    setting = Setting(slack=args.slack)
    began = time.monotonic()

    def run(job: Job) -> list[Verdict]:
        directory = root / job.name
        directory.mkdir()
        try:
            verdicts = job.run(directory, wanted & job.names, setting)
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 one job that cannot do its work must not cost the others theirs
            verdicts = [_not_made(row, error) for row in job.rows if row[1] in wanted]
        for verdict in verdicts:
            print(f"{time.monotonic() - began:6.1f} {report.line(verdict)}", file=sys.stderr, flush=True)
        return verdicts

    with tempfile.TemporaryDirectory(prefix="faults-") as name, ThreadPoolExecutor(args.jobs) as pool:
        root = Path(name)
        chosen = [job for job in JOBS if job.names & wanted]
        try:
            verdicts = [verdict for verdicts in pool.map(run, chosen) for verdict in verdicts]
        except BaseException:
            setting.stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    order = [name for _, name, _ in ROWS]
    return sorted(verdicts, key=lambda verdict: order.index(verdict.name))


def _not_made(row: tuple[str, str, str], error: Exception) -> Verdict:
    group, name, what = row
    verdict = Verdict(name=name, what=what, group=group)
    verdict.fail("alive", f"the fault could not be made: {type(error).__name__}: {error}")
    return verdict


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    names = [name for _, name, _ in ROWS]
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="names, or beginnings of names; default: all")
    parser.add_argument("--list", action="store_true", help="print every fault and what is done, and make none")
    parser.add_argument("--exact", action="store_true", help="names are whole names")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/reliability.md has it")
    parser.add_argument("--jobs", type=int, default=4, help="daemons at a time (%(default)s)")
    parser.add_argument(
        "--slack", type=float, default=2.0, help="seconds that this machine may lose in a recovery (%(default)s)"
    )
    args = parser.parse_args(argv)
    asked = args.faults or names
    meant = {one: [name for name in names if name == one or (name.startswith(one) and not args.exact)] for one in asked}
    if unknown := [one for one, found in meant.items() if not found]:
        parser.error(f"no such fault: {', '.join(unknown)}; --list names them all")
    args.faults = [name for found in meant.values() for name in found]
    return args


if __name__ == "__main__":
    namespace.enter(sys.argv[1:])
    sys.exit(main())
