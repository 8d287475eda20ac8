"""Secrets show nothing, and those in files may change while they are in use."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.config.secrets import AuthToken, Secret
from tests.config.config_kit import PARTNER, TOKEN, load, problems
from tests.config.test_config_checks import as_nobody


def test_a_secret_shows_itself_only_when_asked_to(tmp_path: Path) -> None:
    secret = Secret(TOKEN)
    assert secret.reveal() == TOKEN
    assert {str(secret), repr(secret), f"{secret}", f"{secret!r}", "%s" % secret} == {"***"}  # noqa: UP031
    assert repr(AuthToken(TOKEN)) == "AuthToken(***)"
    assert TOKEN not in repr(load(tmp_path, PARTNER))


def test_secrets_are_compared_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_neither_pickled_nor_copied(duplicate: object) -> None:
    assert callable(duplicate)
    with pytest.raises(TypeError, match="a secret is neither pickled nor copied"):
        duplicate(Secret(TOKEN))


def test_a_literal_secret_never_changes() -> None:
    source = AuthToken(f" {TOKEN}\n")
    assert source.current().reveal() == TOKEN
    assert source.refresh() is False
    assert source.problem is None


def test_a_file_that_is_written_again_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    source = AuthToken(file)
    file.write_text("another\n")
    assert source.current().reveal() == "another"
    assert source.refresh() is False


def test_a_file_that_is_replaced_by_one_of_the_same_size_and_time_is_read_again(tmp_path: Path) -> None:
    old, new = tmp_path / "token", tmp_path / "new"
    old.write_text("one")
    new.write_text("two")
    os.utime(new, ns=(old.stat().st_atime_ns, old.stat().st_mtime_ns))
    source = AuthToken(old)
    new.replace(old)
    assert source.current().reveal() == "two"


def test_a_change_whose_time_is_set_back_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    before = file.stat()
    source = AuthToken(file)
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert source.current().reveal() == "two"


def test_refresh_reads_the_file_now(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    source = AuthToken(file)
    file.write_text("two")
    assert source.refresh() is True
    assert source.refresh() is False
    assert source.current().reveal() == "two"


def test_while_the_file_cannot_be_used_the_last_good_value_stays(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    source = AuthToken(file)
    file.unlink()
    assert source.current().reveal() == "one"
    assert source.problem == (
        f"{file}: the file cannot be read (No such file or directory); "
        "the value read before stays in use until this is fixed"
    )
    file.write_text(f"two {TOKEN}")
    assert source.current().reveal() == "one"
    assert source.problem == (
        f"{file}: holds a space, a control character or one outside ASCII; "
        "the value read before stays in use until this is fixed"
    )
    file.write_text("two")
    assert source.current().reveal() == "two"
    assert source.problem is None


def test_a_file_behind_a_link_that_is_switched_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("one")
    (tmp_path / "v2").write_text("two")
    link, new = tmp_path / "token", tmp_path / "new"
    link.symlink_to("v1")
    source = AuthToken(link)
    new.symlink_to("v2")
    new.replace(link)
    assert source.current().reveal() == "two"


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b" \n", "empty; give the value that Vobiz issued"),
        (b"x" * (16 * 1024 + 1), "the file is larger than 16 KiB; check that it is the right one"),
        (TOKEN.encode("utf-16"), "holds a space, a control character or one outside ASCII; "
            "give the value as Vobiz issued it and nothing else"),
        (TOKEN.encode() + b"\nsecond line", "holds a space, a control character or one outside ASCII; "
            "give the value as Vobiz issued it and nothing else"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_secret_is_reported_without_its_content(
    tmp_path: Path, content: bytes, reported: str
) -> None:
    (tmp_path / "token").write_bytes(content)
    lines = problems(tmp_path, f"partners: [{{auth_id: PA_1, auth_token_file: '{tmp_path}/token'}}]")
    assert lines == [f"config.yaml:1: partners[0].auth_token_file: {reported}"]


def test_a_file_in_a_directory_that_cannot_be_entered_is_reported_with_the_reason() -> None:
    with as_nobody() as place:
        [line] = problems(place, f"partners: [{{auth_id: PA_1, auth_token_file: '{place}/hidden/token'}}]")
    assert "auth_token_file: the file cannot be read (Permission denied); check its path, and that this user" in line


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_or_directory_is_refused_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "token")
    lines = problems(tmp_path, f"partners: [{{auth_id: PA_1, auth_token_file: '{tmp_path}/token'}}]")
    assert lines == [
        "config.yaml:1: partners[0].auth_token_file: not a regular file; give the file that holds the value"
    ]


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (
            f"partners: [{{auth_id: PA_1, auth_token:{TOKEN}}}]",
            "partners[0].auth_token***: unknown key; known here: name, ",
        ),
        (f"partners: [{{auth_id: PA_1, {TOKEN}: }}]", "partners[0].***: unknown key; known here: name, "),
        (f"{PARTNER}{TOKEN}:", "***: unknown key; known here: partners, "),
        (f"{PARTNER}alerts: {{{TOKEN}: 1}}", "alerts.***: unknown key; known here: "),
        (f"{PARTNER}{TOKEN}: 1\n{TOKEN}: 2", "***: unknown key; known here: partners, "),
        (
            "partners: [{auth_id: PA_1, auth_token: '${t0kenThatMustStaySecret}'}]",
            "environment variable *** is not set",
        ),
    ],
)
def test_a_token_where_a_name_belongs_is_not_shown(tmp_path: Path, content: str, reported: str) -> None:
    lines = problems(tmp_path, content)
    assert any(reported in line for line in lines)
    assert "t0ken" not in "".join(lines)


def test_names_that_hold_no_secret_are_shown(tmp_path: Path) -> None:
    content = "partners: [{auth_id: PA_1, auth_token: '${TOKEN_2026_LIVE}'}]\npoll: {7d: 1, größe: 1, time out: 1}"
    reported = "".join(problems(tmp_path, content))
    assert all(name in reported for name in ("TOKEN_2026_LIVE", "poll.7d:", "poll.größe:", "poll.time out:"))
