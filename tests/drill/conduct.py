"""Runs the faults: those that befall one partner side by side, then the exporter's end alone."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.drill.course import Course
from tests.drill.pager import Incident, Pager
from tests.drill.receiver import Notification, Receiver
from tests.drill.report import Report
from tests.drill.stack import Stack

NEXT_LOOK = 0.5
WARM_UP = 120.0


@dataclass(slots=True, kw_only=True)
class Conduct:
    """One run. ``hold`` is how long a fault goes on after its page, ``watch`` how long nothing may happen before the
    first fault and after the last: seconds of ``clock``."""

    stack: Stack
    receiver: Receiver
    report: Report
    clock: Callable[[], float]
    hold: float
    watch: float
    signs_of_life: int = 0
    _pager: Pager = field(default_factory=Pager)
    _current: Sequence[Course] = ()
    _heal: dict[str, Callable[[], None]] = field(default_factory=dict)
    _unexpected: list[str] = field(default_factory=list)

    def run(self, courses: Sequence[Course]) -> list[str]:
        """Run them all; what was not as it has to be, nothing if all is well."""
        end = self.clock() + WARM_UP
        self._until(lambda: self.signs_of_life > 0 or self.clock() > end)
        if not self.signs_of_life:
            return ["the watchdog does not arrive at the dead man's switch"]
        self.report.say("The watchdog's sign of life has arrived: whatever pages now gets through.", at=self.clock())
        self._quiet()
        for together in (
            [course for course in courses if course.fault.incident],
            [course for course in courses if not course.fault.incident],
        ):
            self._run_together(together)
        self._quiet()
        failed = [f"{course.fault.name}: {problem}" for course in courses for problem in course.problems()]
        return failed + self._unexpected

    def _run_together(self, courses: Sequence[Course]) -> None:
        if courses:
            self._current = courses
            for course in courses:
                self._break(course)
            self._until(lambda: all(course.over(self.clock()) for course in courses))

    def _quiet(self) -> None:
        end = self.clock() + self.watch
        self._until(lambda: self.clock() > end)

    def _break(self, course: Course) -> None:
        fault = course.fault
        if fault.incident:
            number = self.stack.cause(fault.name, fault.incident)
            self._heal[fault.name] = lambda: self.stack.clear(number)
        else:
            self.stack.kill_exporter()
            self._heal[fault.name] = self.stack.restart_exporter
        course.broken = self.clock()
        self.report.say(f"BREAK    {fault.name}: {fault.what}", at=course.broken)

    def _until(self, done: Callable[[], bool]) -> None:
        """Follow what arrives, and heal what is due, until ``done``."""
        while not done():
            with contextlib.suppress(queue.Empty):
                self._follow(self.receiver.news.get(timeout=NEXT_LOOK))
            for course in self._current:
                if course.to_heal(self.clock(), self.hold):
                    self._heal[course.fault.name]()
                    course.healed = self.clock()
                    why = f" ({course.fault.alert} has not paged)" if course.expected is None else ""
                    self.report.say(f"HEAL     {course.fault.name}{why}", at=course.healed)

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
            course = self._course(incident.partner)
            if course is None:
                self._surprise(f"unexpected page: {incident.first.summary.strip()}", at)
                return
            course.incidents.append(incident)
            self.report.page(course, incident)
            return
        for course in self._current:
            if incident in course.incidents:
                self.report.resolved(course, at)

    def _surprise(self, what: str, at: float) -> None:
        self._unexpected.append(what)
        self.report.say(f"FAILED   {what}", at=at)

    def _warning(self, title: str, at: float) -> None:
        self.report.say(f"warning  {title.strip()}", at=at)
        for course in self._current:
            concerned = f"{course.fault.name}: " in title or not course.fault.incident
            if concerned and not title.startswith("RESOLVED"):
                course.warnings.append(title)

    def _course(self, partner: str) -> Course | None:
        """The fault that a page is about. A page while the exporter is dead is about that, whomever it names."""
        for course in self._current:
            if course.broken is not None and (course.fault.name == partner or not course.fault.incident):
                return course
        return None
