"""One level of JSON at a time, what is in it undecoded; what a strict decoder refuses is mended first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

T = TypeVar("T")

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_NOT_JSON = (msgspec.MsgspecError, ValueError, RecursionError)

_UNKNOWN = "\ufffd"
_HALF = re.compile(
    r"(\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2} | \\\\) | \\u[dD][89a-fA-F][\da-fA-F]{2}",
    re.VERBOSE | re.ASCII,
)
"""An escaped surrogate without its other half; a whole pair, and a backslash that is escaped itself, are group 1."""


def members(raw: bytes | msgspec.Raw) -> Mapping[str, msgspec.Raw] | None:
    """The values of an object by name, undecoded; None if it is none. A name that comes twice has its last value."""
    return _decoded(_OBJECT, raw)


def elements(raw: bytes) -> Sequence[msgspec.Raw] | None:
    """The elements of an array, undecoded; None if it is none."""
    return _decoded(_ARRAY, raw)


def string(raw: bytes) -> str | None:
    """A string; None if it is none, or has a character that could not be read."""
    text = _decoded(_TEXT, raw)
    return None if text is None or _UNKNOWN in text else text


def _decoded(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw) -> T | None:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        return None  # another type, which mending does not change
    except _NOT_JSON:
        pass
    try:
        return decoder.decode(_mended(bytes(raw)))
    except _NOT_JSON:
        return None


def _mended(raw: bytes) -> bytes:
    """The same as strict JSON, where one customer's name has half a surrogate, a raw control character or a NaN in it.

    What is no character becomes U+FFFD, and so does a NaN: as a word it could be read for a currency. Numbers stay as
    they are written.
    """
    text = _HALF.sub(lambda found: found[1] or _UNKNOWN, raw.decode("utf-8", "replace"))
    value = json.loads(
        text, strict=False, parse_int=msgspec.Raw, parse_float=msgspec.Raw, parse_constant=lambda _: _UNKNOWN
    )
    return msgspec.json.encode(value)
