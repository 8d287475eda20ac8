"""The daemon as a process: time to the first scrape, memory, CPU per poll.

The baselines are of the same run: a Python that only imports the libraries, and a poll done by hand with ``requests``
and ``json``. ``--minutes`` says how long the memory is watched (default 1, with a poll and a scrape every second: as
many polls as an hour has at the default interval).
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import requests

from exporter.simulator import DemoServer, DemoSettings

MOST_MEMORY = 44.0
"""MiB: twice what node_exporter takes."""

LIBRARIES = "import prometheus_client, requests, yaml, msgspec, apscheduler.schedulers.background"
POLLS = 200


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    args = parser.parse_args()
    with DemoServer(DemoSettings(host="127.0.0.1", port=0)) as api:
        api.start()
        _start_and_memory(api, args.minutes * 60)
        _cpu_per_poll(api)
    return 0


def _start_and_memory(api: DemoServer, seconds: float) -> None:
    imports = min(_run_seconds(LIBRARIES) for _ in range(3))
    starts = [_start(api, interval="1s") for _ in range(3)]
    for process, _, _ in starts[1:]:
        _end(process)
    process, url, _ = starts[0]
    first = min(seconds for _, _, seconds in starts)
    print(
        f"exec to first scrape    {first:.2f} s, {first / imports:.1f} times importing the libraries ({imports:.2f} s)"
    )
    after_start = _resident(process.pid)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1)
        urllib.request.urlopen(url).read()
    after = _resident(process.pid)
    print(f"resident memory         {after_start:.1f} MiB after the start, {after:.1f} MiB after {seconds:.0f} polls")
    print(
        f"                        {'reached' if after <= MOST_MEMORY else 'NOT REACHED'}: at most {MOST_MEMORY:g} MiB"
    )
    _end(process)


def _cpu_per_poll(api: DemoServer) -> None:
    process, url, _ = _start(api, interval="1s")
    before, polls_before = _cpu(process.pid), _polls(url)
    time.sleep(20)
    ours = (_cpu(process.pid) - before) / (_polls(url) - polls_before)
    _end(process)
    auth_id, token = api.partners[0]
    session = requests.Session()
    session.headers.update({"X-Auth-ID": auth_id, "X-Auth-Token": token})
    before = time.process_time()
    for _ in range(POLLS):
        session.get(f"{api.url}/dashboard", timeout=5).json()
        session.get(f"{api.url}/analytics", timeout=5).json()
    by_hand = (time.process_time() - before) / POLLS
    print(f"CPU per poll            {ours * 1000:.1f} ms, slower periods included")
    print(f"                        two requests and json by hand, simulator included: {by_hand * 1000:.1f} ms")


def _start(api: DemoServer, interval: str = "5s") -> tuple[subprocess.Popen[str], str, float]:
    auth_id, token = api.partners[0]
    config = Path(tempfile.mkstemp(suffix=".yaml")[1])
    config.write_text(
        f"partners: [{{auth_id: {auth_id}, auth_token: {token}}}]\n"
        f"api: {{base_url: '{api.url}'}}\npoll: {{interval: {interval}}}\n"
    )
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "exporter", f"--config.file={config}", "--web.listen-address=127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    url = ""
    while not url:
        found = re.search(r"msg=started .*url=(\S+)", process.stderr.readline())
        url = found[1] if found else ""
    urllib.request.urlopen(url).read()
    took = time.monotonic() - began
    config.unlink()
    return process, url, took


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    assert process.stderr is not None
    process.stderr.close()


def _run_seconds(code: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.monotonic() - began


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _polls(url: str) -> int:
    page = urllib.request.urlopen(url).read().decode()
    found = re.search(r'vobiz_api_requests_total\{endpoint="dashboard",outcome="success".*\} (\S+)', page)
    return int(float(found[1])) if found else 0


if __name__ == "__main__":
    sys.exit(main())
