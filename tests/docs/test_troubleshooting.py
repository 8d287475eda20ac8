"""Whatever the program may say when something is wrong, the page on troubleshooting explains."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from exporter.api.errors import Outcome
from tests.docs.pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "troubleshooting.md")
FIRST_CELLS = "\n".join(re.findall(r"^\| ([^|]*) \|", PAGE, re.MULTILINE))
LOGGERS = ("log", "self._log")
START_ERRORS = ("StartError", "StoreError", "WebServerError", "WebServerError")


@cache
def calls() -> list[ast.Call]:
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "exporter").rglob("*.py"))]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def beginning(call: ast.Call) -> str:
    """The text of a call's first argument, up to the first part that is filled in."""
    argument = call.args[0] if call.args else None
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
    text = argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
    return re.split(r"[:(%]", text)[0].strip()


def messages() -> set[str]:
    levels = {f"{logger}.{level}" for logger in LOGGERS for level in ("info", "warning", "error", "exception")}
    return {beginning(call) for call in calls() if ast.unparse(call.func) in {*levels, "self._log"}} - {""}


def start_errors() -> set[str]:
    raised = {beginning(call) for call in calls() if ast.unparse(call.func) in START_ERRORS}
    return {text.partition(" ")[0] if text.startswith(("-", "state.", "tls_")) else text for text in raised} - {""}


@pytest.mark.parametrize("outcome", [outcome.value for outcome in Outcome])
def test_every_outcome_of_a_request_is_explained(outcome: str) -> None:
    assert f"`{outcome}`" in FIRST_CELLS


@pytest.mark.parametrize("message", sorted(messages()))
def test_every_line_that_may_be_logged_is_explained(message: str) -> None:
    assert f"`{message}" in FIRST_CELLS


@pytest.mark.parametrize("error", sorted(start_errors()))
def test_every_kind_of_start_up_error_is_explained(error: str) -> None:
    assert f"`{error.partition('.')[0] if error.startswith('tls_') else error}" in FIRST_CELLS
