"""``python -m bench.rules``: a Prometheus with a week of history evaluates the shipped rules; what does it cost?

Processor time is that of the whole process, less that of the same Prometheus without rules.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.rules.history import History
from tests.rig.process import free_port

RULES = Path(__file__).parent.parent.parent / "prometheus" / "rules"
SETTLE = 15.0
"""Seconds after the start that are not measured."""


def main(argv: Sequence[str]) -> int:
    """Print one line for each number of partners; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="20 partners for a minute, not 20 and 100 for five")
    quick = parser.parse_args(argv).quick
    if missing := [program for program in ("prometheus", "promtool") if shutil.which(program) is None]:
        print(f"make bench-rules needs {', '.join(missing)} on PATH", file=sys.stderr)
        return 1
    # the slowest group is evaluated every five minutes
    sizes, seconds = ((20,), 60.0) if quick else ((20, 100), 300.0)
    print(f"{' and '.join(map(str, sizes))} partners, about {len(sizes) * (seconds + 200) / 60:.0f} minutes")
    for partners in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(partners, seconds, Path(folder))
    return 0


def measure(partners: int, seconds: float, folder: Path) -> None:
    """Print what the rules cost for so many partners, measured over so many seconds."""
    data = folder / "data"
    names = tuple(f"partner-{number:03}" for number in range(partners))
    samples = History(partners=names, end=time.time()).write(folder, data)
    idle, _ = _run(folder, data, rules=False, seconds=20)
    busy, recorded = _run(folder, data, rules=True, seconds=seconds)
    print(
        f"{partners} partners, {samples:,} samples: {1000 * (busy - idle):.2f} ms of processor a second, "
        f"{recorded / partners:.1f} recorded series a partner",
        flush=True,
    )


def _run(folder: Path, data: Path, *, rules: bool, seconds: float) -> tuple[float, float]:
    """Processor seconds a second of a Prometheus on this database, and how many series it has recorded."""
    config = folder / "prometheus.yml"
    files = [str(path) for path in sorted(RULES.glob("*.yml"))] if rules else []
    config.write_text(json.dumps({"global": {"evaluation_interval": "30s"}, "rule_files": files}))
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        # blocks as they are: compaction is no cost of the rules
        "--storage.tsdb.min-block-duration=2h",
        "--storage.tsdb.max-block-duration=2h",
        # nothing is scraped: what is there stays the latest
        "--query.lookback-delta=30m",
        "--log.level=error",
    ]
    process = subprocess.Popen(command)
    try:
        _wait(f"http://127.0.0.1:{port}/-/ready")
        time.sleep(SETTLE)
        begin, used = time.monotonic(), _processor_seconds(process.pid)
        time.sleep(seconds)
        share = (_processor_seconds(process.pid) - used) / (time.monotonic() - begin)
        return share, _query(port, 'count({__name__=~"vobiz:.+"}) or vector(0)')
    finally:
        process.terminate()
        process.wait(30)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def _wait(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(OSError), _open(url, timeout=5):
            return
        time.sleep(0.2)
    raise TimeoutError(f"no answer within two minutes: {url}")


def _query(port: int, expr: str) -> float:
    query = urllib.parse.urlencode({"query": expr})
    with _open(f"http://127.0.0.1:{port}/api/v1/query?{query}", timeout=60) as answer:
        return float(json.load(answer)["data"]["result"][0]["value"][1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
