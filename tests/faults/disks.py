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


def _fill(case: LocalCase) -> None:
    with suppress(OSError), (case.testbed.state.parent / "filling").open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


def _free(case: LocalCase) -> None:
    (case.testbed.state.parent / "filling").unlink()


def _limit_files(size: int) -> Act:
    def act(case: LocalCase) -> None:
        pid = case.testbed.daemon.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if size >= 0 else hard, hard))

    return act


def _make_read_only(case: LocalCase) -> None:
    namespace.make_read_only(case.testbed.state.parent)


def _make_writable(case: LocalCase) -> None:
    namespace.unmount(case.testbed.state.parent)


def _remove_directory(case: LocalCase) -> None:
    shutil.rmtree(case.testbed.state.parent)


def _make_directory(case: LocalCase) -> None:
    case.testbed.state.parent.mkdir()


def _put_directory(case: LocalCase) -> None:
    # a poll that saves at that moment would put a file in its place again
    def put() -> bool:
        with suppress(OSError):
            case.testbed.state.unlink(missing_ok=True)
            case.testbed.state.mkdir()
        return case.testbed.state.is_dir()

    case.testbed.until(put, "a directory in the file's place")


def _remove_put_directory(case: LocalCase) -> None:
    case.testbed.state.rmdir()


def _refuses_to_start(spoil: Callable[[Path], None], mend: Callable[[Path], None]) -> Act:
    """Started on what is there it ends with one line; once that is mended it goes on counting."""

    def act(case: LocalCase) -> None:
        testbed = case.testbed
        testbed.end_daemon()
        case.mark()
        spoil(testbed.state)
        testbed.start_daemon()
        code = testbed.daemon.wait()
        lines = testbed.daemon.life
        case.verdict.require("alive", code == 1, f"exit code {code}")
        case.verdict.require("logged", len(lines) == 1 and str(testbed.state) in lines[0], " / ".join(lines[:5]))
        case.verdict.note("logged", lines[0].partition(": ")[2] if lines else "")
        case.verdict.note("alive", "does not start: exit code 1")
        case.verdict.note("counted", "exit code 1")
        mend(testbed.state)
        testbed.grow(PARTNER)
        testbed.start_daemon()
        case.settle()
        case.verdict.note("recovered", "goes on counting")

    return act


def _damaged(content: Callable[[bytes], bytes]) -> Act:
    """Moved away, logged once; counters begin again, and are exact from there on."""

    def act(case: LocalCase) -> None:
        testbed = case.testbed
        testbed.end_daemon()
        testbed.state.write_bytes(content(testbed.state.read_bytes()))
        testbed.count_from_here()
        case.mark()
        testbed.watch.allow(PARTNER, testbed.truth(PARTNER))
        testbed.start_daemon()
        case.settle()
        case.logged_times('msg="state file unusable, counters start afresh"')
        moved = list(testbed.state.parent.glob("*.unusable-*"))
        case.verdict.require("values", len(moved) == 1, f"{len(moved)} files put aside")
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


ROWS = (
    Row(
        group=GROUP,
        name="disk-full",
        what="the disk of the state is full",
        act=unwritable(_fill, _free),
        disk="256k",
    ),
    Row(
        group=GROUP,
        name="disk-read-only",
        what="the disk of the state becomes read-only",
        act=unwritable(_make_read_only, _make_writable),
        disk="256k",
    ),
    Row(
        group=GROUP,
        name="file-size-limit",
        what="files of the process may not grow (RLIMIT_FSIZE)",
        act=unwritable(_limit_files(0), _limit_files(-1)),
    ),
    Row(
        group=GROUP,
        name="state-directory-gone",
        what="the directory of the state is removed",
        act=unwritable(_remove_directory, _make_directory),
    ),
    Row(
        group=GROUP,
        name="state-becomes-directory",
        what="the state file is replaced by a directory",
        act=unwritable(_put_directory, _remove_put_directory),
    ),
    Row(
        group=GROUP,
        name="state-is-directory",
        what="the state file is a directory at the start",
        act=_refuses_to_start(_directory_in_its_place, _file_in_its_place),
    ),
    Row(
        group=GROUP,
        name="state-cut",
        what="half of the state file is gone at the start",
        act=_damaged(lambda data: data[: len(data) // 2]),
    ),
    Row(
        group=GROUP,
        name="state-zeroed",
        what="the state file holds zeros at the start",
        act=_damaged(lambda data: b"\0" * len(data)),
    ),
    Row(
        group=GROUP,
        name="state-newer",
        what="the state file is of a newer version",
        act=_damaged(lambda data: data.replace(b'"version":1', b'"version":99')),
    ),
)
