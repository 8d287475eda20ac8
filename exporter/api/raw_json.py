"""One level of JSON at a time, what is in it undecoded, and as much as can be had of what is damaged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_TOKEN = re.compile(rb'\s*("[^"]*"|[{}\[\]:,]|[^\s"{}\[\]:,]+)\s*')
_NESTED_TOKEN = re.compile(rb'("[^"]*"|[{}\[\]]|[^"{}\[\]]+)\s*')


def members(raw: bytes | msgspec.Raw) -> Mapping[str, bytes | msgspec.Raw] | None:
    """The values of an object by name, undecoded; None if it is none.

    A name that comes twice has its last value; one that cannot be decoded is left out.
    """
    try:
        return _OBJECT.decode(raw)
    except _NOT_JSON:
        parts = split_json(bytes(raw), b"{}")
    if parts is None or any(name[:1] != b'"' for name in parts[::2]):
        return None
    named = zip(map(string, parts[::2]), parts[1::2], strict=True)
    return {name: value for name, value in named if name is not None}


def elements(raw: bytes) -> Sequence[bytes | msgspec.Raw] | None:
    """The elements of an array, undecoded; None if it is none."""
    try:
        return _ARRAY.decode(raw)
    except _NOT_JSON:
        return split_json(raw, b"[]")


def string(raw: bytes) -> str | None:
    """A string; None if it is none, or holds what no text can."""
    try:
        return _TEXT.decode(raw)
    except _NOT_JSON:
        return None


def split_json(text: bytes, brackets: bytes) -> list[bytes] | None:
    """The elements of an array (``brackets`` ``[]``), or the names and values of an object (``{}``), all undecoded.

    Finds where each begins and ends without judging what is in it: one customer's name with half a surrogate, a raw
    control character, a NaN or brackets without end makes a strict decoder refuse the whole answer. None if the text is
    not even the outline of such a value.
    """
    text = text.strip()
    if len(text) < 2 or text[:1] + text[-1:] != brackets:
        return None
    text = text[1:-1].strip()
    masked = text.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    parts: list[bytes] = []
    shape = bytearray()
    depth = at = begin = 0
    while depth >= 0 and (token := (_NESTED_TOKEN if depth else _TOKEN).match(masked, at)):
        word, at = token[1], token.end()
        if not depth:
            begin = token.start(1)
        depth += (word in (b"{", b"[")) - (word in (b"}", b"]"))
        if depth:
            continue
        if word in (b":", b","):
            shape += word
        else:
            parts.append(text[begin : token.end(1)])
            shape += b"v"
    pair = brackets == b"{}"
    whole = depth == 0 and at == len(text)
    expected = b",".join([b"v:v"] * (len(parts) // 2) if pair else [b"v"] * len(parts))
    return parts if whole and shape == expected else None
