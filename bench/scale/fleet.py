"""The daemon with many partners, pinned to one core and scraped, against the canned API on another."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.scale.api import HANGING
from bench.scale.daemon import INTERVAL, running
from bench.scale.scrapes import Scraper, fetch
from bench.web.children import python_child

WARM_UP = 65.0
"""Seconds until every partner has been polled once, and its slower periods were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a fleet of partners cost. Seconds, MiB; ``cpu`` is a share of one core, ``late`` of partners that answer, as
    the API saw it; ``in_time`` the share of all polls that the exporter itself saw begin within a second."""

    polls: int
    late: tuple[float, ...]
    missed: float
    in_time: float
    cpu: float
    resident: float
    peak: float
    written_per_second: float
    slowest_scrape: float
    threads: int

    def late_at(self, share: float) -> float:
        """The lateness that this share of polls stays within; infinite if there were none to measure."""
        if not self.late:
            return float("inf")
        return self.late[min(int(len(self.late) * share), len(self.late) - 1)]


def measure(*, partners: int, hanging: int, seconds: float, scrape_every: float, directory: Path) -> Result:
    """Run them for the warm-up and so many seconds, of which alone the figures are."""
    with python_child(module="bench.scale.api") as api:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(api.pid, {cores[-1]})
        with running(api, auth_ids(partners, hanging), directory, core=cores[0]) as (daemon, started):
            with Scraper(daemon.url, every=scrape_every) as scraper:
                time.sleep(max(started + WARM_UP - time.monotonic(), 0))
                began, cpu, written = time.monotonic(), daemon.cpu_seconds(), _written(daemon.pid)
                time.sleep(seconds)
                took = time.monotonic() - began
                cpu, written = daemon.cpu_seconds() - cpu, _written(daemon.pid) - written
            status = Path(f"/proc/{daemon.pid}/status").read_text(encoding="ascii")
            page = fetch(daemon.url)
        arrivals = json.loads(fetch(f"{api.url}/arrivals"))
    late = sorted(
        abs(lateness)
        for auth_id, times in arrivals.items()
        if not auth_id.startswith(HANGING)
        for lateness in off_the_grid(times, began)
    )
    return Result(
        polls=len(late),
        late=tuple(late),
        missed=_sum(page, "vobiz_polls_missed_total{"),
        in_time=_sum(page, 'vobiz_poll_lateness_seconds_bucket{le="1.0"}')
        / _sum(page, "vobiz_poll_lateness_seconds_count"),
        cpu=cpu / took,
        resident=_mebibytes(status, "VmRSS"),
        peak=_mebibytes(status, "VmHWM"),
        written_per_second=written / took / 2**20,
        slowest_scrape=scraper.slowest,
        threads=int(re.findall(r"^Threads:\s+(\d+)", status, re.MULTILINE)[0]),
    )


def off_the_grid(times: list[float], since: float) -> Iterator[float]:
    """By how much polls came off the grid that the partner's first poll began. A poll that is left out is infinite."""
    numbers = [round((at - times[0]) / INTERVAL) for at in times]
    for at, number, before in zip(times[1:], numbers[1:], numbers, strict=False):
        if at < since:
            continue
        yield at - times[0] - number * INTERVAL
        for _ in range(number - before - 1):
            yield float("inf")


def auth_ids(partners: int, hanging: int) -> dict[str, str]:
    """By name. Those that hang are spread among the others."""
    hang = [number * hanging // partners < (number + 1) * hanging // partners for number in range(partners)]
    return {
        f"partner-{number:04}": f"{HANGING if hang[number] else 'PA_BENCH'}{number:04}" for number in range(partners)
    }


def _sum(page: str, series: str) -> float:
    """The sum of the series that begin so."""
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(series))


def _written(pid: int) -> int:
    """Bytes that the process has caused to be written to disk."""
    return int(re.findall(r"^write_bytes: (\d+)", Path(f"/proc/{pid}/io").read_text(encoding="ascii"), re.MULTILINE)[0])


def _mebibytes(status: str, name: str) -> float:
    return int(re.findall(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)[0]) / 1024
