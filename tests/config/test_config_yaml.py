"""Faults in YAML: one line each, with a hint, without the text; and no file can make reading it long."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.config import Config, ConfigError
from exporter.config.keys import all_keys
from tests.config.config_kit import PARTNER, TOKEN, load, problems


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("a:\n\tb: c", ":2: a tab where YAML expects spaces; indent with spaces"),
        ("a: b: c", ":1: a colon where YAML expects none; "
            "align the key with those above it, or put a value that has ': ' in it in quotes"),
        ("a: - b", ":1: a list item (- ) where YAML expects none; put the list on the lines below its key"),
        ("a: 1\nb\nc: 1", ":2: a key without a colon; write it as key: value"),
        ("a:\n    b: 1\n  c: 1", ":3: this line does not fit those above it; "
            "indent the keys of one mapping, and the items of one list, by the same number of spaces"),
        ("a: [b\nc: d", ":2: a list that is not closed or lacks a comma; close it with ]"),
        ("a: {b: c\nd: e", ":2: a mapping that is not closed or lacks a comma; close it with }"),
        ("a:\n  b: 'c\n\nd", ":2: a quote that is not closed; close it"),
        (f"a: @{TOKEN}", ":1: a value begins with a character that YAML reserves, such as @, % or `; "
            "put the value in quotes"),
        (f"a: *{TOKEN}", ":1: an alias (*) to an anchor (&) that is not complete before it; "
            "put a value that begins with * in quotes"),
        (f"a: !{TOKEN}!b c", ":1: a YAML tag (!) that is not defined; put a value that begins with ! in quotes"),
        ('a: "\\q"', ":1: an unknown \\ escape in double quotes; use single quotes, or write \\\\ for a backslash"),
        ('a: "\\UFFFFFFFF"', ":1: not valid YAML; check the \\ escapes in double quotes and the % directives"),
        ("%YAML 2.0\n---\na: b", ":1: not valid YAML; "
            "check the indentation, quotes and brackets on this line and above"),
        ("a: b\nc: \x07", ":2: a control character, which YAML does not allow; remove it"),
        ("a: b\n---\nc: d", ":2: a second YAML document begins here; keep one in a file"),
        ("a: &a [*a]", ":1: an alias (*) to an anchor (&) that is not complete before it; "
            "put a value that begins with * in quotes"),
    ],
)  # fmt: skip
def test_a_fault_in_yaml_is_one_line_with_a_hint(tmp_path: Path, content: str, reported: str) -> None:
    assert problems(tmp_path, content) == [f"config.yaml{reported}"]


@pytest.mark.parametrize("bracket", ["[", "{", "- ", "? "])
def test_a_hundred_thousand_nested_brackets_are_one_line(tmp_path: Path, bracket: str) -> None:
    assert problems(tmp_path, bracket * 100_000) == [
        "config.yaml:1: nested more than 16 levels deep; check the brackets and the indentation"
    ]


def test_a_billion_laughs_are_one_line(tmp_path: Path) -> None:
    levels = ["a: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    levels += [f"a{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 10)]
    assert problems(tmp_path, "\n".join(levels)) == [
        "config.yaml: the file is more than 50000 values long, those behind aliases included; "
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
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_file_holds_only_config_errors_are_raised(tmp_path: Path, content: str | bytes) -> None:
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    reported: list[str] = []
    try:
        load(tmp_path, content)
    except ConfigError as error:
        reported = [str(problem) for problem in error.problems]
    assert all(len(line.splitlines()) == 1 and TOKEN not in line for line in reported)
