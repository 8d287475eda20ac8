"""What was tried so far, over all runs on this checkout."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.fuzz.campaign import Result
from tests.fuzz.targets import NAMES


class Row(msgspec.Struct):
    """One target: inputs and seconds in all, the most edges of one run, and how often an input broke it."""

    inputs: int = 0
    seconds: int = 0
    edges: int = 0
    findings: int = 0


def tried(directory: Path, name: str) -> int:
    """Inputs of all runs."""
    return _read(directory, name).inputs


def add(directory: Path, name: str, result: Result) -> None:
    """Add one run."""
    row = _read(directory, name)
    row.inputs += result.inputs
    row.seconds += result.seconds
    row.edges = max(row.edges, result.edges)
    row.findings += result.finding is not None
    _file(directory, name).write_bytes(msgspec.json.encode(row))


def table(directory: Path) -> str:
    """All of it in Markdown."""
    lines = ["| target | inputs | seconds | edges | broken |", "|---|---:|---:|---:|---:|"]
    for name in NAMES:
        row = _read(directory, name)
        lines.append(f"| `{name}` | {row.inputs:,} | {row.seconds:,} | {row.edges:,} | {row.findings} |")
    return "\n".join(lines)


def _file(directory: Path, name: str) -> Path:
    return directory / f"{name}.tally.json"


def _read(directory: Path, name: str) -> Row:
    file = _file(directory, name)
    return msgspec.json.decode(file.read_bytes(), type=Row) if file.exists() else Row()
