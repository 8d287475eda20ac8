"""The configuration and the secrets: gone, bad, unreadable, rotated."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.faults.here import PARTNER, Act, Row, Scene
from tests.faults.stage import Stage
from tests.faults.vobiz import TOKEN, Asked

GROUP = "Files"
NEXT = "n3xt-token-that-moves-money"
RELOADED = "vobiz_exporter_config_last_reload_successful"
REFUSALS = 4
"""After which the next wait is of eight intervals."""


def _bad_config(spoil: Callable[[Path], object]) -> Act:
    """A reload of it fails and changes nothing; the next good one works."""

    def act(scene: Scene) -> None:
        stage = scene.stage
        spoil(stage.config)
        stage.daemon.process.send_signal(signal.SIGHUP)
        scene.told('msg="reload failed, the previous configuration stays in use"')
        stage.until(lambda: scene.metric(RELOADED) == 0, "the failed reload on the page")
        scene.calls()
        scene.calls()
        if stage.config.is_dir():
            stage.config.rmdir()
        stage.write_config()
        began = time.monotonic()
        stage.daemon.process.send_signal(signal.SIGHUP)
        scene.told("msg=reloaded")
        stage.until(lambda: scene.metric(RELOADED) == 1, "the good reload on the page")
        scene.settle_within_an_interval(began)
        scene.quiet(2)
        scene.verdict.note("counted", RELOADED)

    return act


def _token(directory: Path) -> Mapping[str, Any]:
    (directory / "token").write_text(TOKEN, encoding="ascii")
    return {"partner": {"auth_token_file": str(directory / "token")}}


def _rotated(scene: Scene) -> None:
    """The file first, then the API; the old token is refused from then on."""
    stage = scene.stage
    account = stage.vobiz.accounts[stage.auth_ids[PARTNER]]
    (stage.directory / "token").write_text(NEXT + "\n", encoding="ascii")
    with stage.vobiz.lock:
        account.tokens = frozenset((NEXT,))
    began = time.monotonic()
    scene.calls()
    scene.settle_within_an_interval(began)
    scene.told('msg="vobiz poll failed"', 0)
    scene.quiet(0)
    scene.verdict.note("told", "nothing")
    scene.verdict.note("counted", "success, and at most one unauthorized that is repeated at once")
    scene.verdict.require("told", NEXT not in "\n".join(stage.lines), "the new token is in the log")


def _rotated_late(scene: Scene) -> None:
    """The API first: refused until the file is there as well."""
    stage = scene.stage
    account = stage.vobiz.accounts[stage.auth_ids[PARTNER]]
    stage.grow(PARTNER)
    with stage.vobiz.lock:
        account.tokens = frozenset((NEXT,))
    scene.told("outcome=unauthorized", 2)
    scene.counted("vobiz_api_requests_total", 1, partner=PARTNER, endpoint="dashboard", outcome="unauthorized")
    refused = len(_asked_with(stage, TOKEN))
    stage.until(lambda: len(_asked_with(stage, TOKEN)) >= refused + REFUSALS - 1, "refused until the wait is long")
    (stage.directory / "token").write_text(NEXT, encoding="ascii")
    written = time.monotonic()
    scene.settle()
    gap, limit = _asked_with(stage, NEXT)[0].at - written, 2 * stage.interval + stage.setting.slack
    scene.verdict.require("recovered", gap <= limit, f"took {gap:.1f} s")
    scene.verdict.note("recovered", "at once")
    scene.told('msg="credentials were replaced, polling now"')
    scene.quiet(5)


def _asked_with(stage: Stage, token: str) -> list[Asked]:
    return [one for one in stage.vobiz.asked(stage.auth_ids[PARTNER]) if one.token == token]


def _unusable_token(spoil: Callable[[Path], object], mend: Callable[[Path], object]) -> Act:
    """The last good token stays in use; it is told once."""

    def act(scene: Scene) -> None:
        token = scene.stage.directory / "token"
        spoil(token)
        scene.calls()
        scene.calls()
        scene.told('msg="secret file unreadable, the last good one stays in use"')
        mend(token)
        began = time.monotonic()
        scene.calls()
        scene.settle_within_an_interval(began)
        scene.verdict.note("counted", "success: polls go on")
        scene.told('msg="secret file readable again"')
        scene.quiet(2)

    return act


def _write_token(path: Path) -> None:
    path.write_text(TOKEN, encoding="ascii")


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _file(path: Path) -> None:
    path.rmdir()
    _write_token(path)


def _row(name: str, what: str, act: Act, settings: Callable[[Path], Mapping[str, Any]] = lambda directory: {}) -> Row:
    return Row(group=GROUP, name=name, what=what, act=act, settings=settings)


ROWS = (
    _row("config-gone", "the configuration is removed before a reload", _bad_config(Path.unlink)),
    _row("config-empty", "the configuration is empty at a reload", _bad_config(lambda path: path.write_text(""))),
    _row(
        "config-cut",
        "half of the configuration is there at a reload",
        _bad_config(lambda path: path.write_text(path.read_text()[:200])),
    ),
    _row(
        "config-directory",
        "a directory in the configuration's place at a reload",
        _bad_config(_directory),
    ),
    _row("token-rotated", "the token is rotated, in its file and at the API", _rotated, _token),
    _row("token-rotated-late", "the token is rotated at the API, later in its file", _rotated_late, _token),
    _row("token-gone", "the token's file is removed", _unusable_token(Path.unlink, _write_token), _token),
    _row(
        "token-empty",
        "the token's file is empty",
        _unusable_token(lambda path: path.write_text(""), _write_token),
        _token,
    ),
    _row("token-directory", "a directory in the place of the token's file", _unusable_token(_directory, _file), _token),
    _row(
        "token-garbage",
        "the token's file holds binary garbage",
        _unusable_token(lambda path: path.write_bytes(bytes(range(256))), _write_token),
        _token,
    ),
)
