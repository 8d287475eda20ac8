"""What the rows on this side have in common: one partner, one daemon, one fault of its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from tests.faults import private
from tests.faults.figures import key
from tests.faults.job import Job, Setting
from tests.faults.stage import Stage
from tests.faults.verdict import Verdict
from tests.faults.watch import NotWithinTimeError

PARTNER = "acme"


@dataclass
class Scene:
    """A stage with a verdict, and what rows do on it."""

    stage: Stage
    verdict: Verdict
    first_line: int = 0

    def mark(self) -> None:
        """Only what is logged from now on is looked at."""
        self.first_line = len(self.stage.lines)

    def calls(self) -> None:
        """Book calls, and wait until the page shows them."""
        self.stage.grow(PARTNER)
        self.settle()

    def settle(self) -> None:
        """Wait for the truth on the page; every figure seen on the way there is judged."""
        self.stage.settle(PARTNER)
        for figure in self.stage.watch.wrong(PARTNER):
            self.verdict.fail("figures", figure)

    def settle_within_an_interval(self, since: float) -> None:
        """Wait for the truth on the page, and judge how long the next good poll took."""
        self.settle()
        asked = self.stage.vobiz.asked(self.stage.auth_ids[PARTNER], since=since)
        gap = asked[0].at - since if asked else 0.0
        limit = self.stage.interval + self.stage.setting.slack
        self.verdict.require("recovered", gap <= limit, f"asked again after {gap:.1f} s")
        self.verdict.note("recovered", "next poll")

    def logged(self, text: str) -> list[str]:
        """The lines since the mark that hold a text."""
        return [line for line in self.stage.lines[self.first_line :] if text in line]

    def told(self, text: str, times: int = 1) -> None:
        """Require that a line was written so many times; wait for the first if there has to be one."""
        if times:
            self.stage.until(lambda: bool(self.logged(text)), f"{text!r} in the log")
        number = len(self.logged(text))
        self.verdict.require("told", number == times, f"{number} times instead of {times}: {text}")
        if times:
            self.verdict.note("told", text)

    def quiet(self, at_most: int) -> None:
        """Require that no more lines than that were written since the mark."""
        lines = self.stage.lines[self.first_line :]
        self.verdict.require("told", len(lines) <= at_most, f"{len(lines)} lines: " + " / ".join(lines[:12]))

    def metric(self, name: str, **labels: str) -> float:
        """A value of the last page; 0 if it is not there."""
        partner = labels.pop("partner", "")
        return self.stage.watch.page(partner).get(key(name, **labels), 0.0)

    def counted(self, name: str, least: float, **labels: str) -> None:
        """Wait until a metric has grown to a value."""
        self.stage.until(lambda: self.metric(name, **labels) >= least, f"{name} >= {least:g}")
        self.verdict.note("counted", name)

    def restart(self) -> None:
        """kill -9, and start again on the same files."""
        self.stage.end_daemon()
        self.stage.start_daemon()


Act: TypeAlias = Callable[[Scene], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault. ``settings`` are for :class:`Stage`, or make them from the directory; ``disk`` is the size of a disk
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
    if row.disk and not private.is_private():
        verdict.fail("alive", private.WHY)
        return [verdict]
    if row.disk:
        private.mount_disk(directory / "state", size=row.disk)
    try:
        with Stage(directory, [PARTNER], setting, **row.settings(directory)) as stage:
            _play(row, Scene(stage, verdict))
    finally:
        if row.disk:
            private.unmount(directory / "state")
    return [verdict]


def _play(row: Row, scene: Scene) -> None:
    stage, verdict = scene.stage, scene.verdict
    verdict.tried = 1
    try:
        scene.settle()
        scene.calls()
        scene.mark()
        row.act(scene)
        scene.calls()
    except NotWithinTimeError as error:
        verdict.fail("recovered", str(error))
    verdict.require("alive", stage.alive, "it has ended, or does not poll")
    verdict.note("figures", "exact")
    for leak in stage.leaks():
        verdict.fail("told", f"in the open: {leak}")
    for line in scene.logged("defect of the exporter"):
        verdict.fail("told", line)
