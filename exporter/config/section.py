"""One mapping of the configuration file, read key by key; what is wrong is noted, and the default stands in."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.config.entries import Entry, entries_of
from exporter.config.errors import Invalid, Problems
from exporter.config.schema import SCHEMA, join, keys_of
from exporter.config.suggest import nearest, suggestion
from exporter.config.values import Reader, T, found
from exporter.config.yaml_nodes import ListNode, MapNode, Node, ScalarNode, read_yaml


class Section:
    """A mapping whose keys are those of one section of the schema.

    ``path`` says where it stands in the file (``partners[0]``), ``schema`` which section it is (``partners[]``).
    """

    def __init__(
        self, node: MapNode, *, path: str, schema: str, problems: Problems, environ: Mapping[str, str]
    ) -> None:
        self.path = path
        self._line = node.line
        self._schema = schema
        self._problems = problems
        self._environ = environ
        self._noted: set[str] = set()
        known = keys_of(schema)
        self._entries: dict[str, Entry] = {}
        for name, entry in entries_of(node, path=path, problems=problems):
            if name in known:
                self._entries[name] = entry
            else:
                remedy = suggestion(name, known, elsewhere=SCHEMA)
                self._add(nearest(name, known) or name, "unknown key", remedy, path=entry.path, line=entry.line)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def clear(self, *names: str) -> bool:
        """Whether nothing has been noted about these keys, nor about a misspelt one that is nearest to them."""
        return self._noted.isdisjoint(names)

    def read(self, name: str, reader: Reader[T]) -> T:
        """The value of a key that has a default."""
        value = self.optional(name, reader)
        if value is not None:
            return value
        default = read_yaml(SCHEMA[join(self._schema, name)].default or "")
        assert default is not None, f"{name} has no default"  # noqa: S101
        return reader(default, {})

    def optional(self, name: str, reader: Reader[T]) -> T | None:
        """The value of a key; None if it is not there, or is wrong."""
        entry = self._entries.get(name)
        return None if entry is None else self.value(name, entry, reader)

    def value(self, name: str, entry: Entry, reader: Reader[T]) -> T | None:
        """The value of an entry under the key ``name``; None if it is wrong."""
        try:
            return reader(entry.node, self._environ)
        except Invalid as error:
            self._add(name, error.reason, error.remedy or self._expected(name), path=entry.path, line=entry.line)
            return None

    def section(self, name: str) -> Section:
        """The section under a key, empty if it is not there."""
        entry = self._entries.get(name)
        node = None if entry is None else self._mapping(name, entry)
        return self._under(node or _empty(self._line), path=join(self.path, name), schema=name)

    def sections(self, name: str) -> tuple[Section, ...]:
        """The sections in the list under a key."""
        schema = f"{name}[]"
        expected = f"expected a mapping of {', '.join(keys_of(schema))}"
        mappings = ((entry, self._mapping(name, entry, expected)) for entry in self.items(name))
        return tuple(self._under(node, path=entry.path, schema=schema) for entry, node in mappings if node is not None)

    def items(self, name: str) -> tuple[Entry, ...]:
        """The items of the list under a key, none if it is not there."""
        entry = self._entries.get(name)
        if entry is None or _is_null(entry.node):
            return ()
        if not isinstance(entry.node, ListNode):
            self.note(name, f"found {found(entry.node)}", self._expected(name))
            return ()
        return tuple(
            Entry(path=f"{entry.path}[{index}]", line=node.line, node=node)
            for index, node in enumerate(entry.node.items)
        )

    def named(self, name: str) -> tuple[tuple[str, Entry], ...]:
        """The keys and entries of the mapping under a key, whatever they are called; none if it is not there."""
        entry = self._entries.get(name)
        node = None if entry is None else self._mapping(name, entry)
        return () if node is None else tuple(entries_of(node, path=join(self.path, name), problems=self._problems))

    def note(self, name: str, reason: str, remedy: str, *, at: Entry | None = None) -> None:
        """Note a problem with a key, or with an entry below it; where the key is not there, at the section."""
        place = at or self._entries.get(name)
        path = place.path if place else join(self.path, name)
        self._add(name, reason, remedy, path=path, line=place.line if place else self._line)

    def _add(self, name: str, reason: str, remedy: str, *, path: str, line: int) -> None:
        self._noted.add(name)
        self._problems.add(reason, remedy, path=path, line=line)

    def _under(self, node: MapNode, *, path: str, schema: str) -> Section:
        return Section(node, path=path, schema=schema, problems=self._problems, environ=self._environ)

    def _expected(self, name: str) -> str:
        key = SCHEMA[join(self._schema, name)]
        return f"expected {key.type} such as {key.example}"

    def _mapping(self, name: str, entry: Entry, expected: str = "") -> MapNode | None:
        if isinstance(entry.node, MapNode):
            return entry.node
        if _is_null(entry.node):
            return _empty(entry.line)
        self.note(name, f"found {found(entry.node)}", expected or self._expected(name), at=entry)
        return None


def _empty(line: int) -> MapNode:
    return MapNode(line=line, entries=())


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.type == "null"
