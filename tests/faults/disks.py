"""The state cannot be written, or cannot be read."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults import private
from tests.faults.here import PARTNER, Act, Row, Scene

GROUP = "Disks"
FAILURES = "vobiz_exporter_state_write_failures_total"


def unwritable(begin: Act, end: Act) -> Act:
    """Counts go on while nothing can be saved; once it can, they outlive a kill."""

    def act(scene: Scene) -> None:
        before = scene.metric(FAILURES)
        begin(scene)
        scene.calls()
        scene.calls()
        scene.counted(FAILURES, before + 2)
        scene.told('msg="state not saved"')
        ended = time.monotonic()
        end(scene)
        scene.told('msg="state saved again"')
        took = time.monotonic() - ended
        limit = scene.stage.interval + scene.stage.setting.slack
        scene.verdict.require("recovered", took <= limit, f"saved after {took:.1f} s")
        scene.verdict.note("recovered", "next poll; a kill then loses nothing")
        scene.quiet(2)
        scene.restart()
        scene.settle()

    return act


def _fill(scene: Scene) -> None:
    with suppress(OSError), (scene.stage.state.parent / "filling").open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


def _free(scene: Scene) -> None:
    (scene.stage.state.parent / "filling").unlink()


def _limit_files(size: int) -> Act:
    def act(scene: Scene) -> None:
        pid = scene.stage.daemon.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if size >= 0 else hard, hard))

    return act


def _make_read_only(scene: Scene) -> None:
    private.make_read_only(scene.stage.state.parent)


def _make_writable(scene: Scene) -> None:
    private.unmount(scene.stage.state.parent)


def _remove_directory(scene: Scene) -> None:
    shutil.rmtree(scene.stage.state.parent)


def _make_directory(scene: Scene) -> None:
    scene.stage.state.parent.mkdir()


def _put_directory(scene: Scene) -> None:
    # a poll that saves at that moment would put a file in its place again
    def put() -> bool:
        with suppress(OSError):
            scene.stage.state.unlink(missing_ok=True)
            scene.stage.state.mkdir()
        return scene.stage.state.is_dir()

    scene.stage.until(put, "a directory in the file's place")


def _remove_put_directory(scene: Scene) -> None:
    scene.stage.state.rmdir()


def _refuses_to_start(spoil: Callable[[Path], None], mend: Callable[[Path], None]) -> Act:
    """Started on what is there it ends with one line; once that is mended it goes on counting."""

    def act(scene: Scene) -> None:
        stage = scene.stage
        stage.end_daemon()
        scene.mark()
        spoil(stage.state)
        stage.start_daemon()
        code = stage.daemon.process.wait(30)
        lines = stage.daemon.lines
        scene.verdict.require("alive", code == 1, f"exit code {code}")
        scene.verdict.require("told", len(lines) == 1 and str(stage.state) in lines[0], " / ".join(lines[:5]))
        scene.verdict.note("told", lines[0].partition(": ")[2] if lines else "")
        scene.verdict.note("alive", "does not start: exit code 1")
        scene.verdict.note("counted", "exit code 1")
        mend(stage.state)
        stage.grow(PARTNER)
        stage.start_daemon()
        scene.settle()
        scene.verdict.note("recovered", "goes on counting")

    return act


def _damaged(content: Callable[[bytes], bytes]) -> Act:
    """Put aside, told once; counters begin again, and are exact from there on."""

    def act(scene: Scene) -> None:
        stage = scene.stage
        stage.end_daemon()
        stage.state.write_bytes(content(stage.state.read_bytes()))
        stage.begin_afresh()
        scene.mark()
        stage.watch.allow(PARTNER, stage.truth(PARTNER))
        stage.start_daemon()
        scene.settle()
        scene.told('msg="state is damaged, counters that were lost with it start again"')
        aside = list(stage.state.parent.glob("*.unusable-*"))
        scene.verdict.require("figures", len(aside) == 1, f"{len(aside)} files put aside")
        scene.verdict.note("counted", "counters begin at 0")
        scene.verdict.note("recovered", "at once")

    return act


def _aside(path: Path) -> Path:
    return path.with_suffix(".aside")


def _directory_in_its_place(path: Path) -> None:
    path.rename(_aside(path))
    path.mkdir()


def _file_in_its_place(path: Path) -> None:
    path.rmdir()
    _aside(path).rename(path)


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
        # the user_version of SQLite's header
        act=_damaged(lambda data: data[:63] + b"\x63" + data[64:]),
    ),
)
