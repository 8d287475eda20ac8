"""All that is wrong with a file is reported at once: the line, the dotted path, what is wrong, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from exporter.config.errors import ConfigError, Place, dotted
from exporter.config.load import load_config
from tests.config.config_kit import DURATION, PARTNER, load, problems


def test_everything_wrong_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    content = """\
interval: 30s
partners:
  - auth_id: PA_1
    auth_tokn: ${TOKEN}
  - auth_id: PA_2
  -
  - acme
api:
  timeout: 60
  tls: no
poll:
  interval: [60s]
poll:
  interval: 5m
"""
    assert problems(tmp_path, content) == [
        "config.yaml:1: interval: unknown key; did you mean poll.interval?",
        "config.yaml:4: partners[0].auth_tokn: unknown key; did you mean auth_token?",
        "config.yaml:5: partners[1].auth_token: missing; give auth_token or auth_token_file",
        "config.yaml:6: partners[2].auth_id: missing; give auth_id or auth_id_file",
        "config.yaml:6: partners[2].auth_token: missing; give auth_token or auth_token_file",
        "config.yaml:7: partners[3]: found text; "
        "expected a mapping of name, auth_id, auth_id_file, auth_token, auth_token_file, alerts, collect, "
        "customers, causes",
        f"config.yaml:9: api.timeout: {DURATION}",
        "config.yaml:10: api.tls: unknown key; known here: base_url, timeout, allow_http",
        "config.yaml:12: poll.interval: found a list; expected a duration",
        "config.yaml:13: poll: given twice, first on line 11; keep one",
    ]


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("api: 5", "api: found a number; expected a mapping of base_url, timeout, allow_http"),
        ("api: {timeout: }", "api.timeout: found nothing; expected a duration"),
        ("api: {allow_http: maybe}", "api.allow_http: neither true nor false; write true or false"),
        ("api: {? [a] : b}", "api: found a list as a key; write it as key: value"),
        ("poll: {periods: today}", "poll.periods: found text; expected a list"),
        ("poll: {periods: [7]}", "poll.periods[0]: found a number where text is expected; put it in quotes"),
        ("state: {path: {a: b}}", "state.path: found a mapping; expected a path"),
        ("state: {path: true}", "state.path: found a boolean where text is expected; put it in quotes"),
        ("state: {path: ''}", "state.path: empty, or not a path; give one such as ./name"),
        ("state: {path: \"a\\0b\"}", "state.path: empty, or not a path; give one such as ./name"),
        ('state: {path: "\\ud800"}', "state.path: empty, or not a path; give one such as ./name"),
        ("collect: [walet]", "collect[0]: unknown extra; did you mean wallet?"),
        ("\"a\\nb\": 1", "***: unknown key; "
            "known here: partners, api, poll, state, alerts, collect, customers, causes"),
        ("? " + "k" * 500, "k" * 60 + ": unknown key; "
            "known here: partners, api, poll, state, alerts, collect, customers, causes"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_reported_with_what_is_expected(tmp_path: Path, content: str, reported: str) -> None:
    assert problems(tmp_path, PARTNER + content) == [f"config.yaml:2: {reported}"]


@pytest.mark.parametrize("content", ["api: {timeout: 10s}", "partners: []", "partners:"])
def test_at_least_one_partner_is_needed(tmp_path: Path, content: str) -> None:
    assert problems(tmp_path, content) == [
        "config.yaml:1: partners: no partner is given; list at least one, with its auth_id and auth_token"
    ]


@pytest.mark.parametrize("content", ["partner: []", "partners: acme"])
def test_a_problem_with_partners_is_not_reported_twice(tmp_path: Path, content: str) -> None:
    assert len(problems(tmp_path, content)) == 1


def test_partners_that_are_the_same_are_reported_with_all_that_is_wrong_elsewhere(tmp_path: Path) -> None:
    content = """\
partners:
- {name: acme, auth_id: PA_1, auth_token: a, alerts: {spike_ratio: many}}
- {name: [acme], auth_id: PA_1, auth_token: b}
- {name: acme, auth_id: PA_2, auth_token: c}
- {name: other, auth_id: PA_2, auth_token: d, customers: {lowest: -1}}
- {name: acme}
api: {timeout: 10s, base_url: http://vobiz.example/}
poll: {interval: 5}
collect: [walet]
intervall: 5s
"""
    lines = problems(tmp_path, content)
    assert [line.removeprefix("config.yaml:").split("; ")[0] for line in lines] == [
        "2: partners[0].alerts.spike_ratio: not a finite decimal number",
        "3: partners[1].name: found a list",
        "4: partners[2].name: the same as that of partners[0]",
        "5: partners[3].customers.lowest: out of range",
        "5: partners[3].auth_id: the same as that of partners[2]",
        "6: partners[4].auth_id: missing",
        "6: partners[4].auth_token: missing",
        "7: api.base_url: http:// would send the token unencrypted to another machine",
        "8: poll.interval: not a duration",
        "9: collect[0]: unknown extra",
        "10: intervall: unknown key",
    ]


RIGHT: dict[str, Any] = {
    "partners": [
        {"name": "a", "auth_id": "PA_1", "auth_token": "${TOKEN}", "collect": ["wallet"], "alerts": {"spike_ratio": 4}},
        {"name": "b", "auth_id": "PA_2", "auth_token": "another-token"},
    ],
    "api": {"base_url": "http://vobiz.example/", "allow_http": True, "timeout": "5s"},
    "poll": {"interval": "10s", "slow_interval": "20s", "stale_after": "30s", "periods": ["today"], "shard": "1/1"},
    "collect": ["causes"],
    "causes": {"pages": 3},
}


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Where something stands in the file."""
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*above, key)
        yield from places(below, (*above, key))


@pytest.mark.parametrize("place", list(places(RIGHT)), ids=dotted)
def test_nothing_is_said_of_what_may_follow_from_a_value_that_cannot_be_read(tmp_path: Path, place: Place) -> None:
    load(tmp_path, json.dumps(RIGHT))
    for wrong in ([[1]], {"a": {"b": 1}}):
        content: Any = deepcopy(RIGHT)
        *above, last = place
        section = content
        for step in above:
            section = section[step]
        section[last] = wrong
        [line] = problems(tmp_path, json.dumps(content))
        assert line.startswith(f"config.yaml:1: {dotted(place)}")


def test_sections_and_lists_without_content_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("partners: [{auth_id: a, auth_token: b, alerts: }]\napi:\npoll:\nstate:\nalerts:\ncollect:\n")
    assert load_config(path, environ={}).collect == ()


def test_after_a_hundred_problems_the_file_is_given_up(tmp_path: Path) -> None:
    lines = problems(tmp_path, "partners:\n" + "  - {}\n" * 1_000)
    assert len(lines) == 101
    assert lines[-1] == (
        "config.yaml: stopped after 100 problems; correct these first, or check that it is the right file"
    )


def test_a_missing_file_is_reported_with_the_path_as_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load_config(Path("conf/config.yml"), environ={})
    assert str(caught.value) == (
        "conf/config.yml: the file cannot be read (No such file or directory); "
        "check its path, and that this user may read it"
    )


def test_a_directory_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environ={})
    assert (
        str(caught.value)
        == f"{tmp_path}: the file cannot be read (Is a directory); check its path, and that this user may read it"
    )


def test_a_file_that_cannot_be_read_is_reported_with_the_reason(tmp_path: Path) -> None:
    loop = tmp_path / "config.yaml"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError) as caught:
        load_config(loop, environ={})
    assert str(caught.value) == (
        f"{loop}: the file cannot be read (Too many levels of symbolic links); "
        "check its path, and that this user may read it"
    )


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"", ":1: partners: no partner is given; list at least one, with its auth_id and auth_token"),
        (b"# nothing\n", ":1: partners: no partner is given; list at least one, with its auth_id and auth_token"),
        (b"\n- a\n", ":2: found a list; write keys and values"),
        (b"a: 1\nb: \xff\n", ":2: the file is not UTF-8 text; save it as UTF-8"),
        (b"#" * (1024 * 1024 + 1), ": the file is larger than 1024 KiB; check that it is the right one"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, content: bytes, reported: str) -> None:
    assert problems(tmp_path, content) == [f"config.yaml{reported}"]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbfpartners: [{auth_id: a, auth_token: b}]\n")
    assert load_config(path, environ={}).partners[0].name == "a"


def test_the_hundred_are_those_at_the_beginning_of_the_file(tmp_path: Path) -> None:
    lines = problems(tmp_path, "".join(f"k{number}: 1\n" for number in range(1_000)))
    assert [line.split(": ")[1] for line in lines[:-1]] == [f"k{number}" for number in range(100)]
