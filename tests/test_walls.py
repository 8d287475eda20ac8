"""The walls between the modules: data flows one way, and each library is known in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import exporter

ROOT = Path(exporter.__file__).parent

LIBRARIES = {
    "requests": ("api",),
    "urllib3": ("api",),
    "msgspec": ("api", "poll", "state", "ledger", "commands"),
    "apscheduler": ("schedule",),
    "yaml": ("config", "web"),
    "bcrypt": ("web",),
    "prometheus_client": ("metrics", "web", "commands"),
}
"""Third-party package: the parts of the package that may import it."""

SIBLINGS = {
    "clock": set(),
    "files": set(),
    "logs": set(),
    "api": set(),
    "config": set(),
    "ledger": {"api"},
    "state": set(),
    "poll": {"api", "clock", "ledger", "state"},
    "schedule": {"api", "clock"},
    "metrics": {"api", "ledger", "poll"},
    "web": {"api", "clock", "ledger", "metrics", "poll"},
    "simulator": set(),
}
"""Part: the other parts it may import. What is not listed (cli, commands, daemon) wires, and may import all."""


def _part(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module is not None
            if node.module == "exporter":
                yield from (f"exporter.{alias.name}" for alias in node.names)
            else:
                yield node.module


SOURCES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_side_of_the_wall_allows(path: Path) -> None:
    part = _part(path)
    for name in _imports(path):
        package, _, rest = name.partition(".")
        assert part in LIBRARIES.get(package, (part,)), f"{part} must not know {package}"
        if package == "exporter" and part in SIBLINGS:
            sibling = rest.partition(".")[0]
            allowed = SIBLINGS[part] | {part, "__version__"}
            assert sibling in allowed, f"{part} must not know {sibling}"


def test_no_module_reads_the_clock_by_itself() -> None:
    allowed = {"clock.py"}
    for path in SOURCES:
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        bare = [call for call in calls if ast.unparse(call.func) in ("time.time", "time.monotonic", "datetime.utcnow")]
        assert not bare or path.name in allowed, (
            f"{path}: line {bare[0].lineno} reads the clock; take it as an argument"
        )


def test_no_module_is_longer_than_one_subject_needs() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert not {path: length for path, length in lengths.items() if length > 300}
