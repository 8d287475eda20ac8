"""YAML text as a tree whose nodes know their dotted path and line, read within bounds.

A tree has at most :data:`MAX_DEPTH` levels and :data:`MAX_VALUES` values; those behind an alias (``*``) or a merge key
(``<<``) count as often as they are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import yaml
from yaml.reader import ReaderError

from exporter.config.environ import interpolate
from exporter.config.errors import Invalid, Problems, shown

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_VALUES = 50_000

_MERGE = "tag:yaml.org,2002:merge"
_TYPES = {"null": "nothing", "str": "text", "int": "a number", "float": "a number", "bool": "a boolean"}
_TYPES["timestamp"] = "a date"
_BAD_ALIAS = (
    "an alias (*) to an anchor (&) that is not complete before it",
    "put a value that begins with * in quotes",
)
# What PyYAML says -> what is wrong, what to do. None of its own text is passed on: it quotes the file, and with it a
# token that begins with *, ! or %.
_HINTS = {
    r"found character '\t'": ("a tab where YAML expects spaces", "indent with spaces"),
    "found character": (
        "a value begins with a character that YAML reserves, such as @, % or `",
        "put the value in quotes",
    ),
    "found undefined tag handle": ("a YAML tag (!) that is not defined", "put a value that begins with ! in quotes"),
    "found undefined alias": _BAD_ALIAS,
    "found duplicate anchor": ("an anchor (&) that is there twice", "give each anchor a name of its own"),
    "found unexpected end of stream": ("a quote that is not closed", "close it"),
    "found unknown escape character": (
        "an unknown \\ escape in double quotes",
        "use single quotes, or write \\\\ for a backslash",
    ),
    "mapping values are not allowed here": (
        "a colon where YAML expects none",
        "align the key with those above it, or put a value that has ': ' in it in quotes",
    ),
    "sequence entries are not allowed here": (
        "a list item (- ) where YAML expects none",
        "put the list on the lines below its key",
    ),
    "could not find expected ':'": ("a key without a colon", "write it as key: value"),
    "expected <block end>": (
        "this line does not fit those above it",
        "indent the keys of one mapping, and the items of one list, by the same number of spaces",
    ),
    "expected ',' or ']'": ("a list that is not closed or lacks a comma", "close it with ]"),
    "expected ',' or '}'": ("a mapping that is not closed or lacks a comma", "close it with }"),
    "expected a single document": ("a second YAML document begins here", "keep one in a file"),
}
_NO_HINT = ("not valid YAML", "check the indentation, quotes and brackets on this line and above")
# PyYAML notices these long after where they begin.
_SHOWN_AT_THEIR_BEGINNING = ("found unexpected end of stream", "could not find expected ':'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single value: its text as ``written``, without quotes, and the type YAML sees in it (``str``, ``int``, ...).

    ``line`` is that of the key where there is one. Without ``environ`` nothing is replaced in the text.
    """

    path: str
    line: int
    written: str = ""
    type: str = "str"
    quoted: bool = False
    environ: Mapping[str, str] | None = None

    @property
    def text(self) -> str:
        """The text with every ``${NAME}`` replaced. Raises :class:`~exporter.config.errors.Invalid`."""
        return self.written if self.environ is None else interpolate(self.written, self.environ)


class Items(list["Node"]):
    """A list."""

    def __init__(self, *, path: str, line: int) -> None:
        super().__init__()
        self.path = path
        self.line = line


class Section(dict[str, "Node"]):
    """A mapping, in the order of the file."""

    def __init__(self, *, path: str, line: int, entries: Mapping[str, Node] = MappingProxyType({})) -> None:
        super().__init__(entries)
        self.path = path
        self.line = line


Node = Scalar | Items | Section


def found(node: Node) -> str:
    """What a value is, in words."""
    if isinstance(node, Scalar):
        return _TYPES.get(node.type, "a value of another type")
    return "a list" if isinstance(node, Items) else "a mapping"


def is_null(node: Node) -> bool:
    """Whether there is nothing behind a key."""
    return isinstance(node, Scalar) and node.type == "null"


def join(section: str, name: str) -> str:
    """The dotted path of a key in a section; the top of the file is the section ``""``."""
    return f"{section}.{name}" if section else name


def read_text(file: Path) -> str:
    """The text of a file, without a byte order mark. Raises :class:`~exporter.config.errors.Invalid`."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Invalid("no such file", "check its path") from None
    except IsADirectoryError:
        raise Invalid("a directory", "give the file in it") from None
    except OSError as error:
        remedy = "check its path, and that this user may read it"
        raise Invalid(f"the file cannot be read ({error.strerror})", remedy) from None
    if len(data) > MAX_BYTES:
        raise Invalid("the file is larger than 1 MiB", "check that it is the right one")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid("the file is not UTF-8 text", "save it as UTF-8", line=line) from None


def parse(text: str, *, environ: Mapping[str, str] | None, problems: Problems) -> Node | None:
    """The one document in ``text``, or None if there is nothing but comments.

    Keys that are given twice, or that are no text, go to ``problems`` and are left out. Raises
    :class:`~exporter.config.errors.Invalid`, with the line, and nothing else whatever the text is.
    """
    try:
        root = _Loader(text).get_single_node()
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML lets chr() and int() raise on escapes such as "\UFFFFFFFF" and on absurd %YAML versions.
        raise _explain(error, text) from None
    return None if root is None else _Locator(environ, problems).node(root, path="", line=_line(root))


class _Loader(yaml.SafeLoader):
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self._depth > MAX_DEPTH:
            line = self.get_mark().line + 1
            raise Invalid(
                f"nested more than {MAX_DEPTH} levels deep", "check the brackets and the indentation", line=line
            )
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Locator:
    """Gives PyYAML's nodes their paths; a node behind an alias gets one for each place where it is used."""

    def __init__(self, environ: Mapping[str, str] | None, problems: Problems) -> None:
        self._environ = environ
        self._problems = problems
        self._open: set[int] = set()
        self._values = 0

    def node(self, node: yaml.Node, *, path: str, line: int) -> Node:
        self._values += 1
        if self._values > MAX_VALUES:
            reason = f"the file is more than {MAX_VALUES} values long, those behind aliases included"
            raise Invalid(reason, "check that it is the right one")
        if isinstance(node, yaml.ScalarNode):
            kind = node.tag.rpartition(":")[2]
            quoted = node.style is not None
            return Scalar(path=path, line=line, written=node.value, type=kind, quoted=quoted, environ=self._environ)
        if id(node) in self._open:
            raise Invalid(*_BAD_ALIAS, line=line)
        self._open.add(id(node))
        located = (
            self._section(node, path, line) if isinstance(node, yaml.MappingNode) else self._items(node, path, line)
        )
        self._open.remove(id(node))
        return located

    def _items(self, node: yaml.Node, path: str, line: int) -> Items:
        items = Items(path=path, line=line)
        for index, item in enumerate(node.value):
            items.append(self.node(item, path=f"{path}[{index}]", line=_line(item)))
        return items

    def _section(self, node: yaml.MappingNode, path: str, line: int) -> Section:
        section = Section(path=path, line=line)
        merged: list[yaml.Node] = []
        for key, value in node.value:
            at = _line(key)
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif not isinstance(key, yaml.ScalarNode):
                kind = found(self.node(key, path=path, line=at))
                self._problems.add(Invalid(f"found {kind} as a key", "write it as key: value", path=path, line=at))
            elif key.value in section:
                reason = f"given twice, first on line {section[key.value].line}"
                self._problems.add(Invalid(reason, "keep one", path=join(path, shown(key.value)), line=at))
            else:
                section[key.value] = self.node(value, path=join(path, shown(key.value)), line=at)
        for other in merged:
            more = self.node(other, path=path, line=line)
            if not isinstance(more, Section):
                reason = f"found {found(more)} behind a merge key (<<)"
                self._problems.add(Invalid(reason, "give an alias to a mapping", path=path, line=_line(other)))
                continue
            for name, child in more.items():
                section.setdefault(name, child)
        return section


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _explain(error: Exception, text: str) -> Invalid:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Invalid("a control character, which YAML does not allow", "remove it", line=line)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Invalid("not valid YAML", "check the \\ escapes in double quotes and the % directives", line=1)
    problem, mark = error.problem or "", error.problem_mark
    if error.context_mark is not None and problem.startswith(_SHOWN_AT_THEIR_BEGINNING):
        mark = error.context_mark
    messages = (problem, error.context or "")
    hints = (hint for start, hint in _HINTS.items() if any(message.startswith(start) for message in messages))
    reason, remedy = next(hints, _NO_HINT)
    return Invalid(reason, remedy, line=mark.line + 1)
