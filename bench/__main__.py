"""``python -m bench``: all benchmarks that end within a few minutes, one after the other."""

from __future__ import annotations

import subprocess
import sys

MODULES = ("bench.daemon", "bench.decode", "bench.ledger", "bench.page", "bench.web", "bench.scale")


def main() -> int:
    """Run each in a process of its own, so that one's memory is not another's; the number of those that failed."""
    failed = 0
    for module in MODULES:
        print(f"\n# {module}", flush=True)
        failed += subprocess.run([sys.executable, "-m", module], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
