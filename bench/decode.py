"""Reading an answer with 100,000 customers, against ``json.loads`` of the same bytes: time and peak memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

CUSTOMERS = 100_000
SAMPLE = Path(__file__).parent.parent / "tests" / "data" / "dashboard.json"


def main() -> int:
    """Print the ratios; each way runs in a process of its own, for its peak memory."""
    results = {}
    for way in ("nothing", "json", "exporter"):
        done = subprocess.run([sys.executable, "-m", "bench.decode", way], capture_output=True, text=True, check=True)
        seconds, peak = done.stdout.split()
        results[way] = (float(seconds), float(peak))
    base = results["nothing"][1]
    for way in ("json", "exporter"):
        seconds, peak = results[way]
        print(f"{way:10} {seconds * 1000:7.1f} ms   {peak - base:6.1f} MiB above the body itself")
    time_ratio = results["json"][0] / results["exporter"][0]
    memory_ratio = (results["exporter"][1] - base) / max(results["json"][1] - base, 0.1)
    print(f"exporter: {time_ratio:.1f} times faster, with {memory_ratio:.2f} of the memory (to reach: 3 times, 0.33)")
    return 0


def _measure(way: str) -> None:
    from exporter.parse import parse_dashboard

    document = json.loads(SAMPLE.read_bytes())
    customer = json.dumps(document["accounts"]["customers"][0])
    head, tail = json.dumps(document).split(json.dumps(document["accounts"]["customers"]))
    body = (head + "[" + ",".join([customer] * CUSTOMERS) + "]" + tail).encode()
    decode = {"nothing": len, "json": json.loads, "exporter": parse_dashboard}[way]
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
