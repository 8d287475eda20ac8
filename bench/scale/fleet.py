"""One or more daemons that share many partners, scraped, against a Vobiz on a core that they do not have."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Scraper, cpu_seconds, memory_mib
from bench.scale.vobiz import HANGING, CannedVobiz
from tests.rig.exporter import Exporter


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run. ``interval`` and ``seconds``, those that are measured after every partner was polled, are seconds;
    ``processes`` share the partners by ``poll.shard`` and the ``cores``."""

    partners: int
    hanging: int
    processes: int
    cores: Sequence[int]
    interval: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What it cost: ``late`` are seconds, of partners that answer, sorted, as the API saw them; ``cpu`` is a share of
    one core and ``resident`` MiB, each of all processes together and of the largest."""

    late: tuple[float, ...]
    polled: int
    cpu: float
    largest_cpu: float
    largest_resident: float
    slowest_scrape: float

    def late_at(self, share: float) -> float:
        """The lateness that this share of polls stays within; infinite if there were none to measure."""
        if not self.late:
            return float("inf")
        return self.late[min(int(len(self.late) * share), len(self.late) - 1)]


def measure(plan: Plan, directory: Path) -> Result:
    """Start the processes one after the other, wait until every partner was polled, and measure."""
    vobiz = CannedVobiz()
    with ExitStack() as opened:
        opened.callback(vobiz.server.close)
        fleet = [
            opened.enter_context(_exporter(plan, number, vobiz.url, directory)) for number in range(plan.processes)
        ]
        for exporter in fleet:
            os.sched_setaffinity(exporter.pid, set(plan.cores))
        scrapers = [opened.enter_context(Scraper(exporter.url, every=30.0)) for exporter in fleet]
        time.sleep(plan.interval * 1.1)
        began, before = time.monotonic(), [cpu_seconds(exporter.pid) for exporter in fleet]
        time.sleep(plan.seconds)
        took = time.monotonic() - began
        cpu = [(cpu_seconds(exporter.pid) - old) / took for exporter, old in zip(fleet, before, strict=True)]
        resident = [memory_mib(exporter.pid) for exporter in fleet]
    late = sorted(
        abs(lateness)
        for auth_id, times in vobiz.arrivals.items()
        if not auth_id.startswith(HANGING)
        for lateness in off_the_grid(times, plan.interval, began)
    )
    return Result(
        late=tuple(late),
        polled=len(vobiz.arrivals),
        cpu=sum(cpu),
        largest_cpu=max(cpu),
        largest_resident=max(resident),
        slowest_scrape=max(scraper.slowest for scraper in scrapers),
    )


def _exporter(plan: Plan, number: int, url: str, directory: Path) -> Exporter:
    poll: dict[str, object] = {"interval": f"{plan.interval:.0f}s"}
    if plan.processes > 1:
        poll["shard"] = f"{number + 1}/{plan.processes}"
    config = {
        "partners": [
            {"name": name, "auth_id": auth_id, "auth_token": "token-of-the-bench"}
            for name, auth_id in auth_ids(plan.partners, plan.hanging).items()
        ],
        "api": {"base_url": url},
        "poll": poll,
        "state": {"path": str(directory / f"state-{number}.db")},
    }
    path = directory / f"config-{number}.yaml"
    # YAML reads JSON
    path.write_text(json.dumps(config), encoding="utf-8")
    return Exporter("run", f"--config.file={path}")


def off_the_grid(times: list[float], interval: float, since: float) -> Iterator[float]:
    """By how much polls came off the grid that the partner's first poll began. A poll that is left out is infinite."""
    numbers = [round((at - times[0]) / interval) for at in times]
    for at, number, before in zip(times[1:], numbers[1:], numbers, strict=False):
        if at < since:
            continue
        yield at - times[0] - number * interval
        for _ in range(number - before - 1):
            yield float("inf")


def auth_ids(partners: int, hanging: int) -> dict[str, str]:
    """By name. Those that hang are spread among the others."""
    hang = [number * hanging // partners < (number + 1) * hanging // partners for number in range(partners)]
    return {
        f"partner-{number:04}": f"{HANGING if hang[number] else 'PA_BENCH'}{number:04}" for number in range(partners)
    }
