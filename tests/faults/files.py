"""The configuration and the secrets: gone, bad, unreadable, rotated."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.faults.local import PARTNER, Act, LocalCase, Row
from tests.faults.testbed import Testbed
from tests.faults.vobiz import TOKEN, Asked

GROUP = "Files"
NEXT = "n3xt-token-that-moves-money"
RELOADED = "vobiz_exporter_config_last_reload_successful"
REFUSALS = 4
"""After which the next wait is of eight intervals."""


def _bad_config(damage: Callable[[Path], object]) -> Act:
    """A reload of it fails and changes nothing; the next good one works."""

    def act(case: LocalCase) -> None:
        testbed = case.testbed
        damage(testbed.config)
        testbed.daemon.send(signal.SIGHUP)
        case.logged_times('msg="reload failed, the previous configuration stays in use"')
        testbed.until(lambda: case.metric(RELOADED) == 0, "the failed reload on the page")
        case.calls()
        case.calls()
        testbed.config.unlink(missing_ok=True)
        testbed.write_config()
        began = time.monotonic()
        testbed.daemon.send(signal.SIGHUP)
        case.logged_times("msg=reloaded")
        testbed.until(lambda: case.metric(RELOADED) == 1, "the good reload on the page")
        case.settle_within_an_interval(began)
        case.quiet(2)
        case.verdict.note("counted", RELOADED)

    return act


def _token(directory: Path) -> Mapping[str, Any]:
    (directory / "token").write_text(TOKEN, encoding="ascii")
    return {"partner": {"auth_token_file": str(directory / "token")}}


def _rotated(case: LocalCase) -> None:
    """The file first, then the API; the old token is refused from then on."""
    testbed = case.testbed
    account = testbed.vobiz.accounts[testbed.auth_ids[PARTNER]]
    (testbed.directory / "token").write_text(NEXT + "\n", encoding="ascii")
    with testbed.vobiz.lock:
        account.tokens = frozenset((NEXT,))
    began = time.monotonic()
    case.calls()
    case.settle_within_an_interval(began)
    case.logged_times('msg="vobiz poll failed"', 0)
    case.quiet(0)
    case.verdict.note("logged", "nothing")
    case.verdict.note("counted", "success, and at most one unauthorized that is repeated at once")
    case.verdict.require("logged", NEXT not in "\n".join(testbed.daemon.lines), "the new token is in the log")


def _rotated_late(case: LocalCase) -> None:
    """The API first: refused until the file is there as well."""
    testbed = case.testbed
    account = testbed.vobiz.accounts[testbed.auth_ids[PARTNER]]
    testbed.grow(PARTNER)
    with testbed.vobiz.lock:
        account.tokens = frozenset((NEXT,))
    case.logged_times("outcome=unauthorized", 2)
    case.counted("vobiz_api_requests_total", 1, partner=PARTNER, endpoint="dashboard", outcome="unauthorized")
    refused = len(_asked_with(testbed, TOKEN))
    testbed.until(lambda: len(_asked_with(testbed, TOKEN)) >= refused + REFUSALS - 1, "refused until the wait is long")
    (testbed.directory / "token").write_text(NEXT, encoding="ascii")
    written = time.monotonic()
    case.settle()
    gap, limit = _asked_with(testbed, NEXT)[0].at - written, 2 * testbed.interval + testbed.setting.slack
    case.verdict.require("recovered", gap <= limit, f"took {gap:.1f} s")
    case.verdict.note("recovered", "at once")
    case.logged_times('msg="credentials were replaced, polling now"')
    case.quiet(5)


def _asked_with(testbed: Testbed, token: str) -> list[Asked]:
    return [one for one in testbed.vobiz.asked(testbed.auth_ids[PARTNER]) if one.token == token]


def _unusable_token(damage: Callable[[Path], object], repair: Callable[[Path], object]) -> Act:
    """The last good token stays in use; it is logged once."""

    def act(case: LocalCase) -> None:
        token = case.testbed.directory / "token"
        damage(token)
        case.calls()
        case.calls()
        case.logged_times('msg="secret file unreadable, the last good one stays in use"')
        repair(token)
        began = time.monotonic()
        case.calls()
        case.settle_within_an_interval(began)
        case.verdict.note("counted", "success: polls go on")
        case.logged_times('msg="secret file readable again"')
        case.quiet(2)

    return act


def _put(content: bytes) -> Callable[[Path], None]:
    """Replace a file, or a link, in one step: whoever reads it meanwhile sees the one or the other."""

    def put(path: Path) -> None:
        new = path.with_name("new")
        new.write_bytes(content)
        new.replace(path)

    return put


_write_token = _put(TOKEN.encode())


def _put_directory(path: Path) -> None:
    """Replace a file by a link to a directory, in one step."""
    directory, link = path.with_name("directory"), path.with_name("link")
    directory.mkdir()
    link.symlink_to(directory)
    link.replace(path)


_CUT = _bad_config(lambda path: path.write_text(path.read_text()[:200]))
_EMPTY_TOKEN = _unusable_token(_put(b""), _write_token)
_GARBAGE = _unusable_token(_put(bytes(range(256))), _write_token)
_TOKEN_DIRECTORY = _unusable_token(_put_directory, _write_token)

ROWS = (
    Row(GROUP, "config-gone", "the configuration is removed before a reload", _bad_config(Path.unlink)),
    Row(GROUP, "config-empty", "the configuration is empty at a reload", _bad_config(lambda path: path.write_text(""))),
    Row(GROUP, "config-cut", "half of the configuration is there at a reload", _CUT),
    Row(GROUP, "config-directory", "a directory in the configuration's place at a reload", _bad_config(_put_directory)),
    Row(GROUP, "token-rotated", "the token is rotated, in its file and at the API", _rotated, _token),
    Row(GROUP, "token-rotated-late", "the token is rotated at the API, later in its file", _rotated_late, _token),
    Row(GROUP, "token-gone", "the token's file is removed", _unusable_token(Path.unlink, _write_token), _token),
    Row(GROUP, "token-empty", "the token's file is empty", _EMPTY_TOKEN, _token),
    Row(GROUP, "token-directory", "a directory in the place of the token's file", _TOKEN_DIRECTORY, _token),
    Row(GROUP, "token-garbage", "the token's file holds binary garbage", _GARBAGE, _token),
)
