"""What the rows on this side have in common: one partner, one daemon, one fault of its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from tests.faults import namespace
from tests.faults.job import Job, Setting, Verdict
from tests.faults.testbed import Testbed
from tests.faults.values import key
from tests.rig.waiting import WaitedTooLongError

PARTNER = "acme"


@dataclass
class LocalCase:
    """A testbed with a verdict, and what rows do on it."""

    testbed: Testbed
    verdict: Verdict
    first_line: int = 0

    def mark(self) -> None:
        """Only what is logged from now on is looked at."""
        self.first_line = len(self.testbed.daemon.lines)

    def calls(self) -> None:
        """Book calls, and wait until the page shows them."""
        self.testbed.grow(PARTNER)
        self.settle()

    def settle(self) -> None:
        """Wait for the truth on the page; every value seen on the way there is judged."""
        self.testbed.settle(PARTNER)
        for value in self.testbed.watch.wrong(PARTNER):
            self.verdict.fail("values", value)

    def settle_within_an_interval(self, since: float) -> None:
        """Wait for the truth on the page, and judge how long the next good poll took."""
        self.settle()
        asked = self.testbed.vobiz.asked(self.testbed.auth_ids[PARTNER], since=since)
        gap = asked[0].at - since if asked else 0.0
        limit = self.testbed.interval + self.testbed.setting.slack
        self.verdict.require("recovered", gap <= limit, f"asked again after {gap:.1f} s")
        self.verdict.note("recovered", "next poll")

    def logged(self, text: str) -> list[str]:
        """The lines since the mark that hold a text."""
        return [line for line in self.testbed.daemon.lines[self.first_line :] if text in line]

    def logged_times(self, text: str, times: int = 1) -> None:
        """Require that a line was written so many times; wait for the first if there has to be one."""
        if times:
            self.testbed.until(lambda: bool(self.logged(text)), f"{text!r} in the log")
        number = len(self.logged(text))
        self.verdict.require("logged", number == times, f"{number} times instead of {times}: {text}")
        if times:
            self.verdict.note("logged", text)

    def quiet(self, at_most: int) -> None:
        """Require that no more lines than that were written since the mark."""
        lines = self.testbed.daemon.lines[self.first_line :]
        self.verdict.require("logged", len(lines) <= at_most, f"{len(lines)} lines: " + " / ".join(lines[:12]))

    def metric(self, name: str, **labels: str) -> float:
        """A value of the last page; 0 if it is not there."""
        partner = labels.pop("partner", "")
        return self.testbed.watch.page(partner).get(key(name, **labels), 0.0)

    def counted(self, name: str, least: float, **labels: str) -> None:
        """Wait until a metric has grown to a value."""
        self.testbed.until(lambda: self.metric(name, **labels) >= least, f"{name} >= {least:g}")
        self.verdict.note("counted", name)

    def restart(self) -> None:
        """kill -9, and start again on the same files; what the last life showed is no sign of this one."""
        self.testbed.daemon.close()
        self.testbed.daemon.start()
        self.testbed.until(lambda: self.testbed.daemon.url_if_started is not None, "its start")


Act: TypeAlias = Callable[[LocalCase], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. ``settings`` are for :class:`Testbed`, or make them from the directory; ``disk`` is the size of a disk
    for the state alone, which needs a mount namespace."""

    group: str
    name: str
    what: str
    act: Act
    settings: Callable[[Path], Mapping[str, Any]] = field(default=lambda directory: {})
    disk: str = ""


def jobs(rows: Sequence[Row]) -> Iterator[Job]:
    """One for each row."""
    for row in rows:
        yield Job(name=row.name, rows=((row.group, row.name, row.what),), run=partial(_run, row))


def _run(row: Row, directory: Path, wanted: frozenset[str], setting: Setting) -> list[Verdict]:
    verdict = Verdict(name=row.name, what=row.what, group=row.group)
    if row.disk and not namespace.is_private():
        verdict.fail("alive", namespace.WHY)
        return [verdict]
    if row.disk:
        namespace.mount_disk(directory / "state", size=row.disk)
    try:
        with Testbed(directory, [PARTNER], setting, **row.settings(directory)) as testbed:
            _play(row, LocalCase(testbed, verdict))
    finally:
        if row.disk:
            namespace.unmount(directory / "state")
    return [verdict]


def _play(row: Row, case: LocalCase) -> None:
    testbed, verdict = case.testbed, case.verdict
    verdict.tried = 1
    try:
        case.settle()
        case.calls()
        case.mark()
        row.act(case)
        case.calls()
    except WaitedTooLongError as error:
        verdict.fail("recovered", str(error))
    verdict.require("alive", testbed.alive, "it has ended, or does not poll")
    verdict.note("values", "exact")
    for leak in testbed.leaks():
        verdict.fail("logged", f"in the open: {leak}")
    for line in case.logged("defect of the exporter"):
        verdict.fail("logged", line)
