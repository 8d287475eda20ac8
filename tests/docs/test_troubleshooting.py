"""Whatever the program may say when something is wrong, the page on troubleshooting explains."""

from __future__ import annotations

import ast
import re
from functools import cache

from exporter.api.errors import Outcome
from tests.docs.pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "troubleshooting.md")
FIRST_CELLS = "\n".join(re.findall(r"^\| ([^|]*) \|", PAGE, re.MULTILINE))
LOGGERS = ("log", "self._log")
START_ERRORS = ("StartError", "StoreError", "WebServerError", "WebServerError")


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Every call in the program, by what is called."""
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "exporter").rglob("*.py"))]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(ast.unparse(call.func), call) for call in found]


def beginning(call: ast.Call) -> str:
    """The text of a call's first argument, up to the first part that is filled in."""
    argument = call.args[0] if call.args else None
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
    text = argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
    return re.split(r"[:(%]", text)[0].strip()


def messages() -> set[str]:
    levels = {f"{logger}.{level}" for logger in LOGGERS for level in ("info", "warning", "error", "exception")}
    return {beginning(call) for name, call in calls() if name in {*levels, "self._log"}} - {""}


def start_errors() -> set[str]:
    raised = {beginning(call) for name, call in calls() if name in START_ERRORS}
    return {text.partition(" ")[0] if text.startswith(("-", "state.", "tls_")) else text for text in raised} - {""}


def test_every_outcome_of_a_request_is_explained() -> None:
    assert [outcome.value for outcome in Outcome if f"`{outcome.value}`" not in FIRST_CELLS] == []


def test_every_line_that_may_be_logged_is_explained() -> None:
    assert messages()
    assert [message for message in sorted(messages()) if f"`{message}" not in FIRST_CELLS] == []


def test_every_line_that_is_explained_may_be_logged() -> None:
    cells = re.findall(r"^\| (`[^|]*) \|", PAGE.partition("## What a log line means")[2], re.MULTILINE)
    explained = {line for cell in cells for line in re.findall("`([^`]+)`", cell)} - {"msg"}
    program = "\n".join(path.read_text("utf-8") for path in (ROOT / "exporter").rglob("*.py"))
    assert explained
    assert [line for line in sorted(explained) if f'"{line}' not in program] == []


def test_every_kind_of_start_up_error_is_explained() -> None:
    kinds = {error.partition(".")[0] if error.startswith("tls_") else error for error in start_errors()}
    assert kinds
    assert [kind for kind in sorted(kinds) if f"`{kind}" not in FIRST_CELLS] == []
