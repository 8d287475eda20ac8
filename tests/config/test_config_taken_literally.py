"""What people paste where a value belongs: reported, instead of sent to the API as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.config.errors import ConfigError
from exporter.config.load import load_config
from tests.config.config_kit import ENVIRON, PARTNER, TOKEN, load, problems

ISSUED = "give the value as Vobiz issued it and nothing else"
QUOTES = "in quotes that are part of the value; remove them; env files of Docker keep quotes"
VARIABLE = (
    "the name of an environment variable instead of its value; write ${NAME}, or set the variable to the value itself"
)
PATH = "a path, not a token; give the token, or the path of its file as auth_token_file"
BARE = "a $ without {NAME}; write ${NAME} for an environment variable, or $$ for a dollar sign"

PASTED = {
    "double quotes": (f'"{TOKEN}"', QUOTES),
    "single quotes": (f"'{TOKEN}'", QUOTES),
    "one quote": (f"'{TOKEN}", QUOTES),
    "the name of a variable": ("$VOBIZ_AUTH_TOKEN", VARIABLE),
    "a variable in braces": ("${VOBIZ_AUTH_TOKEN}", VARIABLE),
    "a variable of Kubernetes": ("$(VOBIZ_AUTH_TOKEN)", VARIABLE),
    "a variable of Windows": ("%VOBIZ_AUTH_TOKEN%", VARIABLE),
    "a template": ("{{ vobiz_auth_token }}", VARIABLE),
    "a header's scheme": (f"Bearer {TOKEN}", "has an HTTP scheme in front; remove the first word"),
    "a header": (f"X-Auth-Token: {TOKEN}", f"a NAME=value line; {ISSUED}"),
    "a line of an env file": (f"VOBIZ_AUTH_TOKEN={TOKEN}", f"a NAME=value line; {ISSUED}"),
    "a line of a shell": (f"export VOBIZ_AUTH_TOKEN={TOKEN}", f"a NAME=value line; {ISSUED}"),
    "a line of YAML": (f"auth_token: {TOKEN}", f"a NAME=value line; {ISSUED}"),
    "JSON": (f'{{"auth_token": "{TOKEN}"}}', f"a JSON document; {ISSUED}"),
    "a URL": ("https://console.vobiz.ai/", f"a URL; {ISSUED}"),
    "a placeholder in brackets": ("<your token>", f"a placeholder; {ISSUED}"),
    "a placeholder in words": ("your-auth-token", f"a placeholder; {ISSUED}"),
    "a placeholder of the documentation": ("XXXXXXXXXX", f"a placeholder; {ISSUED}"),
    "a placeholder to change": ("changeme", f"a placeholder; {ISSUED}"),
    "a masked token": ("t0k***ret", f"masked or cut short; {ISSUED}"),
    "a token cut short": ("t0ken-th...", f"masked or cut short; {ISSUED}"),
    "two lines": (f"{TOKEN}\n{TOKEN}", f"holds a space, a control character or one outside ASCII; {ISSUED}"),
    "a tab": (f"{TOKEN}\tx", f"holds a space, a control character or one outside ASCII; {ISSUED}"),
    "a blank that is none": (f"{TOKEN}\u200b", f"holds a space, a control character or one outside ASCII; {ISSUED}"),
    "the partner's id": ("PA_12345678", "an id, not a token; give the token, and the id as auth_id"),
    "a customer's id": ("MA_12345678", "an id, not a token; give the token, and the id as auth_id"),
    "a path": ("/run/secrets/vobiz-token.txt", PATH),
    "a path from here": ("./Token", PATH),
    "a path from above": ("../Token", PATH),
    "a path in the home": ("~/Token", PATH),
    "nothing": (" ", "empty; give the value that Vobiz issued"),
}


@pytest.mark.parametrize(("pasted", "reported"), PASTED.values(), ids=PASTED)
def test_a_paste_is_reported_and_not_sent_wherever_the_token_is_given(
    tmp_path: Path, pasted: str, reported: str
) -> None:
    place = "config.yaml:1: partners[0]"
    assert problems(tmp_path, PARTNER, environ={"TOKEN": pasted}) == [f"{place}.auth_token: {reported}"]
    (tmp_path / "token").write_text(pasted, encoding="utf-8")
    content = f"partners: [{{auth_id: PA_1, auth_token_file: '{tmp_path}/token'}}]"
    assert problems(tmp_path, content) == [f"{place}.auth_token_file: {reported}"]
    with pytest.raises(ConfigError) as caught:
        load_config(None, environ={"VOBIZ_AUTH_ID": "PA_1", "VOBIZ_AUTH_TOKEN": pasted})
    assert str(caught.value) == f"VOBIZ_AUTH_TOKEN: {reported}"


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", " {} ", "\t{}\n\n", "\ufeff{}"])
def test_blanks_line_ends_and_a_byte_order_mark_around_a_token_do_no_harm(tmp_path: Path, around: str) -> None:
    (tmp_path / "token").write_text(around.format(TOKEN), encoding="utf-8", newline="")
    in_file = f"partners: [{{auth_id: PA_1, auth_token_file: '{tmp_path}/token'}}]"
    for config in (load(tmp_path, in_file), load(tmp_path, PARTNER, environ={"TOKEN": around.format(TOKEN)})):
        assert config.partners[0].auth_token.current().reveal() == TOKEN


@pytest.mark.parametrize(
    "token",
    ["abcDEF0123456789", "a+b/c==", "tok~en!", "x=y", "token", "identity", "a$$b", "x-auth", "/aB3/x+9", "//9Z=="],
)
def test_what_may_be_a_token_is_one(tmp_path: Path, token: str) -> None:
    config = load(tmp_path, f"partners: [{{auth_id: PA_1, auth_token: '{token}'}}]")
    assert config.partners[0].auth_token.current().reveal() == token.replace("$$", "$")


@pytest.mark.parametrize(
    ("auth_id", "reported"),
    [
        ("PA_XXXXXXXX", f"a placeholder; {ISSUED}"),
        ("<partner id>", f"a placeholder; {ISSUED}"),
        ('"PA_1"', QUOTES),
        ("MA_12345678", "a customer's id; give the partner's, which begins with PA_"),
        ("X-Auth-ID: PA_1", f"a NAME=value line; {ISSUED}"),
        (TOKEN, "no partner's id; give the one that begins with PA_; a token belongs in auth_token"),
    ],
)
def test_what_is_no_partners_id_is_reported(tmp_path: Path, auth_id: str, reported: str) -> None:
    content = "partners: [{auth_id: '${ID}', auth_token: x}]"
    assert problems(tmp_path, content, environ={"ID": auth_id}) == [f"config.yaml:1: partners[0].auth_id: {reported}"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("partners: [{auth_id: PA_1, auth_token: $VOBIZ_AUTH_TOKEN}]", "partners[0].auth_token"),
        ("partners: [{auth_id: $VOBIZ_AUTH_ID, auth_token: x}]", "partners[0].auth_id"),
        ("partners: [{auth_id: PA_1, auth_token: x, name: $NAME}]", "partners[0].name"),
        ("partners: [{auth_id: PA_1, auth_token: x}]\nstate: {path: $HOME/state.db}", "state.path"),
        ("partners: [{auth_id: PA_1, auth_token: x}]\npoll: {shard: $ORDINAL/3}", "poll.shard"),
        ("partners: [{auth_id: PA_1, auth_token: x}]\nalerts: {spike_ratio: $RATIO}", "alerts.spike_ratio"),
    ],
)
def test_a_variable_without_braces_is_reported(tmp_path: Path, content: str, key: str) -> None:
    [line] = problems(tmp_path, content)
    assert line.partition(": ")[2] == f"{key}: {BARE}"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("partners: [{auth_id: PA_1, auth_token: x, name: '${QUOTED}'}]", "partners[0].name"),
        ("partners: [{auth_id: PA_1, auth_token_file: '${QUOTED}'}]", "partners[0].auth_token_file"),
        ("partners: [{auth_id: PA_1, auth_token: x}]\nstate: {path: '${QUOTED}'}", "state.path"),
    ],
)
def test_quotes_in_a_name_or_a_path_are_reported(tmp_path: Path, content: str, key: str) -> None:
    [line] = problems(tmp_path, content, environ={"QUOTED": '"acme"'})
    assert line.partition(": ")[2] == f"{key}: {QUOTES}"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("on", "a boolean"),
        ("0123", "a number"),
        ("1.5e+3", "a number"),
        ("12:30", "a number"),
        ("2026-01-01", "a date"),
        ("", "nothing"),
    ],
)
def test_a_name_that_yaml_takes_for_something_else_is_reported(tmp_path: Path, written: str, found: str) -> None:
    [line] = problems(tmp_path, f"partners:\n- auth_id: PA_1\n  auth_token: x\n  name: {written}\n")
    assert line.startswith(f"config.yaml:4: partners[0].name: found {found}")


def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text(TOKEN)
    config = load(tmp_path, "partners: [{auth_id: PA_1, auth_token_file: ~/token}]\nstate: {path: ~/state.db}")
    assert config.state.path == tmp_path / "state.db"
    assert config.partners[0].auth_token.current().reveal() == TOKEN


def test_a_merge_key_brings_in_what_is_not_said(tmp_path: Path) -> None:
    content = """\
partners:
  - &first {name: a, auth_id: PA_A, auth_token: '${TOKEN}', customers: {lowest: 3}}
  - <<: *first
    name: b
    auth_id: PA_B
  - {<<: [{collect: [wallet]}, *first], name: c, auth_id: PA_C}
"""
    partners = load(tmp_path, content).partners
    assert [(one.name, one.auth_id.current()) for one in partners] == [("a", "PA_A"), ("b", "PA_B"), ("c", "PA_C")]
    assert [one.customers.lowest for one in partners] == [3, 3, 3]
    assert [one.collect for one in partners] == [(), (), ("wallet",)]
    assert all(one.auth_token.current().reveal() == TOKEN for one in partners)


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("partners: [{<<: acme, auth_id: PA_1, auth_token: x}]", "partners[0]: found text behind a merge key (<<); "
            "give an alias to a mapping"),
        ("a: &a {<<: *a}", "the file is nested too deeply; "
            "check the brackets, and aliases (*) to anchors (&) around them"),
        ("a: &a 1\nb: &a 2", "not valid YAML (second occurrence); "
            "check the indentation, quotes and brackets on this line and above"),
    ],
)  # fmt: skip
def test_a_merge_key_or_anchor_that_cannot_be_followed_is_reported(tmp_path: Path, content: str, reported: str) -> None:
    [line] = problems(tmp_path, content)
    assert line.partition(": ")[2] == reported


@pytest.mark.process
def test_check_refuses_what_the_daemon_would_refuse(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("partners: [{auth_id: PA_1, auth_token: $VOBIZ_AUTH_TOKEN}]")
    for command in ("check", "run", "once"):
        done = _exporter(command, tmp_path, {})
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.decode() == f"config.yaml:1: partners[0].auth_token: {BARE}\n"


@pytest.mark.process
@pytest.mark.parametrize(
    "environ", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_check_prints_a_name_in_any_locale(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "config.yaml").write_text("partners: [{name: Ünïted, auth_id: PA_1, auth_token: x}]", encoding="utf-8")
    done = _exporter("check", tmp_path, environ)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"config.yaml: good; 1 partner (\\xdcn\\xefted)\n"


def _exporter(command: str, folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "exporter", command, "--config.file=config.yaml"],
        cwd=folder,
        env={**os.environ, **ENVIRON, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        capture_output=True,
        timeout=60,
        check=False,
    )
