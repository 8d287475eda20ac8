"""Refusals that ask for hours: the exporter waits a quarter of one, and a reload ends the wait."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.job import Job, Setting, Verdict
from tests.faults.statuses import GROUP, HUGE, NAMES, says
from tests.faults.testbed import Testbed
from tests.faults.values import key
from tests.rig.fetch import fetch
from tests.rig.waiting import WaitedTooLongError

MAX_WAIT = 900.0
"""Seconds that the exporter waits at the most, whatever it is asked for."""

QUIET = 3.0
"""Seconds, and intervals, in which nothing may be asked."""

_FORMS = {f"status-{number}-" + form.lower().replace(" ", "-"): (number, form) for number in NAMES for form in HUGE}


def jobs() -> Iterator[Job]:
    """One daemon for all of them, as a reload concerns all partners."""
    rows = tuple((GROUP, name, f"{number}, {form}") for name, (number, form) in _FORMS.items())
    yield Job(name="long-waits", rows=rows, run=_run)


def _run(directory: Path, wanted: frozenset[str], setting: Setting) -> list[Verdict]:
    verdicts = {
        name: Verdict(name=name, what=f"{number}, {form}", group=GROUP)
        for name, (number, form) in _FORMS.items()
        if name in wanted
    }
    with Testbed(directory, list(verdicts), setting) as testbed:
        for name, verdict in verdicts.items():
            try:
                testbed.settle(name)
                _refuse(testbed, name, verdict)
            except WaitedTooLongError as error:
                verdict.fail("counted", str(error))
        time.sleep(QUIET)
        _judge_waits(testbed, verdicts)
        for name in verdicts:
            testbed.vobiz.disarm(testbed.auth_ids[name])
        testbed.daemon.send(signal.SIGHUP)
        for name, verdict in verdicts.items():
            _judge_end(testbed, name, verdict)
    return list(verdicts.values())


def _refuse(testbed: Testbed, name: str, verdict: Verdict) -> None:
    number, form = _FORMS[name]
    outcome = NAMES[number].value
    verdict.tried = 1
    testbed.grow(name)
    testbed.vobiz.arm(testbed.auth_ids[name], "dashboard", says(number, lambda: HUGE[form]))
    series = key("vobiz_api_requests_total", endpoint="dashboard", outcome=outcome)
    testbed.watch.until(lambda page: page.get(series) == 1, f"one {outcome}", partner=name)
    verdict.note("counted", outcome)


def _judge_waits(testbed: Testbed, verdicts: dict[str, Verdict]) -> None:
    url = testbed.daemon.url.replace("/metrics", "/api/v1/status")
    partners = {partner["name"]: partner for partner in json.loads(fetch(url, timeout=10))["partners"]}
    for name, verdict in verdicts.items():
        wait = partners[name]["poll"]["next_in_seconds"]
        verdict.require("recovered", MAX_WAIT / 2 < wait <= MAX_WAIT, f"the next poll is due in {wait:g} s")
        asked = testbed.vobiz.given(testbed.auth_ids[name])
        verdict.require("counted", asked == 1, f"asked {asked} times instead of once")


def _judge_end(testbed: Testbed, name: str, verdict: Verdict) -> None:
    try:
        testbed.settle(name)
    except WaitedTooLongError as error:
        verdict.fail("recovered", str(error))
    verdict.note("recovered", f"waits {MAX_WAIT:g} s, or until a reload")
    verdict.note("values", "right or absent")
    for value in testbed.watch.wrong(name):
        verdict.fail("values", value)
    logged = [
        line for line in testbed.daemon.lines if 'msg="vobiz poll failed"' in line and f" partner={name} " in line
    ]
    verdict.require("logged", len(logged) == 2, f"{len(logged)} lines instead of one for each endpoint")
    verdict.note("logged", "the API answered " + str(_FORMS[name][0]))
    verdict.require("alive", testbed.alive, "it has ended, or does not poll")
