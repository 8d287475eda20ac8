"""Reading an answer with 100,000 customers, against ``r.json()`` of the same bytes: time and peak memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import requests

CUSTOMERS = 100_000
SAMPLE = Path(__file__).parent.parent / "tests" / "data" / "dashboard.json"


def main() -> int:
    """Print the ratios; each way runs in a process of its own, for its peak memory."""
    results: dict[str, tuple[float, float]] = {}
    for way in ("nothing", "r.json()", "exporter"):
        done = subprocess.run([sys.executable, "-m", "bench.decode", way], capture_output=True, text=True, check=True)
        measured = [float(value) for value in done.stdout.split()]
        results[way] = (measured[0], measured[1])
    base = results["nothing"][1]
    for way in ("r.json()", "exporter"):
        seconds, peak = results[way]
        print(f"{way:10} {seconds * 1000:7.1f} ms   {peak - base:6.1f} MiB above the body itself")
    time_ratio = results["r.json()"][0] / results["exporter"][0]
    memory_ratio = (results["exporter"][1] - base) / max(results["r.json()"][1] - base, 0.1)
    print(f"exporter: {time_ratio:.1f} times faster, with {memory_ratio:.2f} of the memory (to reach: 3 times, 0.33)")
    return 0 if time_ratio >= 3 and memory_ratio <= 0.33 else 1


def _by_requests(body: bytes) -> object:
    answer = requests.Response()
    answer._content = body
    return answer.json()


def _measure(way: str) -> None:
    from exporter.api.reports import parse_dashboard

    document = json.loads(SAMPLE.read_bytes())
    customer = json.dumps(document["accounts"]["customers"][0])
    head, tail = json.dumps(document).split(json.dumps(document["accounts"]["customers"]))
    body = (head + "[" + ",".join([customer] * CUSTOMERS) + "]" + tail).encode()
    decode = {"nothing": len, "r.json()": _by_requests, "exporter": parse_dashboard}[way]
    best = min(_seconds(decode, body) for _ in range(3))
    print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _seconds(decode: object, body: bytes) -> float:
    assert callable(decode)
    began = time.perf_counter()
    decode(body)
    return time.perf_counter() - began


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _measure(sys.argv[1])
    else:
        sys.exit(main())
