"""The worked examples of CONTRIBUTING.md can be followed to the letter: diffs apply, and the tests they name pass."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, text_of
from tests.packaging.checkout import copy_to

BLOCK = re.compile(r"^(`{3,4})(diff|sh)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
GENERATE = ("grafana.generator", "docs.generator")


def steps() -> list[tuple[str, str]]:
    """Diffs and commands of the two examples, in their order."""
    text = text_of(ROOT / "CONTRIBUTING.md")
    examples = text[text.index("## The first hour") : text.index("## Cutting a release")]
    return [(language, block) for _, language, block in BLOCK.findall(examples)]


@pytest.mark.process
def test_the_worked_examples_can_be_followed(tmp_path: Path) -> None:
    copy_to(tmp_path)
    diffs = 0
    for language, block in steps():
        if language == "diff":
            run(["git", "apply", "-"], tmp_path, stdin=block)
            diffs += 1
        for command in block.splitlines() if language == "sh" else ():
            follow(command, tmp_path)
    assert diffs >= 8


def follow(command: str, checkout: Path) -> None:
    """One command of the page, with this Python; those that only look, or take long, are left out."""
    words = shlex.split(command)
    variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    if words == ["make", "generate"]:
        for module in GENERATE:
            run([sys.executable, "-m", module], checkout)
    elif ".venv/bin/python" in words:
        arguments = words[words.index(".venv/bin/python") + 1 :]
        # promtool's tests of the other rule files are the same here as in tests/test_rules.py
        arguments += ["-k", "not test.yml or wallets", "-q", "-p", "no:cacheprovider"]
        run([sys.executable, *arguments], checkout, variables)


def run(command: list[str], checkout: Path, variables: dict[str, str] | None = None, stdin: str | None = None) -> None:
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "quick", **(variables or {})}
    done = subprocess.run(
        command, cwd=checkout, env=environment, input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{stdin or ''}\n{done.stdout[-3000:]}\n{done.stderr}"
