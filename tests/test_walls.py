"""The walls between the rooms: data flows one way, and each library is known in one place.

Both tables are strict in both directions: an import that is not listed fails, and so does a permission that is unused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import exporter

ROOT = Path(exporter.__file__).parent

LIBRARIES: dict[str, set[str]] = {
    "requests": {"api", "commands"},
    "urllib3": {"api"},
    "msgspec": {"api", "detect", "ledger", "poll"},
    "apscheduler": {"schedule"},
    "yaml": {"commands", "config"},
    "bcrypt": {"web"},
    "prometheus_client": {"metrics", "web", "commands"},
}
"""Third-party package: the rooms that import it."""

ROOMS: dict[str, set[str]] = {
    "api": {"clock"},
    "clock": set(),
    "config": {"files"},
    "files": set(),
    "detect": set(),
    "ledger": {"api"},
    "logs": set(),
    "metrics": {"api", "detect", "ledger", "poll"},
    "poll": {"api", "clock", "config", "detect", "ledger"},
    "schedule": {"api", "clock"},
    "simulator": set(),
    "web": {"api", "clock", "config", "detect", "files", "metrics", "poll"},
}
"""Room: the other rooms that it imports."""

COMPOSITION = {"__main__", "cli", "commands", "daemon"}
"""They put the rooms together, and may import all."""

MAX_ARROWS = 45
MAX_LINES = 300


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))))


def _imports(path: Path) -> Iterator[str]:
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module is not None
            if node.module == "exporter":
                yield from (f"exporter.{alias.name}" for alias in node.names)
            else:
                yield node.module


SOURCES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


def _arrows() -> dict[str, set[str]]:
    """By room, the other rooms that it imports."""
    found: dict[str, set[str]] = {_room(path): set() for path in SOURCES}
    for path in SOURCES:
        names = [name.split(".") for name in _imports(path)]
        found[_room(path)] |= {parts[1] for parts in names if parts[0] == "exporter" and len(parts) > 1}
    return {room: rooms - {room, "__version__"} for room, rooms in found.items()}


def test_each_room_imports_the_rooms_it_is_listed_with_and_no_others() -> None:
    arrows = _arrows()
    print("\n".join(f"{room:>12} -> {' '.join(sorted(rooms)) or '-'}" for room, rooms in arrows.items()))
    assert {room: rooms for room, rooms in arrows.items() if room not in COMPOSITION} == ROOMS
    assert arrows.keys() == ROOMS.keys() | COMPOSITION


def test_few_arrows_lead_from_room_to_room() -> None:
    arrows = sum(len(rooms) for room, rooms in _arrows().items())
    assert arrows <= MAX_ARROWS, arrows


def test_each_library_is_known_to_the_rooms_it_is_listed_with_and_no_others() -> None:
    found: dict[str, set[str]] = {library: set() for library in LIBRARIES}
    for path in SOURCES:
        for name in _imports(path):
            if name.partition(".")[0] in found:
                found[name.partition(".")[0]].add(_room(path))
    assert found == LIBRARIES


def test_no_module_reads_the_clock_by_itself() -> None:
    allowed = {"clock.py"}
    for path in SOURCES:
        calls = [node for node in _nodes(path) if isinstance(node, ast.Call)]
        bare = [call for call in calls if ast.unparse(call.func) in ("time.time", "time.monotonic", "datetime.utcnow")]
        assert not bare or path.name in allowed, (
            f"{path}: line {bare[0].lineno} reads the clock; take it as an argument"
        )


def test_no_module_is_longer_than_one_subject_needs() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert not {path: length for path, length in lengths.items() if length > MAX_LINES}
