"""What befalls the process: killed, stopped, doubled, short of files or of memory."""

from __future__ import annotations

import re
import resource
import signal
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.api.hostile_server import Peer, answer
from tests.faults.fault import AGAIN, ENDPOINTS, FAILED
from tests.faults.here import PARTNER, Act, Row, Scene
from tests.faults.vobiz import Asked

GROUP = "Process"
KILLS = 5
STOPPED = 4.0
"""Seconds; some intervals."""

SHORT = 4.0
"""Seconds that something is short for."""

ROOM = 1_000_000
"""Bytes of memory that are left, and do not suffice for a thread or a large answer."""

_OUTCOME = re.compile(r" outcome=(\w+)")


def _killed(scene: Scene) -> None:
    for number in range(KILLS):
        scene.stage.grow(PARTNER)
        # each time at another moment of a poll
        time.sleep(0.13 * number)
        scene.restart()
        scene.settle()
    scene.told("msg=started", KILLS)
    scene.quiet(KILLS * 3)
    scene.verdict.note("counted", "each call once")
    scene.verdict.note("recovered", "first poll")


def _ended_while_polling(scene: Scene) -> None:
    stage = scene.stage
    stage.vobiz.arm(stage.auth_ids[PARTNER], "", _hangs)
    stage.grow(PARTNER)
    stage.until(lambda: stage.vobiz.given(stage.auth_ids[PARTNER]) > 0, "a request under way")
    code = stage.end_daemon(signal.SIGTERM)
    scene.verdict.require("alive", code == 0, f"exit code {code}")
    scene.told("msg=stopped")
    scene.told(FAILED, 0)
    stage.vobiz.disarm(stage.auth_ids[PARTNER])
    stage.start_daemon()
    scene.settle()
    scene.verdict.note("counted", "exit code 0")
    scene.verdict.note("recovered", "first poll")


def _hangs(peer: Peer, asked: Asked) -> bool:
    peer.hang()
    return False


def _stopped(scene: Scene) -> None:
    process = scene.stage.daemon.process
    process.send_signal(signal.SIGSTOP)
    scene.stage.grow(PARTNER)
    time.sleep(STOPPED)
    process.send_signal(signal.SIGCONT)
    scene.settle_within_an_interval(time.monotonic())
    scene.quiet(0)
    scene.verdict.note("told", "nothing")
    scene.verdict.note("counted", "each call once")


def _doubled(scene: Scene) -> None:
    second = scene.stage.another_daemon()
    code = second.process.wait(30)
    scene.verdict.require("alive", code == 1, f"the second ended with {code}")
    clear = len(second.lines) == 1 and "another vobiz-exporter uses it" in second.lines[0]
    scene.verdict.require("told", clear, " / ".join(second.lines[:5]))
    scene.verdict.note("told", second.lines[0].partition(": ")[2] if clear else "")
    scene.verdict.note("alive", "the second does not start: exit code 1")
    scene.verdict.note("counted", "exit code 1")
    scene.verdict.note("recovered", "the first is undisturbed")
    scene.calls()
    scene.quiet(0)


def _without_files(scene: Scene) -> None:
    stage = scene.stage
    process = stage.daemon.process
    limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    free = min(_lowest_free(process.pid) for _ in range(40))
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (free, limits[1]))
    stage.server.hang_up()
    stage.grow(PARTNER)
    try:
        stage.until(lambda: len(scene.logged(FAILED)) > 1, "both endpoints fail")
        time.sleep(SHORT)
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
    ended = time.monotonic()
    scene.settle_within_an_interval(ended)
    scene.told("Too many open files; tried", 0)
    failed = scene.logged(FAILED)
    scene.verdict.require("told", all("Too many open files" in line for line in failed), " / ".join(failed))
    for endpoint in ENDPOINTS:
        number = sum(f"endpoint={endpoint}" in line for line in failed)
        scene.verdict.require("told", number == 1, f"{number} lines for {endpoint}")
    scene.verdict.note("told", "the connection to the API failed: Too many open files")
    scene.quiet(10)
    scene.counted("vobiz_api_requests_total", 2, partner=PARTNER, endpoint="dashboard", outcome="connection")


def _lowest_free(pid: int) -> int:
    """The number that the next file would get; a connection to the web server may hold one for a moment."""
    time.sleep(0.03)
    in_use = {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    return next(number for number in range(len(in_use) + 1) if number not in in_use)


def _without_memory(scene: Scene) -> None:
    status = Path(f"/proc/{scene.stage.daemon.process.pid}/status").read_text(encoding="ascii").split()
    problem = "there was not enough memory for the answer"
    in_use = 1024 * int(status[status.index("VmData:") + 1])
    _run_short_of(resource.RLIMIT_DATA, in_use, scene, until=lambda: bool(scene.logged(problem)))
    # which answers find room is up to chance: each trouble that is told of has its end told, and is told once
    for endpoint in ENDPOINTS:
        scene.stage.until(partial(_works, scene, endpoint), f"{endpoint} answers again")
        told = _told(scene, endpoint)
        once = all(one != following for one, following in pairwise(told))
        scene.verdict.require("told", once, f"{endpoint}: {', '.join(told)}")
    scene.verdict.note("told", problem)
    scene.counted("vobiz_api_requests_total", 1, partner=PARTNER, endpoint="dashboard", outcome="too_large")


def _works(scene: Scene, endpoint: str) -> bool:
    return _told(scene, endpoint)[-1] == AGAIN


def _told(scene: Scene, endpoint: str) -> list[str]:
    """The outcomes of an endpoint that the log tells of, and where it works again; it worked before."""
    lines = [line for line in scene.logged("") if f" endpoint={endpoint}" in line and (AGAIN in line or FAILED in line)]
    return [AGAIN] + [AGAIN if AGAIN in line else _OUTCOME.findall(line)[0] for line in lines]


def _without_address_space(scene: Scene) -> None:
    """Threads cannot be started, while what is allocated already may suffice for answers."""
    status = Path(f"/proc/{scene.stage.daemon.process.pid}/status").read_text(encoding="ascii").split()
    _run_short_of(resource.RLIMIT_AS, 1024 * int(status[status.index("VmSize:") + 1]), scene, until=lambda: True)
    scene.verdict.note("counted", "each call once")


def _run_short_of(kind: int, in_use: int, scene: Scene, *, until: Callable[[], bool]) -> None:
    """For some seconds, and until something holds."""
    stage, process = scene.stage, scene.stage.daemon.process
    limits = resource.prlimit(process.pid, kind)
    resource.prlimit(process.pid, kind, (in_use + ROOM, limits[1]))
    stage.grow(PARTNER)
    stage.vobiz.arm(stage.auth_ids[PARTNER], "dashboard", _large)
    # a connection that is kept would need no thread to look up the name
    stage.server.hang_up()
    try:
        time.sleep(SHORT)
        stage.until(until, "the shortage is told")
    finally:
        resource.prlimit(process.pid, kind, limits)
    scene.settle_within_an_interval(stage.vobiz.disarm(stage.auth_ids[PARTNER]))
    changes = sum(len(_told(scene, endpoint)) for endpoint in ENDPOINTS)
    # the interpreter adds a word for each thread that it could not give memory to
    scene.quiet(12 + changes)


def _large(peer: Peer, asked: Asked) -> bool:
    """A good answer of thirty megabytes, which are blanks."""
    peer.send(answer(asked.body + b" " * 30_000_000))
    return True


def _row(name: str, what: str, act: Act) -> Row:
    return Row(group=GROUP, name=name, what=what, act=act)


ROWS = (
    _row("killed", f"kill -9, {KILLS} times, at any moment", _killed),
    _row("ended-while-polling", "SIGTERM while a request hangs", _ended_while_polling),
    _row("stopped", f"SIGSTOP for {STOPPED:g} intervals, then SIGCONT", _stopped),
    _row("two-daemons", "a second daemon on the same state file", _doubled),
    _row("files-exhausted", "no file descriptor is left (RLIMIT_NOFILE)", _without_files),
    _row("memory-exhausted", "no memory is left (RLIMIT_DATA), and answers are large", _without_memory),
    _row("address-space-exhausted", "no thread can be started (RLIMIT_AS)", _without_address_space),
)
