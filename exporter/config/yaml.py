"""YAML text as a tree of dicts, lists and :class:`Scalar`, with the line of each value, read within bounds."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.reader import ReaderError

from exporter.config.errors import MAX_PROBLEMS, ConfigError, Invalid, Place, Problem, dotted, shown

MAX_BYTES = 1024 * 1024
MAX_VALUES = 50_000
"""Values in a file; those behind an alias (``*``) or a merge key (``<<``) count as often as they are used."""

_MERGE = "tag:yaml.org,2002:merge"
_TYPES = {"null": "nothing", "str": "text", "int": "a number", "float": "a number", "bool": "a boolean"}
_TYPES |= {"timestamp": "a date", "seq": "a list", "map": "a mapping"}
_HINTS = {
    r"found character '\t'": "indent with spaces",
    "found character": "put a value that begins with @, % or ` in quotes",
    "found undefined": "put a value that begins with * or ! in quotes",
    "found unexpected end of stream": "close the quote",
    "found unknown escape character": "use single quotes, or write \\\\ for a backslash",
    "mapping values": "align the key with those above it, or put a value that has ': ' in it in quotes",
    "sequence entries": "put the list on the lines below its key",
    "could not find expected ':'": "write it as key: value",
    "expected <block end>": "indent the keys of one mapping, and the items of one list, by the same number of spaces",
    "expected ',' or": "close the bracket, or put a comma between the items",
    "expected a single document": "keep one document in a file",
}
"""The beginning of a message of PyYAML: what to do."""

# What follows these words is text of the file, and may be a token.
_QUOTING = re.compile(r"((?:undefined|duplicate) [a-z ]*).*", re.DOTALL)
_REFERENCE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)\}|(?=[{A-Za-z_]))", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single value as ``written``, and the ``type`` YAML sees in it; without ``environ`` nothing is replaced."""

    written: str
    type: str = "str"
    environ: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The text with every ``${NAME}`` replaced. Raises :class:`~exporter.config.errors.Invalid`."""
        return self.written if self.environ is None else interpolate(self.written, self.environ)


Tree = dict[str, "Tree"] | list["Tree"] | Scalar


class Document:
    """A file, or what stands for one: its tree, the line of each place, and the problems found so far.

    A node behind an alias is in the tree once for each place where it is used.
    """

    def __init__(self, file: str, root: dict[str, Tree], *, environ: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._file = file
        self._environ = environ
        self._lines: dict[Place, int] = {}
        self._values = 0

    def report(self, error: Invalid, place: Place = ()) -> None:
        """Note a problem; what is not in the file is reported at the section where it is missing."""
        above = (self._lines.get(place[:end]) for end in range(len(place), -1, -1))
        line = error.line or next(filter(None, above), None)
        problem = Problem(file=self._file, line=line, path=dotted(place), reason=error.reason, remedy=error.remedy)
        self.problems.append(problem)
        if len(self.problems) > MAX_PROBLEMS:  # a word that is near takes long to find, and more are not reported
            self.raise_if_wrong()

    def raise_if_wrong(self) -> None:
        """Raise :class:`~exporter.config.errors.ConfigError` with everything noted so far."""
        if self.problems:
            raise ConfigError(self.problems)

    def take(self, node: yaml.Node, place: Place, line: int) -> Tree:
        """The tree of a node. Raises ``Invalid`` or RecursionError if there is nothing to go on with."""
        self._values += 1
        if self._values > MAX_VALUES:
            reason = f"the file is more than {MAX_VALUES} values long, those behind aliases included"
            raise Invalid(reason, "check that it is the right one")
        self._lines[place] = line
        if isinstance(node, yaml.ScalarNode):
            return Scalar(written=node.value, type=_type(node), environ=self._environ)
        if isinstance(node, yaml.SequenceNode):
            return [self.take(item, (*place, index), _line(item)) for index, item in enumerate(node.value)]
        section: dict[str, Tree] = {}
        for merged in [value for key, value in node.value if key.tag == _MERGE]:
            for other in reversed(merged.value if isinstance(merged, yaml.SequenceNode) else [merged]):
                more = self.take(other, place, line)
                if isinstance(more, dict):
                    section |= more
                else:
                    reason = f"found {found(more)} behind a merge key (<<)"
                    self.report(Invalid(reason, "give an alias to a mapping", line=_line(other)), place)
        first: dict[str, int] = {}
        for key, value in ((key, value) for key, value in node.value if key.tag != _MERGE):
            at = _line(key)
            if not isinstance(key, yaml.ScalarNode):
                reason = f"found {_TYPES.get(_type(key), 'a value')} as a key"
                self.report(Invalid(reason, "write it as key: value", line=at), place)
            elif key.value in first:
                reason = f"given twice, first on line {first[key.value]}"
                self.report(Invalid(reason, "keep one", line=at), (*place, key.value))
            else:
                first[key.value] = at
                section[key.value] = self.take(value, (*place, key.value), at)
        return section


def read_document(file: Path, *, environ: Mapping[str, str] | None) -> Document:
    """The mapping in a file. Keys that are given twice, or that are no text, are noted and left out.

    Whatever the file holds, it raises ConfigError alone, if there is nothing to go on with.
    """
    document = Document(str(file), {}, environ=environ)
    try:
        node = _parsed(read_bytes(file, limit=MAX_BYTES))
        root = document.take(node, (), 1)
        if not isinstance(root, dict):
            raise Invalid(f"found {found(root)}", "write keys and values", line=_line(node))
        document.root = root
    except (Invalid, RecursionError) as error:
        remedy = "check the brackets, and aliases (*) to anchors (&) around them"
        document.report(error if isinstance(error, Invalid) else Invalid("the file is nested too deeply", remedy))
        document.raise_if_wrong()
    return document


def read_bytes(file: Path, *, limit: int) -> bytes:
    """What a file holds. Raises :class:`~exporter.config.errors.Invalid` if it cannot be read, or holds more."""
    try:
        with file.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        remedy = "check its path, and that this user may read it"
        raise Invalid(f"the file cannot be read ({error.strerror})", remedy) from None
    if len(data) > limit:
        raise Invalid(f"the file is larger than {limit // 1024} KiB", "check that it is the right one")
    return data


def found(node: Tree) -> str:
    """What a value is, in words."""
    kind = node.type if isinstance(node, Scalar) else "seq" if isinstance(node, list) else "map"
    return _TYPES.get(kind, "a value of another type")


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """``text`` with every ``${NAME}`` replaced from ``environ``, once, and ``$$`` by ``$``.

    Raises :class:`~exporter.config.errors.Invalid` for a variable that is not set, and for a ``$NAME`` without braces,
    which shells would replace and this file would not.
    """

    def value(match: re.Match[str]) -> str:
        name = match[2]
        if match[1]:
            return "$"
        if name is None:
            raise Invalid("a $ without {NAME}", "write ${NAME} for an environment variable, or $$ for a dollar sign")
        if name not in environ:
            remedy = "set it where the exporter is started, or write $$ for a dollar sign"
            raise Invalid(f"environment variable {name if name.isupper() else shown(name)} is not set", remedy)
        return environ[name]

    return _REFERENCE.sub(value, text)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _type(node: yaml.Node) -> str:
    return str(node.tag.rpartition(":")[2])


def _parsed(data: bytes) -> yaml.Node:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
        return yaml.compose(text, Loader=yaml.SafeLoader) or yaml.MappingNode("", [])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid("the file is not UTF-8 text", "save it as UTF-8", line=line) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Invalid("a control character, which YAML does not allow", "remove it", line=line) from None
    except yaml.MarkedYAMLError as error:
        # An open quote, or a key without a colon, is noticed long after its beginning.
        scanning = (error.context or "").startswith("while scanning")
        mark = (error.context_mark if scanning else None) or error.problem_mark
        problem = _QUOTING.sub(r"\1", error.problem or "").strip()
        messages = (problem, error.context or "")
        hints = (hint for start, hint in _HINTS.items() if any(message.startswith(start) for message in messages))
        remedy = next(hints, "check the indentation, quotes and brackets on this line and above")
        raise Invalid(f"not valid YAML ({problem})", remedy, line=mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML lets chr() and int() raise on escapes such as "\UFFFFFFFF" and on absurd %YAML versions.
        remedy = "check the \\ escapes in double quotes and the % directives"
        raise Invalid("not valid YAML", remedy, line=1) from None
