"""Faults in YAML: one line each, with a hint, without the text; and no file can make reading it long."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.generator.keys import all_keys
from exporter.config.errors import ConfigError
from exporter.config.model import Config
from tests.config.config_kit import PARTNER, TOKEN, load, problems
from tests.rig.examples import examples


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("a:\n\tb: c", "2: not valid YAML (found character '\\t' that cannot start any token); indent with spaces"),
        ("a: b: c", "1: not valid YAML (mapping values are not allowed here); align the key with those above it, or "),
        ("a: - b", "1: not valid YAML (sequence entries are not allowed here); put the list on the lines below its"),
        ("a: 1\nb\nc: 1", "2: not valid YAML (could not find expected ':'); write it as key: value"),
        (
            "a:\n    b: 1\n  c: 1",
            "3: not valid YAML (expected <block end>, but found '<block mapping start>'); indent ",
        ),
        ("a: [b\nc: d", "2: not valid YAML (expected ',' or ']', but got ':'); close the bracket, or put a comma "),
        ("a: {b: c\nd: e", "2: not valid YAML (expected ',' or '}', but got ':'); close the bracket, or put a comma "),
        ("a:\n  b: 'c\n\nd", "2: not valid YAML (found unexpected end of stream); close the quote"),
        (f"a: @{TOKEN}", "1: not valid YAML (found character '@' that cannot start any token); put a value that "),
        (f"a: *{TOKEN}", "1: not valid YAML (found undefined alias); put a value that begins with * or ! in quotes"),
        (f"a: !{TOKEN}!b c", "1: not valid YAML (found undefined tag handle); put a value that begins with * or ! in "),
        (f"%TAG !{TOKEN}! a\n%TAG !{TOKEN}! b\n--- a", "2: not valid YAML (duplicate tag handle); check the "),
        ('a: "\\q"', "1: not valid YAML (found unknown escape character 'q'); use single quotes, or write \\\\ for a "),
        ('a: "\\UFFFFFFFF"', "1: not valid YAML; check the \\ escapes in double quotes and the % directives"),
        ("%YAML 2.0\n---\na: b", "1: not valid YAML (found incompatible YAML document (version 1.* is required)); "),
        ("a: b\nc: \x07", "2: a control character, which YAML does not allow; remove it"),
        ("a: b\n---\nc: d", "2: not valid YAML (but found another document); keep one document in a file"),
    ],
)
def test_a_fault_in_yaml_is_one_line_with_a_hint(tmp_path: Path, content: str, reported: str) -> None:
    [line] = problems(tmp_path, content)
    assert line.startswith(f"config.yaml:{reported}")


@pytest.mark.parametrize("content", ["[" * 1_000, "{" * 1_000, "- " * 1_000, "? " * 1_000, "a: &a [*a]"])
def test_endless_nesting_is_one_line(tmp_path: Path, content: str) -> None:
    [line] = problems(tmp_path, content)
    assert line.endswith(
        ": the file is nested too deeply; check the brackets, and aliases (*) to anchors (&) around them"
    )


def test_a_billion_laughs_are_one_line(tmp_path: Path) -> None:
    levels = ["a: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    levels += [f"a{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 10)]
    assert problems(tmp_path, "\n".join(levels)) == [
        "config.yaml:1: the file is more than 50000 values long, those behind aliases included; "
        "check that it is the right one"
    ]


def test_an_anchor_may_be_used_again(tmp_path: Path) -> None:
    content = (
        "partners:\n- {name: a, auth_id: PA_1, auth_token: &token '${TOKEN}'}\n"
        "- {name: b, auth_id: PA_2, auth_token: *token}\n"
    )
    one, other = load(tmp_path, content).partners
    assert one.auth_token.current() == other.auth_token.current()


words = st.sampled_from(
    [key.name for key in all_keys(Config)] + ["${TOKEN}", "${", "10s", "7d", "1e999", "&a ", "*a", "!!int ", "<<"]
)
marks = st.sampled_from(
    [": ", "\n", "\n  ", "\n- ", "- ", "[", "]", "{", "}", ", ", "'", '"', "\\U", "#", "|", "%", "\t"]
)
texts = st.lists(words | marks | st.text(max_size=5)).map("".join)


@given(content=texts | texts.map(lambda text: PARTNER + text) | st.binary())
@examples(400)
def test_whatever_the_file_holds_only_config_errors_are_raised(tmp_path: Path, content: str | bytes) -> None:
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    reported: list[str] = []
    try:
        load(tmp_path, content)
    except ConfigError as error:
        reported = [str(problem) for problem in error.problems]
    assert all(len(line.splitlines()) == 1 and TOKEN not in line for line in reported)
