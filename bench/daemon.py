"""The daemon as a process: time to the first scrape, memory, processor time of a poll.

The baselines are of the same run: a Python that only imports the libraries, and a poll done by hand with ``requests``
and ``json``. The memory is watched for a minute, with a poll and a scrape every second: as many as an hour has.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import requests

from bench.measure import cpu_seconds, least, memory_mib
from tests.rig.exporter import Exporter
from tests.rig.simulated import SimulatedVobiz

MAX_MEMORY = 60.0
"""MiB, for one partner."""

MAX_START = 0.5
"""Seconds from exec to the first scrape."""

LIBRARIES = "import prometheus_client, requests, yaml, msgspec, apscheduler.schedulers.background"
POLLS = 200


def main() -> int:
    """Print the values; 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.daemon", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="watch for a few seconds")
    args = parser.parse_args()
    seconds = 4 if args.quick else 60
    with ExitStack() as opened:
        vobiz = opened.enter_context(SimulatedVobiz())
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        start = _start(lambda: _exporter(directory, vobiz))
        memory = _run(opened.enter_context(_exporter(directory, vobiz)), seconds)
        _by_hand(vobiz)
    reached = start <= MAX_START and memory <= MAX_MEMORY
    print(f"{'reached' if reached else 'NOT REACHED'}: {MAX_START:g} s to the first scrape, {MAX_MEMORY:g} MiB")
    return 0 if reached else 1


def _start(make: Callable[[], Exporter]) -> float:
    def first_scrape() -> None:
        with make() as exporter:
            exporter.page()
            took.append(time.monotonic() - began[-1])

    began: list[float] = []
    took: list[float] = []
    for _ in range(3):
        began.append(time.monotonic())
        first_scrape()
    imports = least(
        lambda: subprocess.run([sys.executable, "-c", LIBRARIES], check=True), times=3, clock=time.monotonic
    )
    print(f"exec to first scrape    {min(took):.2f} s, {min(took) / imports:.1f} times the imports ({imports:.2f} s)")
    return min(took)


def _run(exporter: Exporter, seconds: int) -> float:
    exporter.wait_until_ready()
    memory, cpu, polls = memory_mib(exporter.pid), cpu_seconds(exporter.pid), _polls(exporter)
    for _ in range(seconds):
        time.sleep(1)
        exporter.page()
    after = memory_mib(exporter.pid)
    cost = (cpu_seconds(exporter.pid) - cpu) / max(_polls(exporter) - polls, 1)
    print(f"resident memory         {memory:.1f} MiB after the start, {after:.1f} MiB after {seconds} polls")
    print(f"CPU of a poll           {cost * 1000:.1f} ms, with a scrape and the slower periods")
    return after


def _by_hand(vobiz: SimulatedVobiz) -> None:
    auth_id, token = vobiz.partners[0]
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"X-Auth-ID": auth_id, "X-Auth-Token": token})
    before = time.process_time()
    for _ in range(POLLS):
        session.get(f"{vobiz.url}/dashboard", timeout=5).json()
        session.get(f"{vobiz.url}/analytics", timeout=5).json()
    print(
        f"                        two requests and json by hand: {(time.process_time() - before) / POLLS * 1000:.1f} ms"
    )


def _exporter(directory: Path, vobiz: SimulatedVobiz) -> Exporter:
    auth_id, token = vobiz.partners[0]
    config = directory / "config.yaml"
    config.write_text(
        f"partners: [{{auth_id: {auth_id}, auth_token: {token}}}]\n"
        f"api: {{base_url: '{vobiz.url}'}}\npoll: {{interval: 1s}}\n"
    )
    return Exporter("run", f"--config.file={config}")


def _polls(exporter: Exporter) -> float:
    lines = exporter.page().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'total{endpoint="dashboard",outcome="succ' in line)


if __name__ == "__main__":
    sys.exit(main())
