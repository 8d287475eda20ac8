"""Clocks: this machine's is set, and the server's day jumps."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.faults.local import PARTNER, Act, LocalCase, Row
from tests.faults.values import of_endpoint
from tests.faults.vobiz import Asked, well
from tests.rig.raw_server import Peer

GROUP = "Clocks"
DAY = 86_400
CLOCK = "clock"
"""File in a testbed's directory that says by how much the daemon's wall clock is off."""


def _set_clock(seconds: int) -> Act:
    def act(case: LocalCase) -> None:
        testbed = case.testbed
        if not _library():
            case.verdict.fail("alive", "not tried: faketime is not on PATH (Debian package faketime)")
            return
        _write(testbed.directory, seconds)
        began = time.monotonic()
        testbed.grow(PARTNER)
        case.settle_within_an_interval(began)
        case.logged_times('msg="the clock was set"')
        name = "vobiz_last_success_timestamp_seconds"

        def follows() -> bool:
            at = case.metric(name, partner=PARTNER, endpoint="dashboard")
            return abs(at - time.time() - seconds) < 60

        testbed.until(follows, "time stamps of the clock that was set")
        _write(testbed.directory, 0)
        began = time.monotonic()
        testbed.grow(PARTNER)
        case.settle_within_an_interval(began)
        testbed.until(lambda: len(case.logged('msg="the clock was set"')) == 2, "logged that it was set back")
        case.quiet(2)
        case.verdict.note("counted", f"{name} follows")

    return act


def _settings(directory: Path) -> Mapping[str, Any]:
    _write(directory, 0)
    return {
        "environment": {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(directory / CLOCK),
            "FAKETIME_NO_CACHE": "1",
            # the wall clock alone
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
    }


def _write(directory: Path, seconds: int) -> None:
    new = directory / "clock.new"
    new.write_text(f"{seconds:+d}\n", encoding="ascii")
    new.rename(directory / CLOCK)


def _library() -> str:
    """What faketime preloads."""
    if shutil.which("faketime") is None:
        return ""
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    done = subprocess.run(
        ["faketime", "-m", "-f", "+0", "env"], capture_output=True, text=True, check=True, env=environment
    )
    found = [line.partition("=")[2] for line in done.stdout.splitlines() if line.startswith("LD_PRELOAD=")]
    return found[0] if found else ""


def _days(*steps: int) -> Act:
    """The server's day moves by each of these, with calls booked and counted in between."""

    def act(case: LocalCase) -> None:
        testbed = case.testbed
        books = testbed.vobiz.accounts[testbed.auth_ids[PARTNER]].books
        for step in steps:
            with testbed.vobiz.lock:
                before = testbed.truth(PARTNER)
                books.today += timedelta(days=step)
                testbed.vobiz.grow(testbed.auth_ids[PARTNER])
                testbed.watch.allow(PARTNER, before, testbed.truth(PARTNER))
            case.settle_within_an_interval(time.monotonic())
            case.calls()
        case.quiet(0)
        case.verdict.note("logged", "nothing")
        case.verdict.note("counted", "each call once")

    return act


def _other_window(case: LocalCase) -> None:
    """``/analytics`` answers with the week before, whatever it is asked for."""
    testbed = case.testbed
    testbed.vobiz.arm(testbed.auth_ids[PARTNER], "analytics", _week_before)
    testbed.grow(PARTNER)
    case.logged_times('msg="answer covers other days than it was asked for, it is not used"')
    testbed.until(
        lambda: not of_endpoint(testbed.watch.page(PARTNER), "analytics"), "today's values have left the page"
    )
    case.counted("vobiz_reconciliation_mismatch", 1, partner=PARTNER, check="window")
    case.settle_within_an_interval(testbed.vobiz.disarm(testbed.auth_ids[PARTNER]))
    case.logged_times('msg="answers cover the days that were asked for again"')
    testbed.until(
        lambda: case.metric("vobiz_reconciliation_mismatch", partner=PARTNER, check="window") == 0, "all agrees"
    )
    case.quiet(2)


def _week_before(peer: Peer, asked: Asked) -> bool:
    period = asked.said["period"]
    for end, day in period.items():
        period[end] = (date.fromisoformat(day) - timedelta(days=7)).isoformat()
    return well(peer, asked)


def _often(directory: Path) -> Mapping[str, Any]:
    return {"poll": {"slow_interval": "1s"}}


_YEAR_2099 = _days(73 * 365, -73 * 365)

ROWS = (
    Row(GROUP, "clock-forward", "the wall clock is set forward by a day, and back", _set_clock(DAY), _settings),
    Row(GROUP, "clock-back", "the wall clock is set back by a day, and forward", _set_clock(-DAY), _settings),
    Row(GROUP, "server-midnight", "the server's day ends, three times", _days(1, 1, 1), _often),
    Row(GROUP, "server-day-skips", "the server's day skips five days, and goes on", _days(5, 1), _often),
    Row(GROUP, "server-day-back", "the server's day goes back by one, and forward again", _days(-1, 1, 1), _often),
    Row(GROUP, "server-day-flips", "two servers with different days answer in turn", _days(1, -1, 1, -1, 1), _often),
    Row(GROUP, "server-year-2099", "the server says it is 73 years later, and then that it is not", _YEAR_2099, _often),
    Row(GROUP, "window-other", "/analytics answers for other days than it is asked for", _other_window),
)
