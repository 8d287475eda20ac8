"""The kinds of values: how one is read, written in the references, and described to editors."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf, isinf
from pathlib import Path
from typing import Any

from exporter.config.errors import Invalid, suggestion
from exporter.config.units import format_duration, format_size, parse_duration, parse_size
from exporter.config.yaml import Scalar, found

MAX_NAME = 100

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_VARIABLE = {"type": "string", "pattern": r"\$\{"}
"""In JSON Schema: what holds a ``${NAME}``, which an editor cannot look into."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """What the values of a key have in common; the annotation of its field.

    ``read`` takes a scalar and raises :class:`~exporter.config.errors.Invalid`; ``name`` is said in messages, after
    "expected"; ``write`` is the way back, for the references; ``range`` is in words; ``schema`` is JSON Schema.
    """

    name: str
    read: Callable[[Scalar], Any]
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    write: Callable[[Any], str] = str
    range: str = ""


def text_of(node: Scalar) -> str:
    """Text. What YAML takes for a number, boolean or date is refused: it may not look as it was written."""
    if node.type == "null":
        raise Invalid("found nothing")
    if node.type != "str":
        raise Invalid(f"found {found(node)} where text is expected", "put it in quotes")
    return node.text


def text(name: str, parse: Callable[[str], Any], *, schema: Mapping[str, Any] | None = None) -> Kind:
    """Text that ``parse`` takes."""
    return Kind(name=name, read=lambda node: parse(text_of(node)), schema=schema or {"type": "string"})


def one_of(kind: str, known: Sequence[str]) -> Kind:
    """One of some words; ``kind`` says in messages what they are."""

    def read(node: Scalar) -> str:
        word = text_of(node)
        if word not in known:
            raise Invalid(f"unknown {kind}", suggestion(word, known))
        return word

    return Kind(
        name=f"a {kind}", read=read, schema={"anyOf": [{"enum": list(known)}, _VARIABLE]}, range=", ".join(known)
    )


def file_path() -> Kind:
    """A path; ``~`` is the home directory, and one that is not absolute counts from the current directory."""
    return text("a path", path_from)


def path_from(written: str) -> Path:
    """The path that a text names. Raises :class:`~exporter.config.errors.Invalid`."""
    if written[:1] in ("'", '"') or written[-1:] in ("'", '"'):
        raise Invalid("in quotes that are part of the value", "remove them; env files of Docker keep quotes")
    try:
        if written != "" and b"\0" not in os.fsencode(written):
            return Path(written).expanduser()
    except (UnicodeEncodeError, RuntimeError):
        pass
    raise Invalid("empty, or not a path", "give the path of a file")


def label(name: str = "text") -> Kind:
    """A name that becomes the value of a label."""

    def parse(text: str) -> str:
        if not (1 <= len(text) <= MAX_NAME and text.isprintable() and text.strip()):
            raise Invalid(f"not a name of 1 to {MAX_NAME} printable characters", "give one such as acme")
        if text[0] in "'\"" and text[-1] == text[0]:
            raise Invalid("in quotes that are part of the value", "remove them; env files of Docker keep quotes")
        return text

    return text(name, parse, schema={"type": "string", "minLength": 1, "maxLength": MAX_NAME})


def duration(minimum: str, maximum: str) -> Kind:
    """Seconds; both ends of the range are allowed."""
    low, high = parse_duration(minimum), parse_duration(maximum)

    def read(node: Scalar) -> float:
        seconds = parse_duration(_bare(node))
        if not low <= seconds <= high:
            raise Invalid("out of range", f"expected {minimum} to {maximum}")
        return seconds

    schema = {"type": "string", "pattern": r"^([0-9]+(ms|[ywdhms]))+$|\$\{"}
    return Kind(name="a duration", read=read, schema=schema, write=format_duration, range=f"{minimum} to {maximum}")


def size(minimum: str, maximum: str) -> Kind:
    """Bytes; both ends of the range are allowed."""

    def read(node: Scalar) -> int:
        value = parse_size(_bare(node))
        if not parse_size(minimum) <= value <= parse_size(maximum):
            raise Invalid("out of range", f"expected {minimum} to {maximum}")
        return value

    units = {"type": "string", "pattern": r"^[0-9]+ ?([KMG]i?B|B)?$|\$\{"}
    bare = {"type": "integer", "minimum": parse_size(minimum), "maximum": parse_size(maximum)}
    return Kind(
        name="a size", read=read, schema={"anyOf": [units, bare]}, write=format_size, range=f"{minimum} to {maximum}"
    )


def flag() -> Kind:
    """true or false, as YAML 1.1 writes them."""

    def read(node: Scalar) -> bool:
        value = _FLAGS.get(_unquoted(node).lower())
        if value is None:
            raise Invalid("neither true nor false", "write true or false")
        return value

    schema = {"anyOf": [{"type": "boolean"}, _VARIABLE]}
    return Kind(name="true or false", read=read, schema=schema, write=lambda value: str(value).lower())


def number(minimum: float = -inf, maximum: float = inf, *, of: type[float] | type[Decimal] = float) -> Kind:
    """A finite decimal number; both ends of the range are allowed."""

    def read(node: Scalar) -> float | Decimal:
        written = _unquoted(node)
        if not _NUMBER.fullmatch(written) or isinf(float(written)):
            raise Invalid("not a finite decimal number", "write one such as 0.5")
        if not minimum <= float(written) <= maximum:
            raise Invalid("out of range", f"expected {_range(minimum, maximum)}")
        return of(written)

    bounds = {"minimum": minimum, "maximum": maximum}
    numeric = {"type": "number", **{name: bound for name, bound in bounds.items() if not isinf(bound)}}
    return Kind(
        name="a number",
        read=read,
        schema={"anyOf": [numeric, _VARIABLE]},
        write=lambda value: f"{value:g}",
        range=_range(minimum, maximum),
    )


def whole(minimum: int, maximum: int) -> Kind:
    """A whole number; both ends of the range are allowed."""
    any_number = number()

    def read(node: Scalar) -> int:
        value = any_number.read(node)
        if value != int(value) or not minimum <= value <= maximum:
            raise Invalid("out of range", f"expected a whole number, {minimum} to {maximum}")
        return int(value)

    schema = {"anyOf": [{"type": "integer", "minimum": minimum, "maximum": maximum}, _VARIABLE]}
    return Kind(name="a whole number", read=read, schema=schema, range=f"{minimum} to {maximum}")


def _range(minimum: float, maximum: float) -> str:
    if isinf(maximum):
        return "any" if isinf(minimum) else f"{minimum:g} or more"
    return f"{minimum:g} to {maximum:g}"


def _bare(node: Scalar) -> str:
    """The text of any single value: YAML 1.1 takes 90 and even 1:30 for numbers, which have a better message."""
    if node.type == "null":
        raise Invalid("found nothing")
    return node.text


def _unquoted(node: Scalar) -> str:
    # Between braces YAML needs quotes around ${NAME}.
    if node.quoted and "${" not in node.written:
        raise Invalid("found text in quotes", "remove the quotes")
    return _bare(node)
