"""YAML text as a small tree that knows its lines, read within bounds.

PyYAML's own composer recurses once per bracket and lets an alias stand for any amount of data, so the tree is built
here from PyYAML's events: at most :data:`DEEPEST` levels and :data:`MOST_VALUES` values, those behind aliases counted
as often as they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from exporter.config.errors import Invalid
from exporter.config.yaml_hints import explain

DEEPEST = 16
MOST_VALUES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A single value: its text as written, without quotes, and the type YAML sees in it (``str``, ``int``, ...)."""

    line: int
    text: str
    type: str
    quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """A list."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """A mapping, in the order of the file; the same key may be there twice."""

    line: int
    entries: tuple[tuple[Node, Node], ...]


Node = ScalarNode | ListNode | MapNode


def read_yaml(text: str) -> Node | None:
    """The one document in ``text``, or None if there is nothing but comments.

    Raises :class:`~exporter.config.errors.Invalid`, with the line, and nothing else whatever the text is.
    """
    try:
        return _Composer(text).document()
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML lets chr() and int() raise on escapes such as "\UFFFFFFFF" and on absurd %YAML versions.
        raise explain(error, text) from None


class _Composer:
    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._resolver = yaml.resolver.Resolver()
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._values = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise Invalid("a second YAML document begins here", "keep one in a file", line=_line(event))
                root = self._node(next(self._events), depth=0)
        return root

    def _node(self, event: yaml.Event, *, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        if depth > DEEPEST:
            reason = f"nested more than {DEEPEST} levels deep"
            raise Invalid(reason, "check the brackets and the indentation", line=_line(event))
        before = self._values
        self._count(1, event)
        anchor = event.anchor if isinstance(event, yaml.NodeEvent) else None
        if anchor is not None:
            self._anchors[anchor] = None
        node = self._fresh(event, depth=depth)
        if anchor is not None:
            self._anchors[anchor] = (node, self._values - before)
        return node

    def _fresh(self, event: yaml.Event, *, depth: int) -> Node:
        if isinstance(event, yaml.SequenceStartEvent):
            return ListNode(line=_line(event), items=tuple(self._until(yaml.SequenceEndEvent, depth=depth + 1)))
        if isinstance(event, yaml.MappingStartEvent):
            children = self._until(yaml.MappingEndEvent, depth=depth + 1)
            return MapNode(line=_line(event), entries=tuple(zip(children, children, strict=True)))
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the parser has no other kind of node
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._resolver.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        return ScalarNode(
            line=_line(event), text=event.value, type=tag.rpartition(":")[2], quoted=event.style is not None
        )

    def _until(self, end: type[yaml.Event], *, depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield self._node(event, depth=depth)

    def _aliased(self, event: yaml.AliasEvent) -> Node:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            # The name is not told: it may be the rest of a secret that begins with an asterisk.
            reason = "an alias (*) to an anchor (&) that is not complete before it"
            raise Invalid(reason, "put a value that begins with * in quotes", line=_line(event))
        node, values = known
        self._count(values, event)
        return node

    def _count(self, values: int, event: yaml.Event) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            reason = f"more than {MOST_VALUES} values, those behind aliases included"
            raise Invalid(reason, "check that this is the right file", line=_line(event))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
