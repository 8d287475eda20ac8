"""The state cannot be written, or cannot be read."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults import namespace
from tests.faults.local import PARTNER, Act, LocalCase, Row

GROUP = "Disks"
FAILURES = "vobiz_exporter_state_write_failures_total"


def unwritable(begin: Act, end: Act) -> Act:
    """Counts go on while nothing can be saved; once it can, they outlive a kill."""

    def act(case: LocalCase) -> None:
        before = case.metric(FAILURES)
        begin(case)
        case.calls()
        case.calls()
        case.counted(FAILURES, before + 2)
        case.logged_times('msg="state not saved"')
        ended = time.monotonic()
        end(case)
        case.logged_times('msg="state saved again"')
        took = time.monotonic() - ended
        limit = case.testbed.interval + case.testbed.setting.slack
        case.verdict.require("recovered", took <= limit, f"saved after {took:.1f} s")
        case.verdict.note("recovered", "next poll; a kill then loses nothing")
        case.quiet(2)
        case.restart()
        case.settle()

    return act


def _to_directory(do: Callable[[Path], object]) -> Act:
    """Do something to the directory of the state."""

    def act(case: LocalCase) -> None:
        do(case.testbed.state.parent)

    return act


def _fill(directory: Path) -> None:
    with suppress(OSError), (directory / "filling").open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


def _limit_files(size: int) -> Act:
    def act(case: LocalCase) -> None:
        pid = case.testbed.daemon.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if size >= 0 else hard, hard))

    return act


def _put_directory(case: LocalCase) -> None:
    # a poll that saves at that moment would put a file in its place again
    def put() -> bool:
        with suppress(OSError):
            case.testbed.state.unlink(missing_ok=True)
            case.testbed.state.mkdir()
        return case.testbed.state.is_dir()

    case.testbed.until(put, "a directory in the file's place")


def _refuses_to_start(damage: Callable[[Path], None], repair: Callable[[Path], None]) -> Act:
    """Started on what is there it ends with one line; once that is repaired it goes on counting."""

    def act(case: LocalCase) -> None:
        testbed = case.testbed
        testbed.daemon.close()
        case.mark()
        damage(testbed.state)
        testbed.daemon.start()
        code = testbed.daemon.wait()
        lines = testbed.daemon.life
        case.verdict.require("alive", code == 1, f"exit code {code}")
        case.verdict.require("logged", len(lines) == 1 and str(testbed.state) in lines[0], " / ".join(lines[:5]))
        case.verdict.note("logged", lines[0].partition(": ")[2] if lines else "")
        case.verdict.note("alive", "does not start: exit code 1")
        case.verdict.note("counted", "exit code 1")
        repair(testbed.state)
        testbed.grow(PARTNER)
        testbed.daemon.start()
        case.settle()
        case.verdict.note("recovered", "goes on counting")

    return act


def _damaged(content: Callable[[bytes], bytes]) -> Act:
    """Moved away, logged once; counters begin again, and are exact from there on."""

    def act(case: LocalCase) -> None:
        testbed = case.testbed
        testbed.daemon.close()
        testbed.state.write_bytes(content(testbed.state.read_bytes()))
        testbed.count_from_here()
        case.mark()
        testbed.watch.allow(PARTNER, testbed.truth(PARTNER))
        testbed.daemon.start()
        case.settle()
        case.logged_times(".unusable-")
        moved = list(testbed.state.parent.glob("*.unusable-*"))
        case.verdict.require("values", len(moved) == 1, f"{len(moved)} files moved away")
        case.verdict.note("counted", "counters begin at 0")
        case.verdict.note("recovered", "at once")

    return act


def _moved(path: Path) -> Path:
    return path.with_suffix(".moved")


def _directory_in_its_place(path: Path) -> None:
    path.rename(_moved(path))
    path.mkdir()


def _file_in_its_place(path: Path) -> None:
    path.rmdir()
    _moved(path).rename(path)


def _newer(data: bytes) -> bytes:
    """The same with a version that nobody knows yet, which an SQLite database has in its header."""
    return data[:60] + (99).to_bytes(4, "big") + data[64:]


_FULL = unwritable(_to_directory(_fill), _to_directory(lambda directory: (directory / "filling").unlink()))
_READ_ONLY = unwritable(_to_directory(namespace.make_read_only), _to_directory(namespace.unmount))
_REMOVED = unwritable(_to_directory(shutil.rmtree), _to_directory(Path.mkdir))
_REPLACED = unwritable(_put_directory, lambda case: case.testbed.state.rmdir())
_HALF, _ZEROS = _damaged(lambda data: data[: len(data) // 2]), _damaged(lambda data: b"\0" * len(data))
_STARTED_ON_A_DIRECTORY = _refuses_to_start(_directory_in_its_place, _file_in_its_place)
_DISK = "256k"
"""How big a disk for the state alone is."""

ROWS = (
    Row(GROUP, "disk-full", "the disk of the state is full", _FULL, disk=_DISK),
    Row(GROUP, "disk-read-only", "the disk of the state becomes read-only", _READ_ONLY, disk=_DISK),
    Row(
        GROUP,
        "file-size-limit",
        "files of the process may not grow (RLIMIT_FSIZE)",
        unwritable(_limit_files(0), _limit_files(-1)),
    ),
    Row(GROUP, "state-directory-gone", "the directory of the state is removed", _REMOVED),
    Row(GROUP, "state-becomes-directory", "the state file is replaced by a directory", _REPLACED),
    Row(GROUP, "state-is-directory", "the state file is a directory at the start", _STARTED_ON_A_DIRECTORY),
    Row(GROUP, "state-cut", "half of the state file is gone at the start", _HALF),
    Row(GROUP, "state-zeroed", "the state file holds zeros at the start", _ZEROS),
    Row(GROUP, "state-newer", "the state file is of a newer version", _damaged(_newer)),
)
