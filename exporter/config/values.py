"""Single values of the configuration file: a node and the environment in, a checked value out.

Every reader raises :class:`~exporter.config.errors.Invalid` for a value that is not what it reads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from exporter.config.durations import format_duration, parse_duration
from exporter.config.environ import interpolate
from exporter.config.errors import Invalid
from exporter.config.sizes import parse_size
from exporter.config.yaml_nodes import ListNode, MapNode, Node, ScalarNode

T = TypeVar("T")
Reader = Callable[[Node, Mapping[str, str]], T]

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NAMES = {"null": "nothing", "str": "text", "int": "a number", "float": "a number", "bool": "a boolean"}


def found(node: Node) -> str:
    """What a value is, in words."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a mapping"
    return _NAMES.get(node.type, "a value of another type")


def text(node: Node, environ: Mapping[str, str]) -> str:
    """Text, with every ``${NAME}`` replaced."""
    if not isinstance(node, ScalarNode) or node.type == "null":
        raise Invalid(f"found {found(node)}")
    if node.type != "str":
        raise Invalid(f"found {found(node)} where text is expected", "put it in quotes")
    return interpolate(node.text, environ)


def path(node: Node, environ: Mapping[str, str]) -> Path:
    """A path; one that is not absolute counts from the current directory."""
    return path_from(text(node, environ))


def path_from(written: str) -> Path:
    """The path that a text names."""
    try:
        usable = written != "" and b"\0" not in os.fsencode(written)
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise Invalid("empty, or not a path", "give the path of a file")
    return Path(written)


def duration(*, minimum: float, maximum: float) -> Reader[float]:
    """A reader of seconds; both ends of the range are allowed."""

    def read(node: Node, environ: Mapping[str, str]) -> float:
        seconds = parse_duration(_bare(node, environ))
        if not minimum <= seconds <= maximum:
            raise Invalid("out of range", f"expected {format_duration(minimum)} to {format_duration(maximum)}")
        return seconds

    return read


def size(*, minimum: int, maximum: int, meaning: str) -> Reader[int]:
    """A reader of bytes; ``meaning`` is the range in words."""

    def read(node: Node, environ: Mapping[str, str]) -> int:
        value = parse_size(_bare(node, environ))
        if not minimum <= value <= maximum:
            raise Invalid("out of range", f"expected {meaning}")
        return value

    return read


def flag(node: Node, environ: Mapping[str, str]) -> bool:
    """true or false, as YAML 1.1 writes them."""
    value = _FLAGS.get(_unquoted(node, environ).lower())
    if value is None:
        raise Invalid("neither true nor false", "write true or false")
    return value


def number(node: Node, environ: Mapping[str, str]) -> float:
    """A finite decimal number."""
    value = _unquoted(node, environ)
    if not _NUMBER.fullmatch(value) or float(value) in (float("inf"), float("-inf")):
        raise Invalid("not a finite decimal number", "write one such as 0.5")
    return float(value)


def whole(*, minimum: int, maximum: int) -> Reader[int]:
    """A reader of whole numbers; both ends of the range are allowed."""

    def read(node: Node, environ: Mapping[str, str]) -> int:
        value = number(node, environ)
        if value != int(value) or not minimum <= value <= maximum:
            raise Invalid("out of range", f"expected a whole number, {minimum} to {maximum}")
        return int(value)

    return read


def _bare(node: Node, environ: Mapping[str, str]) -> str:
    """The text of any single value: YAML 1.1 takes 90 and even 1:30 for numbers, which have a better message."""
    if not isinstance(node, ScalarNode) or node.type == "null":
        raise Invalid(f"found {found(node)}")
    return interpolate(node.text, environ)


def _unquoted(node: Node, environ: Mapping[str, str]) -> str:
    # Between braces YAML needs quotes around ${NAME}.
    if isinstance(node, ScalarNode) and node.quoted and "${" not in node.text:
        raise Invalid("found text in quotes", "remove the quotes")
    return _bare(node, environ)
