"""``python -m bench``: all benchmarks, one after the other, each in a process of its own."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

MODULES = {
    "bench.daemon": ("start, memory and processor time of the daemon", 100, 15),
    "bench.decode": ("reading an answer with 100,000 customers", 10, 10),
    "bench.ledger": ("counting each call once, and keeping the counters on disk", 15, 15),
    "bench.web": ("the web server: cost of a scrape, and who can hold it up", 180, 0),
    "bench.scale": ("100 partners on one core, 500 in five processes", 620, 60),
}
"""What each is about, and about how many seconds it takes, in full and with ``--quick``; 0: left out then."""


HAVE_QUICK = ("bench.daemon", "bench.scale")
"""Those that are given ``--quick``; the others take seconds anyway."""


def main() -> int:
    """Say what will be done and how long it takes, and do it; the number of those that failed or missed a target."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look at each within two minutes, less exact")
    args = parser.parse_args()
    chosen = {name: quick if args.quick else full for name, (_, full, quick) in MODULES.items()}
    chosen = {name: seconds for name, seconds in chosen.items() if seconds}
    print(
        f"{len(chosen)} benchmarks, about {sum(chosen.values()) / 60:.0f} minutes; ratios hold, absolute values wobble."
    )
    failed = []
    for name, seconds in chosen.items():
        print(f"\n# {name}: {MODULES[name][0]} (about {seconds} s)", flush=True)
        began = time.monotonic()
        command = [sys.executable, "-m", name, *(["--quick"] if args.quick and name in HAVE_QUICK else [])]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
    print(f"\nMissed a target or failed: {', '.join(failed) or 'none'}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
