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

from tests.api.hostile_server import Peer
from tests.faults.figures import of_endpoint
from tests.faults.here import PARTNER, Act, Row, Scene
from tests.faults.vobiz import Asked, well

GROUP = "Clocks"
DAY = 86_400
CLOCK = "clock"
"""File in a stage's directory that says by how much the daemon's wall clock is off."""


def _set_clock(seconds: int) -> Act:
    def act(scene: Scene) -> None:
        stage = scene.stage
        if not _library():
            scene.verdict.fail("alive", "not tried: faketime is not on PATH (Debian package faketime)")
            return
        _write(stage.directory, seconds)
        began = time.monotonic()
        stage.grow(PARTNER)
        scene.settle_within_an_interval(began)
        scene.told('msg="the clock was set"')
        name = "vobiz_last_success_timestamp_seconds"

        def follows() -> bool:
            at = scene.metric(name, partner=PARTNER, endpoint="dashboard")
            return abs(at - time.time() - seconds) < 60

        stage.until(follows, "time stamps of the clock that was set")
        _write(stage.directory, 0)
        began = time.monotonic()
        stage.grow(PARTNER)
        scene.settle_within_an_interval(began)
        stage.until(lambda: len(scene.logged('msg="the clock was set"')) == 2, "told that it was set back")
        scene.quiet(2)
        scene.verdict.note("counted", f"{name} follows")

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
    aside = directory / "clock.new"
    aside.write_text(f"{seconds:+d}\n", encoding="ascii")
    aside.rename(directory / CLOCK)


def _library() -> str:
    """What faketime preloads."""
    if shutil.which("faketime") is None:
        return ""
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    told = subprocess.run(
        ["faketime", "-m", "-f", "+0", "env"], capture_output=True, text=True, check=True, env=environment
    )
    found = [line.partition("=")[2] for line in told.stdout.splitlines() if line.startswith("LD_PRELOAD=")]
    return found[0] if found else ""


def _days(*steps: int) -> Act:
    """The server's day moves by each of these, with calls booked and counted in between."""

    def act(scene: Scene) -> None:
        stage = scene.stage
        books = stage.vobiz.accounts[stage.auth_ids[PARTNER]].books
        for step in steps:
            with stage.vobiz.lock:
                before = stage.truth(PARTNER)
                books.today += timedelta(days=step)
                stage.vobiz.grow(stage.auth_ids[PARTNER])
                stage.watch.allow(PARTNER, before, stage.truth(PARTNER))
            scene.settle_within_an_interval(time.monotonic())
            scene.calls()
        scene.quiet(0)
        scene.verdict.note("told", "nothing")
        scene.verdict.note("counted", "each call once")

    return act


def _other_window(scene: Scene) -> None:
    """``/analytics`` answers with the week before, whatever it is asked for."""
    stage = scene.stage
    stage.vobiz.arm(stage.auth_ids[PARTNER], "analytics", _week_before)
    stage.grow(PARTNER)
    scene.told('msg="answer covers other days than it was asked for, it is not used"')
    stage.until(lambda: not of_endpoint(stage.watch.page(PARTNER), "analytics"), "today's figures have left the page")
    scene.counted("vobiz_reconciliation_mismatch", 1, partner=PARTNER, check="window")
    scene.settle_within_an_interval(stage.vobiz.disarm(stage.auth_ids[PARTNER]))
    scene.told('msg="answers cover the days that were asked for again"')
    stage.until(
        lambda: scene.metric("vobiz_reconciliation_mismatch", partner=PARTNER, check="window") == 0, "all agrees"
    )
    scene.quiet(2)


def _week_before(peer: Peer, asked: Asked) -> bool:
    period = asked.said["period"]
    for end, day in period.items():
        period[end] = (date.fromisoformat(day) - timedelta(days=7)).isoformat()
    return well(peer, asked)


def _often(directory: Path) -> Mapping[str, Any]:
    return {"poll": {"slow_interval": "1s"}}


ROWS = (
    Row(
        group=GROUP,
        name="clock-forth",
        what="the wall clock is set forth by a day, and back",
        act=_set_clock(DAY),
        settings=_settings,
    ),
    Row(
        group=GROUP,
        name="clock-back",
        what="the wall clock is set back by a day, and forth",
        act=_set_clock(-DAY),
        settings=_settings,
    ),
    Row(
        group=GROUP,
        name="server-midnight",
        what="the server's day ends, three times",
        act=_days(1, 1, 1),
        settings=_often,
    ),
    Row(
        group=GROUP,
        name="server-day-skips",
        what="the server's day skips five days, and goes on",
        act=_days(5, 1),
        settings=_often,
    ),
    Row(
        group=GROUP,
        name="server-day-back",
        what="the server's day goes back by one, and forth again",
        act=_days(-1, 1, 1),
        settings=_often,
    ),
    Row(
        group=GROUP,
        name="server-day-flips",
        what="two servers with different days answer in turn",
        act=_days(1, -1, 1, -1, 1),
        settings=_often,
    ),
    Row(
        group=GROUP,
        name="server-year-2099",
        what="the server says it is 73 years later, and then that it is not",
        act=_days(73 * 365, -73 * 365),
        settings=_often,
    ),
    Row(
        group=GROUP,
        name="window-other",
        what="/analytics answers for other days than it is asked for",
        act=_other_window,
    ),
)
