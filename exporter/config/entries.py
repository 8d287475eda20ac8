"""The keys and values of a mapping, with what a message needs to say where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.config.errors import Problems, shown
from exporter.config.schema import join
from exporter.config.values import found
from exporter.config.yaml_nodes import MapNode, Node, ScalarNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value with its dotted path and its line, which for the value of a key is that of the key."""

    path: str
    line: int
    node: Node


def entries_of(node: MapNode, *, path: str, problems: Problems) -> Iterator[tuple[str, Entry]]:
    """Every key of the mapping at ``path``, once; a key given twice, or one that is no text, is noted and left out."""
    lines: dict[str, int] = {}
    for key, value in node.entries:
        if not isinstance(key, ScalarNode):
            problems.add(f"found {found(key)} as a key", "write it as key: value", path=path, line=key.line)
            continue
        entry = Entry(path=join(path, shown(key.text)), line=key.line, node=value)
        if key.text in lines:
            reason = f"given twice, first on line {lines[key.text]}"
            problems.add(reason, "keep one", path=entry.path, line=entry.line)
            continue
        lines[key.text] = key.line
        yield key.text, entry
