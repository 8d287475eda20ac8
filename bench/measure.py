"""What benchmarks measure with: processor time, memory, scrapes. Only ratios in one run hold."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.rig.fetch import fetch

SCRAPE_HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}
"""As Prometheus sends them."""


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int, name: str = "VmRSS") -> float:
    """Resident memory of a process; ``VmHWM`` for the most that it ever was."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)[0]) / 1024


def least(
    step: Callable[[], object],
    *,
    times: int = 5,
    before: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """Seconds of one step, the least of some; what comes ``before`` each is not counted."""
    best = float("inf")
    for _ in range(times):
        before()
        began = clock()
        step()
        best = min(best, clock() - began)
    return best


class Scraper:
    """Scrapes as Prometheus does, in a thread of its own, for as long as the ``with`` lasts."""

    def __init__(self, url: str, *, every: float) -> None:
        self.slowest = 0.0
        """Seconds; a failed scrape is infinite."""
        self.scrapes = 0
        self._url = url
        self._every = every
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Scraper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self._every):
            began = time.monotonic()
            try:
                fetch(self._url, headers=SCRAPE_HEADERS)
                took = time.monotonic() - began
            except OSError:
                took = float("inf")
            self.scrapes += 1
            self.slowest = max(self.slowest, took)
