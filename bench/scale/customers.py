"""One answer with 100,000 customers at every poll, while the page is scraped ten times a second."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from bench.scale.api import MANY
from bench.scale.daemon import running
from bench.scale.scrapes import Scraper, fetch
from bench.web.children import python_child


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Seconds, MiB."""

    polls: int
    scrapes: int
    slowest_scrape: float
    peak: float


def measure(*, seconds: float, directory: Path) -> Result:
    """A poll a second, of 17 MB; the daemon has one core, the API another."""
    with python_child(module="bench.scale.api") as api:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(api.pid, {cores[-1]})
        auth_ids = {"many": f"{MANY}0001"}
        with running(api, auth_ids, directory, core=cores[0], interval=1.0) as (daemon, _):
            with Scraper(daemon.url, every=0.1) as scraper:
                time.sleep(seconds)
            page = fetch(daemon.url)
            status = Path(f"/proc/{daemon.pid}/status").read_text(encoding="ascii")
    worked = r'^vobiz_api_requests_total\{endpoint="dashboard",outcome="success",.*\} (\S+)$'
    return Result(
        polls=int(sum(map(float, re.findall(worked, page, re.MULTILINE)))),
        scrapes=scraper.scrapes,
        slowest_scrape=scraper.slowest,
        peak=int(re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[0]) / 1024,
    )
