"""Faults of the API, many at a time: one daemon with a partner for each of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults import bodies, statuses, transport
from tests.faults.case import run_fault
from tests.faults.fault import ApiFault
from tests.faults.job import Job, Setting, Verdict
from tests.faults.testbed import Testbed

SIZE = 24
"""Partners of one daemon: so many that a poll a second of each leaves a core time to breathe."""

SLOW_INTERVAL, SLOW_TIMEOUT = 2.0, "1s"
"""For faults that last until the timeout, so that a poll ends before the next one is due."""


def jobs() -> Iterator[Job]:
    """All of them; each job takes the faults that are wanted of its own."""
    quick = [*transport.faults(), *bodies.faults(), *statuses.faults()]
    for number, faults in enumerate(_chunks(quick, SIZE)):
        yield _job(f"batch-{number}", faults, interval=1.0, timeout="10s")
    yield _job("slow", list(transport.slow_faults()), interval=SLOW_INTERVAL, timeout=SLOW_TIMEOUT)


def _job(name: str, faults: Sequence[ApiFault], *, interval: float, timeout: str) -> Job:
    def run(directory: Path, wanted: frozenset[str], setting: Setting) -> list[Verdict]:
        chosen = [fault for fault in faults if fault.name in wanted]
        partners = [fault.name for fault in chosen]
        api = {"timeout": timeout}
        with (
            Testbed(directory, partners, setting, api=api, interval=interval) as testbed,
            ThreadPoolExecutor(len(chosen)) as pool,
        ):
            verdicts = list(pool.map(lambda fault: run_fault(testbed, fault.name, fault), chosen))
            for verdict, leak in itertools.product(verdicts, testbed.leaks()):
                verdict.fail("logged", f"in the open: {leak}")
        return verdicts

    return Job(name=name, rows=tuple((fault.group, fault.name, fault.what) for fault in faults), run=run)


def _chunks(faults: Iterable[ApiFault], size: int) -> Iterator[list[ApiFault]]:
    waiting = iter(faults)
    while chunk := list(itertools.islice(waiting, size)):
        yield chunk
