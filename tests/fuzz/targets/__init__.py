"""The parts that read what others wrote, each with what must hold whatever it reads."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.fuzz.target import Target

NAMES = (
    "configuration",
    "web_configuration",
    "parser",
    "poll",
    "state",
    "http",
    "texts",
)
"""Each is a module here, with a function ``target(directory)``."""


def load(name: str, directory: Path) -> Target:
    """The target of that name, which may write into an empty directory.

    Imported on demand: a fuzzer that is guided by coverage instruments the program while it is imported.
    """
    target: Target = importlib.import_module(f"tests.fuzz.targets.{name}").target(directory)
    return target
