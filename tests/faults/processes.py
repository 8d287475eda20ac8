"""The process is killed, stopped, doubled, short of files or of memory."""

from __future__ import annotations

import contextlib
import re
import resource
import signal
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.faults.case import just_polled
from tests.faults.fault import AGAIN, ENDPOINTS, FAILED
from tests.faults.local import PARTNER, LocalCase, Row
from tests.faults.vobiz import Asked
from tests.rig.raw_server import Peer, answer

GROUP = "Process"
KILLS = 5
STOPPED = 4.0
"""Seconds; some intervals."""

SHORT = 4.0
"""Seconds that something is short for."""

ROOM = 1_000_000
"""Bytes of memory that are left, and do not suffice for a thread or a large answer."""

_OUTCOME = re.compile(r" outcome=(\w+)")


def _killed(case: LocalCase) -> None:
    for number in range(KILLS):
        case.testbed.grow(PARTNER)
        # each time at another moment of a poll
        time.sleep(0.13 * number)
        case.restart()
        case.settle()
    case.logged_times("msg=started", KILLS)
    case.quiet(KILLS * 3)
    case.verdict.note("counted", "each call once")
    case.verdict.note("recovered", "first poll")


def _ended_while_polling(case: LocalCase) -> None:
    testbed = case.testbed
    testbed.vobiz.arm(testbed.auth_ids[PARTNER], "", _hangs)
    testbed.grow(PARTNER)
    testbed.until(lambda: testbed.vobiz.given(testbed.auth_ids[PARTNER]) > 0, "a request under way")
    code = testbed.daemon.stop()
    case.verdict.require("alive", code == 0, f"exit code {code}")
    case.logged_times("msg=stopped")
    case.logged_times(FAILED, 0)
    testbed.vobiz.disarm(testbed.auth_ids[PARTNER])
    testbed.daemon.start()
    case.settle()
    case.verdict.note("counted", "exit code 0")
    case.verdict.note("recovered", "first poll")


def _hangs(peer: Peer, asked: Asked) -> bool:
    peer.hang()
    return False


def _stopped(case: LocalCase) -> None:
    daemon = case.testbed.daemon
    daemon.send(signal.SIGSTOP)
    case.testbed.grow(PARTNER)
    time.sleep(STOPPED)
    daemon.send(signal.SIGCONT)
    case.settle_within_an_interval(time.monotonic())
    case.quiet(0)
    case.verdict.note("logged", "nothing")
    case.verdict.note("counted", "each call once")


def _doubled(case: LocalCase) -> None:
    with case.testbed.another_daemon() as second:
        code = second.wait()
    case.verdict.require("alive", code == 1, f"the second ended with {code}")
    clear = len(second.lines) == 1 and str(case.testbed.state) in second.lines[0]
    case.verdict.require("logged", clear, " / ".join(second.lines[:5]))
    case.verdict.note("logged", second.lines[0].partition(": ")[2] if clear else "")
    case.verdict.note("alive", "the second does not start: exit code 1")
    case.verdict.note("counted", "exit code 1")
    case.verdict.note("recovered", "the first is undisturbed")
    case.calls()
    case.quiet(0)


def _without_files(case: LocalCase) -> None:
    testbed = case.testbed
    pid = testbed.daemon.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    before = _open_files(pid)
    just_polled(testbed, PARTNER)
    # a connection or a journal is open for moments: it is not there in both looks
    kept = {number for number, _ in before & _open_files(pid)}
    free = next(number for number in range(len(kept) + 1) if number not in kept)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, limits[1]))
    testbed.grow(PARTNER)
    try:
        testbed.until(lambda: len(case.logged(FAILED)) > 1, "both endpoints fail")
        time.sleep(SHORT)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    ended = time.monotonic()
    case.settle_within_an_interval(ended)
    case.logged_times("Too many open files; tried", 0)
    failed = case.logged(FAILED)
    case.verdict.require("logged", all("Too many open files" in line for line in failed), " / ".join(failed))
    for endpoint in ENDPOINTS:
        number = sum(f"endpoint={endpoint}" in line for line in failed)
        case.verdict.require("logged", number == 1, f"{number} lines for {endpoint}")
    case.verdict.note("logged", "the connection to the API failed: Too many open files")
    case.quiet(10)
    case.counted("vobiz_api_requests_total", 2, partner=PARTNER, endpoint="dashboard", outcome="connection")


def _open_files(pid: int) -> set[tuple[int, str]]:
    """By number, what each open file is."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add((int(entry.name), str(entry.readlink())))
    return found


def _without_memory(case: LocalCase) -> None:
    problem = "there was not enough memory for the answer"
    _run_short_of(resource.RLIMIT_DATA, "VmData:", case, until=lambda: bool(case.logged(problem)))
    # which answers find room is up to chance: the beginning and the end of each trouble are logged once
    for endpoint in ENDPOINTS:
        case.testbed.until(partial(_works, case, endpoint), f"{endpoint} answers again")
        outcomes = _logged_outcomes(case, endpoint)
        once = all(one != following for one, following in pairwise(outcomes))
        case.verdict.require("logged", once, f"{endpoint}: {', '.join(outcomes)}")
    case.verdict.note("logged", problem)
    case.counted("vobiz_api_requests_total", 1, partner=PARTNER, endpoint="dashboard", outcome="too_large")


def _works(case: LocalCase, endpoint: str) -> bool:
    return _logged_outcomes(case, endpoint)[-1] == AGAIN


def _logged_outcomes(case: LocalCase, endpoint: str) -> list[str]:
    """The outcomes of an endpoint in the log, and where it works again; it worked before."""
    lines = [line for line in case.logged("") if f" endpoint={endpoint}" in line and (AGAIN in line or FAILED in line)]
    return [AGAIN] + [AGAIN if AGAIN in line else _OUTCOME.findall(line)[0] for line in lines]


def _without_address_space(case: LocalCase) -> None:
    """Threads cannot be started, while what is allocated already may suffice for answers."""
    _run_short_of(resource.RLIMIT_AS, "VmSize:", case, until=lambda: True)
    case.verdict.note("counted", "each call once")


def _run_short_of(kind: int, in_use: str, case: LocalCase, *, until: Callable[[], bool]) -> None:
    """For some seconds, and until something holds. ``in_use`` is the field of /proc that says what is used of it."""
    testbed, pid = case.testbed, case.testbed.daemon.pid
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").split()
    limits = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (1024 * int(status[status.index(in_use) + 1]) + ROOM, limits[1]))
    testbed.grow(PARTNER)
    testbed.vobiz.arm(testbed.auth_ids[PARTNER], "dashboard", _large)
    try:
        time.sleep(SHORT)
        testbed.until(until, "the shortage in the log")
    finally:
        resource.prlimit(pid, kind, limits)
    case.settle_within_an_interval(testbed.vobiz.disarm(testbed.auth_ids[PARTNER]))
    changes = sum(len(_logged_outcomes(case, endpoint)) for endpoint in ENDPOINTS)
    # the interpreter adds a word for each thread that it could not give memory to
    case.quiet(12 + changes)


def _large(peer: Peer, asked: Asked) -> bool:
    """A good answer of thirty megabytes, which are blanks."""
    peer.send(answer(asked.body + b" " * 30_000_000))
    return True


ROWS = (
    Row(GROUP, "killed", f"kill -9, {KILLS} times, at any moment", _killed),
    Row(GROUP, "ended-while-polling", "SIGTERM while a request hangs", _ended_while_polling),
    Row(GROUP, "stopped", f"SIGSTOP for {STOPPED:g} intervals, then SIGCONT", _stopped),
    Row(GROUP, "two-daemons", "a second daemon on the same state file", _doubled),
    Row(GROUP, "files-exhausted", "no file descriptor is left (RLIMIT_NOFILE)", _without_files),
    Row(GROUP, "memory-exhausted", "no memory is left (RLIMIT_DATA), and answers are large", _without_memory),
    Row(GROUP, "address-space-exhausted", "no thread can be started (RLIMIT_AS)", _without_address_space),
)
