"""Keys and the kinds of their values: how one is read, written, and limited.

A field of a dataclass is a key of the file: ``Annotated[float, duration("1s", "1h")] = key(60.0, "...")``.
The reader, the references in docs/, config.example.yaml and config.schema.json are made of these fields alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import ip_address
from math import inf, isinf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exporter.config.errors import Invalid, suggestion
from exporter.config.yaml import Scalar, Tree, found

MAX_NAME = 100
DEFAULT_URL = "https://api.vobiz.ai/api/v1/partner"

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
# https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (<duration>): a year is 365 days.
_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
"""In milliseconds."""
_DURATION = re.compile("".join(f"(?:([0-9]{{1,18}}){unit})?" for unit in _UNITS))
# Prometheus keeps nanoseconds in 64 bits.
_MAX_MILLISECONDS = (2**63 - 1) // 1_000_000


def key(default: Any, help: str, unit: str = "", *, repr: bool = True, **about: Any) -> Any:
    """A field that is a key of the file. ``help`` is a sentence or more, without the full stop at its end.

    ``about`` is for the references: ``example`` is YAML, by default the default; ``otherwise`` says in which case the
    default is another one; ``given``: the example is shown as if it were the default. A partner's key that
    ``inherits`` is, where the partner does not give it, as at the top of the file.
    """
    metadata = {"help": help, "unit": unit, **about}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, repr=repr, metadata=metadata)
    return field(default=default, repr=repr, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """What the values of a key have in common; the annotation of its field.

    ``parse`` takes the text and raises :class:`~exporter.config.errors.Invalid`; ``write`` is the way back. Both ends
    of the range are allowed. ``is_text``: what YAML takes for a number, boolean or date may not look as it was written.
    """

    name: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str
    minimum: float = -inf
    maximum: float = inf
    choices: Sequence[str] = ()
    is_text: bool = False

    @property
    def range(self) -> str:
        """What is allowed, in words; empty for anything."""
        if self.choices or isinf(self.minimum):
            return ", ".join(self.choices)
        low = self.write(self.minimum)
        return f"{low} or more" if isinf(self.maximum) else f"{low} to {self.write(self.maximum)}"

    def read(self, node: Tree) -> Any:
        """The value that was written. Raises :class:`~exporter.config.errors.Invalid`."""
        if not isinstance(node, Scalar) or node.type == "null":
            expected = f"one of {', '.join(self.choices)}" if self.choices else f"a {self.name}"
            raise Invalid(f"found {found(node)}", f"expected {expected}")
        if self.is_text and node.type != "str":
            raise Invalid(f"found {found(node)} where text is expected", "put it in quotes")
        value = self.parse(node.text)
        if self.choices and value not in self.choices:
            raise Invalid(f"unknown {self.name}", suggestion(value, self.choices))
        if not isinf(self.minimum) and not self.minimum <= value <= self.maximum:
            raise Invalid("out of range", f"expected {self.range}")
        return value


def text(name: str, parse: Callable[[str], Any] = str) -> Kind:
    """Text that ``parse`` takes."""
    return Kind(name=name, parse=parse, is_text=True)


def one_of(name: str, choices: Sequence[str]) -> Kind:
    """One of some words; ``name`` says in messages what they are."""
    return Kind(name=name, parse=str, is_text=True, choices=choices)


def flag() -> Kind:
    """true or false, as YAML 1.1 writes them."""
    return Kind(name="boolean", parse=_parse_flag, write=lambda value: str(value).lower())


def duration(minimum: str, maximum: str) -> Kind:
    """Seconds."""
    low, high = parse_duration(minimum), parse_duration(maximum)
    return Kind(name="duration", parse=parse_duration, write=format_duration, minimum=low, maximum=high)


def number(minimum: float = -inf, maximum: float = inf, *, of: type[float] | type[Decimal] = float) -> Kind:
    """A finite decimal number."""
    return Kind(
        name="number", parse=lambda text: of(_decimal(text)), write="{:g}".format, minimum=minimum, maximum=maximum
    )


def whole(minimum: int, maximum: int) -> Kind:
    """A whole number."""
    return Kind(name="whole number", parse=_parse_whole, minimum=minimum, maximum=maximum)


def _parse_flag(written: str) -> bool:
    if written.lower() not in _FLAGS:
        raise Invalid("neither true nor false", "write true or false")
    return _FLAGS[written.lower()]


def _parse_whole(written: str) -> int:
    value = Decimal(_decimal(written))
    if value != int(value):
        raise Invalid("not a whole number", "write one such as 10")
    return int(value)


def _decimal(written: str) -> str:
    if not _NUMBER.fullmatch(written) or isinf(float(written)):
        raise Invalid("not a finite decimal number", "write one such as 0.5")
    return written


def parse_path(written: str) -> Path:
    """The path that a text names; ``~`` is the home directory. Raises :class:`~exporter.config.errors.Invalid`."""
    try:
        if written != "" and b"\0" not in os.fsencode(_unquoted(written)):
            return Path(written).expanduser()
    except (UnicodeEncodeError, RuntimeError):
        pass
    raise Invalid("empty, or not a path", "give one such as ./name")


def parse_name(written: str) -> str:
    """A name that can be the value of a label. Raises :class:`~exporter.config.errors.Invalid`."""
    if not (1 <= len(written) <= MAX_NAME and written.isprintable() and written.strip()):
        raise Invalid(f"not a name of 1 to {MAX_NAME} printable characters", "give one such as acme")
    return _unquoted(written)


def _unquoted(written: str) -> str:
    if written[0] in "'\"" and written[-1] == written[0]:
        raise Invalid("in quotes that are part of the value", "remove them; env files of Docker keep quotes")
    return written


def parse_duration(text: str) -> float:
    """Seconds in a Prometheus duration such as ``1h30m`` or ``500ms``; ``0`` needs no unit. Raises ``Invalid``."""
    match = _DURATION.fullmatch("0s" if text == "0" else text)
    counts = match.groups("0") if match and text else ()
    total = sum(int(count) * size for count, size in zip(counts, _UNITS.values(), strict=False))
    if not counts or total > _MAX_MILLISECONDS:
        raise Invalid("not a duration", "write whole numbers with units (y w d h m s ms), longest first, such as 1h30m")
    return total / 1000


def format_duration(seconds: float) -> str:
    """The shortest way to write a duration, to the millisecond: 90 seconds are ``1m30s``."""
    rest = round(seconds * 1000)
    parts = []
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_url(text: str) -> str:
    """An http or https URL without a slash at its end, and with nothing but a host, a port and a path."""
    try:
        parts = urlsplit(text)
        # urlsplit drops tabs and line breaks without a word.
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and text.isprintable()
    except ValueError:
        usable = False
    if not usable or re.search("[ @?#]", text):
        raise Invalid("not an http or https URL of host, port and path alone", f"write one such as {DEFAULT_URL}")
    return text.rstrip("/")


def is_on_this_machine(url: str) -> bool:
    """Whether a URL that :func:`parse_url` let pass names the loopback interface, or any address of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return False
