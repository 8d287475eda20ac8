"""A large state file is not written whole at each change: changes go to a journal, and none is lost there."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from exporter.state.file import SMALL

from exporter.state import StateFile, StateWriteError
from tests.state.test_state_failures import no_space

LARGE = {"filling": "x" * (SMALL + 1)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def state(path: Path) -> Iterator[StateFile]:
    """Opened, and large."""
    state = started(path)
    state.save("large", LARGE)
    yield state
    state.close()


def started(path: Path) -> StateFile:
    state = StateFile(path)
    state.open(configured=["acme", "other", "large"], now=0.0)
    return state


def after_restart(path: Path, name: str = "acme") -> object:
    state = started(path)
    state.close()
    return state.entry(name)


def journal_of(path: Path) -> Path:
    return path.with_name("state.json.journal")


def test_a_change_leaves_a_large_file_as_it_is_and_is_there_after_a_restart(state: StateFile, path: Path) -> None:
    written = path.stat()
    state.save("acme", {"n": 1})
    state.save("acme", {"n": 2})
    state.save("other", {"n": 3})
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert stat.S_IMODE(journal_of(path).stat().st_mode) == 0o600
    state.close()
    assert [after_restart(path, name) for name in ("acme", "other", "large")] == [{"n": 2}, {"n": 3}, LARGE]


def test_the_journal_never_grows_far_beyond_the_file(state: StateFile, path: Path) -> None:
    for number in range(60):
        state.save("acme", {"n": number, "filling": "x" * (SMALL // 20)})
        if journal_of(path).exists():
            assert journal_of(path).stat().st_size < 1.2 * path.stat().st_size
    state.close()
    assert after_restart(path) == {"n": 59, "filling": "x" * (SMALL // 20)}


def test_a_journal_cut_anywhere_loses_only_what_was_cut(state: StateFile, path: Path) -> None:
    for number in range(3):
        state.save("acme", {"n": number})
    state.close()
    whole = journal_of(path).read_bytes()
    ends = [at for at, byte in enumerate(whole) if byte == 0x0A]
    for length in range(len(whole)):
        journal_of(path).write_bytes(whole[:length])
        saved = sum(end < length for end in ends) - 1
        assert after_restart(path) == ({"n": saved - 1} if saved > 0 else None)


def test_what_follows_a_damaged_line_is_not_believed(state: StateFile, path: Path) -> None:
    for number in range(3):
        state.save("acme", {"n": number})
    state.close()
    journal_of(path).write_bytes(journal_of(path).read_bytes().replace(b'{"n":1}', b'{"n":\x00}'))
    assert after_restart(path) == {"n": 0}


def test_the_journal_of_another_state_file_is_ignored(state: StateFile, path: Path) -> None:
    before = path.read_bytes()
    for number in range(30):
        state.save("acme", {"n": number, "filling": "x" * (SMALL // 20)})
    state.close()
    assert path.read_bytes() != before
    path.write_bytes(before)
    assert after_restart(path) is None


def test_a_state_file_that_was_taken_away_is_written_anew(state: StateFile, path: Path) -> None:
    state.save("acme", {"n": 1})
    path.unlink()
    state.save("other", {"n": 2})
    document = json.loads(path.read_bytes())
    assert (document["partners"]["acme"], document["partners"]["other"]) == ({"n": 1}, {"n": 2})


def test_a_change_that_did_not_fit_on_the_disk_goes_out_with_the_next(state: StateFile, path: Path) -> None:
    state.save("acme", {"n": 1})
    with no_space(), pytest.raises(StateWriteError):
        state.save("acme", {"n": 2, "filling": "x" * 100_000})
    state.save("other", {"n": 3})
    state.close()
    assert after_restart(path) == {"n": 2, "filling": "x" * 100_000}
    assert after_restart(path, "other") == {"n": 3}
