"""What a good configuration meets on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from exporter.config import Config, ConfigError, remarks, require_state_directory, require_writable_state
from tests.config.config_kit import PARTNER, load

NOBODY = 65534


def with_state(folder: Path, path: Path | str) -> Config:
    return load(folder, f"{PARTNER}state: {{path: '{path}'}}")


def test_without_state_nothing_is_looked_at(tmp_path: Path) -> None:
    require_writable_state(load(tmp_path, PARTNER))


def test_a_state_directory_that_is_not_there_is_reported_and_not_made(tmp_path: Path) -> None:
    config = with_state(tmp_path, tmp_path / "stat" / "state.db")
    for require in (require_state_directory, require_writable_state):
        with pytest.raises(ConfigError) as caught:
            require(config)
        assert str(caught.value) == (
            f"{config.path}: state.path: there is no directory {tmp_path}/stat; correct the path, or make the directory"
        )
    assert not (tmp_path / "stat").exists()


def test_a_directory_instead_of_a_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory; give the path of a file in it"):
        require_state_directory(with_state(tmp_path, tmp_path))


def test_a_device_instead_of_a_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"state\.path: /dev/null is not a regular file; move it away, or give another"
    ):
        require_writable_state(with_state(tmp_path, "/dev/null"))


def test_a_directory_that_cannot_be_written_is_reported() -> None:
    with as_nobody() as place:
        config = with_state(place, place / "closed" / "state.db")
        require_state_directory(config)
        with pytest.raises(ConfigError, match="closed cannot be written by this user; change its owner, or the path"):
            require_writable_state(config)


def test_a_database_that_cannot_be_written_is_reported() -> None:
    with as_nobody() as place, pytest.raises(ConfigError, match=r"old\.db cannot be written by this user; change its "):
        require_writable_state(with_state(place, place / "old.db"))


def test_a_directory_that_cannot_be_entered_is_reported() -> None:
    with as_nobody() as place, pytest.raises(ConfigError, match=r"there is no directory .*hidden/below;"):
        require_state_directory(with_state(place, place / "hidden" / "below" / "state.db"))


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
    require_writable_state(with_state(tmp_path, tmp_path / "state.db"))
    assert not (tmp_path / "state.db").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("poll: {interval: 15s}", []),
        ("poll: {interval: 5m}", []),
        ("poll: {interval: 6m}", [
            "poll.interval 6m: VobizPollsMissed is silent above 5m, where polls are too few to judge"]),
        ("poll: {interval: 5m}\nalerts: {data_stale_minutes: 10}", [
            "poll.interval 5m: VobizDataStale pages after 25m, five polls, not data_stale_minutes"]),
    ],
)  # fmt: skip
def test_an_interval_that_slows_or_silences_an_alert_is_said(tmp_path: Path, settings: str, said: list[str]) -> None:
    assert list(remarks(load(tmp_path, PARTNER + settings))) == said


def test_a_share_without_partners_is_said(tmp_path: Path) -> None:
    shares = [load(tmp_path, f"{PARTNER}poll: {{shard: {number}/2}}") for number in (1, 2)]
    [said] = [list(remarks(share)) for share in shares if not share.partners]
    [empty] = [share for share in shares if not share.partners]
    assert said == [f"poll.shard {empty.poll.shard}: no partner is in this share, and none is polled"]
