"""Runs the faults: those of one partner side by side, then each that kills a program alone."""

from __future__ import annotations

import contextlib
import queue
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.drill.fault_run import FaultRun
from tests.drill.pager import Incident, Pager
from tests.drill.receiver import Notification, Receiver
from tests.drill.report import Report
from tests.drill.stack import Stack

NEXT_LOOK = 0.5
WARM_UP = 120.0


@dataclass(slots=True, kw_only=True)
class Runner:
    """One run. ``hold`` is how long a fault goes on after its page, ``watch`` how long nothing may happen before the
    first fault and after the last, in seconds."""

    stack: Stack
    receiver: Receiver
    report: Report
    hold: float
    watch: float
    signs_of_life: int = 0
    _pager: Pager = field(default_factory=Pager)
    _current: Sequence[FaultRun] = ()
    _unexpected: list[str] = field(default_factory=list)

    def run_all(self, runs: Sequence[FaultRun]) -> list[str]:
        """Run them all; what was not as it has to be, nothing if all is well."""
        end = time.monotonic() + WARM_UP
        self._until(lambda: self.signs_of_life > 0 or time.monotonic() > end)
        if not self.signs_of_life:
            return ["the watchdog does not arrive at the dead man's switch"]
        self.report.say(
            "The watchdog's sign of life has arrived: whatever pages now gets through.", at=time.monotonic()
        )
        self._quiet()
        self._run_together([run for run in runs if not run.fault.program])
        for run in runs:
            if run.fault.program:
                self._run_together([run])
                self.stack.repair()
                # a page that has come meanwhile is still this fault's
                self._until(self.receiver.news.empty)
        self._quiet()
        failed = [f"{run.fault.name}: {problem}" for run in runs for problem in run.problems()]
        return failed + self._unexpected

    def _run_together(self, runs: Sequence[FaultRun]) -> None:
        if runs:
            self._current = runs
            for run in runs:
                self._break(run)
            self._until(lambda: all(run.over(time.monotonic()) for run in runs))

    def _quiet(self) -> None:
        end = time.monotonic() + self.watch
        self._until(lambda: time.monotonic() > end)

    def _break(self, run: FaultRun) -> None:
        self._enter("broken", run)
        if run.fault.incident:
            run.number = self.stack.begin(run.fault.partner, run.fault.incident)
        run.broken = time.monotonic()
        self.report.say(f"BREAK    {run.fault.name}: {run.fault.what}", at=run.broken)

    def _enter(self, phase: str, run: FaultRun) -> None:
        """Kill the program of a fault, or start it again, as this phase needs it."""
        program = self.stack.programs.get(run.fault.program)
        if program is None or program.running != (phase in run.fault.dead):
            return
        self.report.say(f"{'KILL' if program.running else 'START':<8} {run.fault.program}", at=time.monotonic())
        if program.running:
            program.stop(signal.SIGKILL)
        else:
            program.start()

    def _until(self, done: Callable[[], bool]) -> None:
        """Follow what arrives, and heal what is due, until ``done``."""
        while not done():
            with contextlib.suppress(queue.Empty):
                self._follow(self.receiver.news.get(timeout=NEXT_LOOK))
            for run in self._current:
                if run.to_heal(time.monotonic(), self.hold):
                    if run.number is not None:
                        self.stack.end(run.number)
                    self._enter("healed", run)
                    run.healed = time.monotonic()
                    why = f" ({run.fault.alert} has not paged)" if run.expected is None else ""
                    self.report.say(f"HEAL     {run.fault.name}{why}", at=run.healed)

    def _follow(self, news: Notification) -> None:
        if news.refused is not None:
            self._surprise(f"PagerDuty would refuse an event: {news.refused}", news.at)
        elif news.warning is not None:
            self._warning(news.warning, news.at)
        elif news.page is not None:
            incident = self._pager.take(news.page, news.at)
            if incident is not None:
                self._page(incident, news.at)
        else:
            self.signs_of_life += 1

    def _page(self, incident: Incident, at: float) -> None:
        if incident.closed is None:
            run = next((one for one in self._current if self._concerns(one, incident.partner)), None)
            if run is None:
                self._surprise(f"unexpected page: {incident.first.summary.strip()}", at)
                return
            run.incidents.append(incident)
            self.report.page(run, incident)
            if run.healed is None:
                self._enter("paged", run)
            return
        for run in self._current:
            if incident in run.incidents:
                self.report.resolved(run, at)

    def _surprise(self, what: str, at: float) -> None:
        self._unexpected.append(what)
        self.report.say(f"FAILED   {what}", at=at)

    def _warning(self, title: str, at: float) -> None:
        self.report.say(f"warning  {title.strip()}", at=at)
        for run in self._current:
            if self._concerns(run, title.partition(": ")[2].partition(": ")[0]) and not title.startswith("RESOLVED"):
                run.warnings.append(title)

    @staticmethod
    def _concerns(run: FaultRun, partner: str) -> bool:
        """Whether a page is about a fault. While a program is dead it is about that, whomever it names."""
        return run.broken is not None and (bool(run.fault.program) or run.fault.partner == partner)
