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
_SURROGATE = re.compile("[\ud800-\udfff]")


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

    What is no character becomes U+FFFD. Numbers become strings, so that their digits stay as they are.
    """
    text = raw.decode("utf-8", "replace")
    value = json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    return _SURROGATE.sub(_UNKNOWN, json.dumps(value, ensure_ascii=False)).encode()
