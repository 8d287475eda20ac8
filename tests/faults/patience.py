"""Refusals that ask for hours: the exporter waits a quarter of one, and a reload ends the wait."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.processes import fetch
from tests.faults.figures import key
from tests.faults.job import Job, Setting
from tests.faults.stage import Stage
from tests.faults.statuses import GROUP, HUGE, NAMES, says
from tests.faults.verdict import Verdict
from tests.faults.watch import NotWithinTimeError

LONGEST = 900.0
"""Seconds that the exporter waits at the most, whatever it is asked for."""

QUIET = 3.0
"""Seconds, and intervals, in which nothing may be asked."""

_FORMS = {f"status-{number}-" + form.lower().replace(" ", "-"): (number, form) for number in NAMES for form in HUGE}


def jobs() -> Iterator[Job]:
    """One daemon for all of them, as a reload concerns all partners."""
    rows = tuple((GROUP, name, f"{number}, {form}") for name, (number, form) in _FORMS.items())
    yield Job(name="patience", rows=rows, run=_run)


def _run(directory: Path, wanted: frozenset[str], setting: Setting) -> list[Verdict]:
    verdicts = {
        name: Verdict(name=name, what=f"{number}, {form}", group=GROUP)
        for name, (number, form) in _FORMS.items()
        if name in wanted
    }
    with Stage(directory, list(verdicts), setting) as stage:
        for name, verdict in verdicts.items():
            try:
                stage.settle(name)
                _refuse(stage, name, verdict)
            except NotWithinTimeError as error:
                verdict.fail("counted", str(error))
        time.sleep(QUIET)
        _judge_waits(stage, verdicts)
        for name in verdicts:
            stage.vobiz.disarm(stage.auth_ids[name])
        stage.daemon.process.send_signal(signal.SIGHUP)
        for name, verdict in verdicts.items():
            _judge_end(stage, name, verdict)
    return list(verdicts.values())


def _refuse(stage: Stage, name: str, verdict: Verdict) -> None:
    number, form = _FORMS[name]
    outcome = NAMES[number].value
    verdict.tried = 1
    stage.grow(name)
    stage.vobiz.arm(stage.auth_ids[name], "dashboard", says(number, lambda: HUGE[form]))
    series = key("vobiz_api_requests_total", endpoint="dashboard", outcome=outcome)
    stage.watch.until(lambda page: page.get(series) == 1, f"one {outcome}", partner=name)
    verdict.note("counted", outcome)


def _judge_waits(stage: Stage, verdicts: dict[str, Verdict]) -> None:
    url = stage.daemon.url.replace("/metrics", "/api/v1/status")
    partners = {partner["name"]: partner for partner in json.loads(fetch(url, timeout=10))["partners"]}
    for name, verdict in verdicts.items():
        wait = partners[name]["poll"]["next_in_seconds"]
        verdict.require("recovered", LONGEST / 2 < wait <= LONGEST, f"the next poll is due in {wait:g} s")
        asked = stage.vobiz.given(stage.auth_ids[name])
        verdict.require("counted", asked == 1, f"asked {asked} times instead of once")


def _judge_end(stage: Stage, name: str, verdict: Verdict) -> None:
    try:
        stage.settle(name)
    except NotWithinTimeError as error:
        verdict.fail("recovered", str(error))
    verdict.note("recovered", f"waits {LONGEST:g} s, or until a reload")
    verdict.note("figures", "right or absent")
    for figure in stage.watch.wrong(name):
        verdict.fail("figures", figure)
    told = [line for line in stage.lines if 'msg="vobiz poll failed"' in line and f" partner={name} " in line]
    verdict.require("told", len(told) == 2, f"{len(told)} lines instead of one for each endpoint")
    verdict.note("told", "the API answered " + str(_FORMS[name][0]))
    verdict.require("alive", stage.alive, "it has ended, or does not poll")
