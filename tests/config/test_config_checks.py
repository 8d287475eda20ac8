"""What a good configuration meets on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from exporter.config.errors import ConfigError
from exporter.config.load import load_config
from tests.config.config_kit import ENVIRON, PARTNER, write

NOBODY = 65534


def with_state(folder: Path, path: Path | str, more: str = "") -> list[str]:
    """What is said of a path."""
    content = f"{PARTNER}{more}state: {{path: '{path}'}}"
    try:
        load_config(write(folder, content), environ=ENVIRON, here=True)
    except ConfigError as error:
        return str(error).replace(f"{folder}/", "").split("\n")
    return []


def test_without_state_nothing_is_looked_at(tmp_path: Path) -> None:
    load_config(write(tmp_path, PARTNER), environ=ENVIRON, here=True)


def test_a_state_directory_that_is_not_there_is_reported_and_not_made(tmp_path: Path) -> None:
    assert with_state(tmp_path, tmp_path / "stat" / "state.db") == [
        "config.yaml:2: state.path: there is no directory stat; correct the path, or make the directory"
    ]
    assert not (tmp_path / "stat").exists()


def test_it_is_reported_with_all_that_is_wrong_elsewhere(tmp_path: Path) -> None:
    said = with_state(tmp_path, tmp_path / "stat" / "state.db", "poll: {interval: 5}\nsate: {}\n")
    assert [line.split(": ")[1] for line in said] == ["poll.interval", "sate", "state.path"]


def test_a_directory_a_link_or_a_device_instead_of_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "not.there")  # the state does not follow one
    for path, name in (*((tmp_path / name, name) for name in ("folder", "link")), (Path("/dev/null"), "/dev/null")):
        assert with_state(tmp_path, path) == [
            f"config.yaml:2: state.path: {name} is not a regular file; move it away, or give another path"
        ]


def test_what_cannot_be_written_or_entered_is_reported() -> None:
    written = "config.yaml:2: state.path: {} cannot be written by this user; change its owner, or the path"
    hidden = "config.yaml:2: state.path: there is no directory hidden/below; correct the path, or make the directory"
    with as_nobody() as place:
        assert with_state(place, place / "closed" / "state.db") == [written.format("closed")]
        assert with_state(place, place / "old.db") == [written.format("old.db")]
        assert with_state(place, place / "hidden" / "below" / "state.db") == [hidden]


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A directory, and a user who owns it and may do nothing to what is in it; root may write everywhere."""
    with TemporaryDirectory() as name:
        place = Path(name)
        (place / "closed").mkdir(mode=0o555)
        (place / "hidden").mkdir(mode=0o000)
        (place / "old.db").touch(mode=0o444)
        if os.geteuid() == 0:
            os.chown(place, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield place
        finally:
            os.setresuid(-1, os.getresuid()[2], -1)
            os.setresuid(os.geteuid(), -1, -1)


def test_a_state_file_is_not_made_by_looking(tmp_path: Path) -> None:
    assert with_state(tmp_path, tmp_path / "state.db") == []
    assert not (tmp_path / "state.db").exists()
