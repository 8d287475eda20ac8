"""Partners, from a file and from the environment alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.config.errors import ConfigError
from exporter.config.load import load_config
from tests.config.config_kit import TOKEN, load, problems


def from_environment(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(None, environ=environ)
    return str(caught.value).split("\n")


def test_a_partner_is_named_after_its_id_unless_it_has_a_name(tmp_path: Path) -> None:
    content = """\
partners:
  - {auth_id: PA_1, auth_token: a}
  - {auth_id: PA_2, auth_token: a, name: Ünïted Calls}
"""
    assert [partner.name for partner in load(tmp_path, content).partners] == ["PA_1", "Ünïted Calls"]


def test_id_and_token_may_be_in_files(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("PA_1\n")
    (tmp_path / "token").write_text(f"  {TOKEN}\r\n")
    content = f"partners: [{{auth_id_file: '{tmp_path}/id', auth_token_file: '{tmp_path}/token'}}]"
    [partner] = load(tmp_path, content).partners
    assert partner.name == "PA_1"
    assert partner.auth_token.current().reveal() == TOKEN
    assert TOKEN not in repr(partner)


@pytest.mark.parametrize(
    ("partner", "reported"),
    [
        ("auth_id: a, auth_id_file: b, auth_token: c", "auth_id_file: given beside auth_id; keep one of them"),
        ("auth_id: a, auth_token: b, auth_token_file: c", "auth_token_file: given beside auth_token; keep one of them"),
        ("auth_id: a", "auth_token: missing; give auth_token or auth_token_file"),
        ("auth_id: a, token: '${TOKEN}'", "token: unknown key; did you mean auth_token?"),
        ("auth_id: a, auth_token: 12345678", "auth_token: found a number where text is expected; put it in quotes"),
        ("auth_id: a, auth_token: ''", "auth_token: empty; give the value that Vobiz issued"),
        ("auth_id: a, auth_token: 'x ${TOKEN}'", "auth_token: holds a space, a control character or one outside ASCII; "
            "give the value as Vobiz issued it and nothing else"),
        ("auth_id: a, auth_token_file: '${TOKEN}'", "auth_token_file: the file cannot be read "
            "(No such file or directory); check its path, and that this user may read it"),
        ("auth_id: MA_1, auth_token: a", "auth_id: a customer's id; give the partner's, which begins with PA_"),
        ("auth_id: '${TOKEN}', auth_token: '${TOKEN}'", "auth_id: no partner's id; "
            "give the one that begins with PA_; a token belongs in auth_token"),
        ("name: b, auth_id: 'PA_${TOKEN}', auth_token: '${TOKEN}'", "auth_id: has the auth_token in it, "
            "which must not be shown; give the partner's id, which begins with PA_"),
        ("name: 'acme ${TOKEN}', auth_id: a, auth_token: '${TOKEN}'", "name: has the auth_token in it, "
            "which must not be shown; give one that may be shown"),
        ("name: hunter2, auth_id: a, auth_token: hunter2", "name: has the auth_token in it, "
            "which must not be shown; give one that may be shown"),
        ("auth_id: 't0ken-that', auth_token: 't0ken-that'", "auth_id: has the auth_token in it, "
            "which must not be shown; give the partner's id, which begins with PA_"),
        ("name: '', auth_id: a, auth_token: b", "name: not a name of 1 to 100 printable characters; "
            "give one such as acme"),
        (f"name: {'n' * 101}, auth_id: a, auth_token: b", "name: not a name of 1 to 100 printable characters; "
            "give one such as acme"),
        ('name: "a\\nb", auth_id: a, auth_token: b', "name: not a name of 1 to 100 printable characters; "
            "give one such as acme"),
    ],
)  # fmt: skip
def test_a_partner_that_cannot_be_used_is_reported_without_its_secrets(
    tmp_path: Path, partner: str, reported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b", "c"):
        (tmp_path / name).write_text(name)
    assert problems(tmp_path, f"partners: [{{{partner}}}]") == [f"config.yaml:1: partners[0].{reported}"]


def test_the_same_partner_twice_is_reported(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("PA_1\n")
    content = f"""\
partners:
  - {{auth_id: PA_1, auth_token: a}}
  - {{auth_id: PA_1, auth_token: b, name: other}}
  - {{auth_id_file: '{tmp_path}/id', auth_token: c}}
  - {{auth_id: pa_1, auth_token: d}}
"""
    assert problems(tmp_path, content) == [
        "config.yaml:3: partners[1].auth_id: the same as that of partners[0]; list each partner once",
        "config.yaml:4: partners[2].auth_id_file: the same as that of partners[0]; list each partner once",
        "config.yaml:5: partners[3].auth_id: the same as that of partners[0]; list each partner once",
    ]


def test_two_partners_of_one_name_are_reported(tmp_path: Path) -> None:
    content = """\
partners:
  - {auth_id: PA_1, auth_token: a}
  - {auth_id: PA_2, auth_token: b, name: PA_1}
"""
    assert problems(tmp_path, content) == [
        "config.yaml:3: partners[1].name: the same as that of partners[0]; give each partner a name of its own"
    ]


def test_the_environment_alone_is_enough(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    config = load_config(None, environ={"VOBIZ_AUTH_ID": "PA_1", "VOBIZ_AUTH_TOKEN_FILE": f"{tmp_path}/token"})
    [partner] = config.partners
    assert partner.name == partner.auth_id.current() == "PA_1"
    assert partner.auth_token.current().reveal() == TOKEN
    assert config.path is None
    assert config.poll.interval == 60


def test_with_a_file_the_credentials_in_the_environment_count_only_where_they_are_named(tmp_path: Path) -> None:
    environ = {"VOBIZ_AUTH_ID": "PA_1", "VOBIZ_AUTH_TOKEN": TOKEN}
    assert problems(tmp_path, "partners: []", environ=environ)
    content = "partners: [{auth_id: '${VOBIZ_AUTH_ID}', auth_token: '${VOBIZ_AUTH_TOKEN}'}]"
    assert load(tmp_path, content, environ=environ).partners[0].name == "PA_1"


@pytest.mark.parametrize("environ", [{}, {"VOBIZ_AUTH_ID": "", "VOBIZ_AUTH_TOKEN_FILE": ""}])
def test_without_file_and_credentials_both_are_asked_for(environ: dict[str, str]) -> None:
    assert from_environment(environ) == [
        "VOBIZ_AUTH_ID: not set; set it or VOBIZ_AUTH_ID_FILE, or give --config.file",
        "VOBIZ_AUTH_TOKEN: not set; set it or VOBIZ_AUTH_TOKEN_FILE, or give --config.file",
    ]


def test_wrong_credentials_in_the_environment_are_reported_without_showing_them(tmp_path: Path) -> None:
    assert from_environment({"VOBIZ_AUTH_ID": f"a {TOKEN}", "VOBIZ_AUTH_TOKEN_FILE": TOKEN}) == [
        "VOBIZ_AUTH_ID: holds a space, a control character or one outside ASCII; "
        "give the value as Vobiz issued it and nothing else",
        "VOBIZ_AUTH_TOKEN_FILE: the file cannot be read (No such file or directory); "
        "check its path, and that this user may read it",
    ]
    (tmp_path / "id").write_text("MA_1")
    assert from_environment({"VOBIZ_AUTH_ID_FILE": f"{tmp_path}/id", "VOBIZ_AUTH_TOKEN": "x"}) == [
        "VOBIZ_AUTH_ID_FILE: a customer's id; give the partner's, which begins with PA_"
    ]


def test_the_token_in_place_of_the_id_is_reported_once() -> None:
    assert from_environment({"VOBIZ_AUTH_ID": "t0ken-that", "VOBIZ_AUTH_TOKEN": "t0ken-that"}) == [
        "VOBIZ_AUTH_ID: has the auth_token in it, which must not be shown; give the partner's id, which begins with PA_"
    ]


def test_both_forms_of_one_variable_are_reported(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("PA_1")
    environ = {"VOBIZ_AUTH_ID": "a", "VOBIZ_AUTH_ID_FILE": f"{tmp_path}/id", "VOBIZ_AUTH_TOKEN": "c"}
    assert from_environment(environ) == ["VOBIZ_AUTH_ID_FILE: given beside auth_id; keep one of them"]


def test_a_variable_that_is_missing_is_reported_with_one_that_is_wrong() -> None:
    assert from_environment({"VOBIZ_AUTH_ID": "MA_1"}) == [
        "VOBIZ_AUTH_ID: a customer's id; give the partner's, which begins with PA_",
        "VOBIZ_AUTH_TOKEN: not set; set it or VOBIZ_AUTH_TOKEN_FILE, or give --config.file",
    ]
