"""``python -m tests.fuzz``: random inputs, guided by coverage, for every part that reads what others wrote.

``python -m tests.fuzz parser --runs=1000000`` tries so many, ``python -m tests.fuzz parser --input=FILE`` one again.
Exit code 1 if an input broke its target. It is kept in ``.fuzz/findings``; make a test of it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.campaign import run
from tests.fuzz.targets import NAMES, load

KEPT = Path(".fuzz")
_SHARED_MEMORY = Path("/dev/shm")


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz the targets named; the exit code."""
    args = _arguments(argv)
    if args.input is not None:
        return _again(args.targets[0], args.input)
    rows = ["| target | inputs | seconds | edges | broken |", "|---|---:|---:|---:|---:|"]
    for name in args.targets:
        with _scratch() as scratch:
            result = run(name, runs=args.runs, seconds=args.seconds, kept=KEPT, scratch=Path(scratch), seed=args.seed)
        broken = int(result.finding is not None)
        rows.append(f"| `{name}` | {result.inputs:,} | {result.seconds:,} | {result.edges:,} | {broken} |")
        print(rows[-1], flush=True)
        if result.finding is not None:
            print(f"{result.output}\n{name}: broken by {result.finding}", flush=True)
    print("\n".join(["", *rows]))
    return 1 if any(row.endswith("| 1 |") for row in rows) else 0


def _again(name: str, file: Path) -> int:
    with _scratch() as scratch:
        target = load(name, Path(scratch))
        try:
            target.check(file.read_bytes())
        finally:
            target.close()
    print(f"{name}: {file} does no harm")
    return 0


def _scratch() -> tempfile.TemporaryDirectory[str]:
    # Targets write files and wait for the disk; in memory that takes no time.
    where = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
    return tempfile.TemporaryDirectory(prefix="fuzz-", dir=where)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(NAMES)}; default: all")
    parser.add_argument("--runs", type=int, default=20_000, help="inputs for each target (%(default)s)")
    parser.add_argument("--seconds", type=int, default=0, help="at most, for each target; 0: no limit")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 2**31), help="default: another each time")
    parser.add_argument("--input", type=Path, metavar="FILE", help="try this one again, without the fuzzer")
    args = parser.parse_args(argv)
    args.targets = args.targets or list(NAMES)
    if unknown := [name for name in args.targets if name not in NAMES]:
        parser.error(f"no such target: {', '.join(unknown)}")
    if args.input is not None and len(args.targets) != 1:
        parser.error("--input needs one target")
    return args


if __name__ == "__main__":
    sys.exit(main())
