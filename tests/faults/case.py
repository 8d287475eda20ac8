"""The course of one fault of the API: all is well, calls are booked, it breaks, is judged, ends, is judged again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.faults.fault import AGAIN, ENDPOINTS, FAILED, ApiFault, Fault
from tests.faults.job import Verdict
from tests.faults.testbed import Testbed
from tests.faults.values import Values, key, of_endpoint
from tests.rig.waiting import WaitedTooLongError

UNREADABLE, READABLE = 'msg="fields missing or unreadable', 'msg="all fields readable again"'

_PROBLEM = re.compile(r'(?:problem|fields)=("(?:[^"\\]|\\.)*"|\S+)')


class Breaker(Protocol):
    """Makes a fault and ends it."""

    def prepare(self) -> None:
        """Wait for a good moment."""

    def begin(self, endpoint: str, *, times: int | None) -> None:
        """From now on, for ever or so many times."""

    def end(self) -> float:
        """All is well again; when that was, on the monotonic clock."""

    def given(self) -> int | None:
        """How many answers were bad since it began, if that can be known."""


@dataclass(frozen=True, slots=True)
class Armed:
    """Bad answers of one account."""

    testbed: Testbed
    partner: str
    fault: ApiFault

    def prepare(self) -> None:
        """Any moment will do."""

    def begin(self, endpoint: str, *, times: int | None) -> None:
        self.testbed.vobiz.arm(self.testbed.auth_ids[self.partner], endpoint, self.fault.act, times=times)

    def end(self) -> float:
        return self.testbed.vobiz.disarm(self.testbed.auth_ids[self.partner])

    def given(self) -> int | None:
        return self.testbed.vobiz.given(self.testbed.auth_ids[self.partner])


def run_fault(testbed: Testbed, partner: str, fault: ApiFault) -> Verdict:
    """Each endpoint, a single bad answer and then a lasting fault."""
    verdict = Verdict(name=fault.name, what=fault.what, group=fault.group)
    breaker = Armed(testbed, partner, fault)
    try:
        testbed.settle(partner)
        for endpoint in fault.endpoints:
            for lasting in (False, True):
                Case(testbed, partner, fault, endpoint, lasting, breaker, verdict).run()
    except WaitedTooLongError as error:
        verdict.fail("recovered", str(error))
    verdict.require("alive", testbed.alive, "it has ended, or does not poll")
    return verdict


@dataclass
class Case:
    """One fault of one endpoint, once or for some time."""

    testbed: Testbed
    partner: str
    fault: Fault
    endpoint: str
    lasting: bool
    breaker: Breaker
    verdict: Verdict
    others_fail: bool = False
    """Whether the other endpoint fails as well."""

    def run(self) -> None:
        """Raises WaitedTooLongError if something that has to come does not."""
        self.verdict.tried += 1
        self._first_line = len(self.testbed.daemon.lines)
        self._counted_before = self._counts()
        self._unreadable_seen = False
        self._failures_before: list[int] = []
        self.breaker.prepare()
        self.testbed.grow(self.partner)
        self.breaker.begin(self.endpoint, times=None if self.lasting else 1)
        self._until(self._is_broken, "the fault shows")
        ended = self.breaker.end()
        self.testbed.settle(self.partner)
        self._judge_logged()
        self._judge_counted()
        self._judge_values()
        self._judge_recovered(ended)

    def _is_broken(self, page: Values) -> bool:
        self._unreadable_seen |= page.get(key("vobiz_unreadable_fields", endpoint=self.endpoint), 0.0) > 0
        wanted = self.fault.answers if self.lasting else 1
        if self._shows_nothing:
            return (self.breaker.given() or 0) >= wanted
        if self.fault.outcome is None:
            # one bad answer may be on the page for less time than passes between two looks at it
            seen = self._unreadable_seen or (not self.lasting and bool(self._lines(UNREADABLE)))
            return seen and (self.breaker.given() or 0) >= wanted
        failing = ENDPOINTS if self.others_fail else (self.endpoint,)
        failures = [self._failures().get((endpoint, self.fault.outcome.value), 0) for endpoint in failing]
        before, self._failures_before = self._failures_before, failures
        # where both fail, as often, or unchanged where the first poll was half over: then no poll is under way
        if min(failures) < wanted or (len(set(failures)) > 1 and failures != before):
            return False
        # a single one is down for less time than passes between two looks
        down = page.get(key("vobiz_up", endpoint=self.endpoint)) == 0
        return not self.lasting or (down and not of_endpoint(page, self.endpoint))

    @property
    def _shows_nothing(self) -> bool:
        return self.fault.outcome is None and not self.fault.fields

    def _judge_logged(self) -> None:
        begins, ends = (UNREADABLE, READABLE) if self.fault.outcome is None else (FAILED, AGAIN)
        if not self._shows_nothing:
            self.testbed.until(lambda: bool(self._lines(ends)), f"{ends} in the log")
        began, ended = self._lines(begins), self._lines(ends)
        where = dict.fromkeys(self._failing, 0 if self._shows_nothing else 1)
        for endpoint in ENDPOINTS:
            wanted = where.get(endpoint, 0)
            for lines in (began, ended):
                number = sum(f" endpoint={endpoint} " in f"{line} " for line in lines)
                self.verdict.require("logged", number == wanted, f"{number} lines for {endpoint} instead of {wanted}")
        for line in began:
            problem = _PROBLEM.search(line)
            self.verdict.require("logged", problem is not None and "action=" in line, f"unclear: {line}")
            if problem is not None:
                self.verdict.note("logged", problem[1].strip('"'))
        for line in self.testbed.daemon.lines[self._first_line :]:
            if "defect of the exporter" in line:
                self.verdict.fail("logged", line)

    def _judge_counted(self) -> None:
        failures, given = self._failures(), self.breaker.given()
        if self.fault.outcome is None:
            self.verdict.require("counted", not failures, f"counted {failures}")
            self.verdict.note("counted", "success" if self._shows_nothing else "vobiz_unreadable_fields")
            return
        outcome = self.fault.outcome.value
        wanted = {(endpoint, outcome) for endpoint in ENDPOINTS if self.others_fail or endpoint == self.endpoint}
        self.verdict.require("counted", set(failures) == wanted, f"counted {failures}")
        counted = sum(failures.values())
        self.verdict.require("counted", given in (None, counted), f"counted {counted} for {given} bad answers")
        self.verdict.note("counted", outcome)

    def _judge_values(self) -> None:
        for value in self.testbed.watch.wrong(self.partner):
            self.verdict.fail("values", value)
        self.verdict.note("values", "right or absent")

    def _judge_recovered(self, ended: float) -> None:
        asked = self.testbed.vobiz.asked(self.testbed.auth_ids[self.partner])
        bad = [one for one in asked if one.at <= ended and one.faulty and one.endpoint == self.endpoint]
        later = [one for one in asked if one.at > ended and one.endpoint == self.endpoint]
        if not later:
            # the answer that ended a single fault was asked for before it was noticed here
            return
        interval, gap = self.testbed.interval, later[0].at - ended
        if self.fault.refuses and bad:
            wait, gap = interval * self.fault.wait(bad[-1].faulty), later[0].at - bad[-1].at
            self.verdict.require("recovered", gap >= wait / 2, f"asked again after {gap:.1f} s instead of {wait:g} s")
            self.verdict.require(
                "recovered", gap <= wait + interval + self.testbed.setting.slack, f"silent for {gap:.1f} s"
            )
            self.verdict.note("recovered", f"waits {wait:g} s")
        else:
            self.verdict.require("recovered", gap <= interval + self.testbed.setting.slack, f"took {gap:.1f} s")
            self.verdict.note("recovered", "next poll")
        self.verdict.require("recovered", not later[0].faulty, "it was still broken")

    @property
    def _failing(self) -> tuple[str, ...]:
        """The endpoints whose failure is logged: a refusal of the first one keeps the second from being asked."""
        all_of_it = self.others_fail or (self.fault.refuses and self.endpoint == "dashboard")
        return ENDPOINTS if all_of_it else (self.endpoint,)

    def _lines(self, text: str) -> list[str]:
        partner = f" partner={self.partner} "
        return [line for line in self.testbed.daemon.lines[self._first_line :] if text in line and partner in line]

    def _failures(self) -> dict[tuple[str, str], int]:
        before = self._counted_before
        return {
            series: number - before.get(series, 0)
            for series, number in self._counts().items()
            if number != before.get(series, 0)
        }

    def _counts(self) -> dict[tuple[str, str], int]:
        """Failed requests by endpoint and outcome."""
        counts = {}
        for (name, labels), value in self.testbed.watch.page(self.partner).items():
            of = dict(labels)
            if name == "vobiz_api_requests_total" and of["outcome"] != "success":
                counts[of["endpoint"], of["outcome"]] = int(value)
        return counts

    def _until(self, holds: Callable[[Values], bool], what: str) -> None:
        self.testbed.watch.until(holds, what, partner=self.partner)


def just_polled(testbed: Testbed, partner: str) -> None:
    """Return when a poll has just ended, so that nothing is under way for most of an interval.

    It is on the page when all of its requests have been answered.
    """

    def last(page: Values) -> float:
        return page.get(key("vobiz_last_success_timestamp_seconds", endpoint="analytics"), 0.0)

    seen = last(testbed.watch.page(partner))
    testbed.watch.until(lambda page: last(page) > seen, "a poll", partner=partner)
