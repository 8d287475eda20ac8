"""Taking JSON apart without judging what is in it, for the answers that a strict decoder refuses.

One customer's name with half a surrogate, a raw control character, a NaN or brackets nested without end makes a strict
decoder refuse the whole answer. This finds where each member begins and ends, and leaves it undecoded.
"""

from __future__ import annotations

import re

import msgspec

_SPACE = re.compile(rb"[ \t\r\n]*")
_SIMPLE_STRING = re.compile(rb'"[^"\\]*"')
_SCALAR = re.compile(rb'[^ \t\r\n,:{}\[\]"]+')
_UP_TO_BRACKET = re.compile(rb'[^"{}\[\]]*(?:"[^"\\]*"[^"{}\[\]]*){0,1000}')
_KEY = msgspec.json.Decoder(str)


class _BrokenError(Exception):
    """This is not even the outline of JSON."""


def object_members(text: bytes) -> dict[str, bytes] | None:
    """The members of an object, undecoded, the last one where a name comes twice; None if it is no object.

    A member whose name cannot be decoded is left out.
    """
    try:
        return {name: text[begin:end] for name, begin, end in _members(text, b"{}") if name is not None}
    except _BrokenError:
        return None


def array_elements(text: bytes) -> list[bytes] | None:
    """The elements of an array, undecoded; None if it is no array."""
    try:
        return [text[begin:end] for _, begin, end in _members(text, b"[]")]
    except _BrokenError:
        return None


def _members(text: bytes, brackets: bytes) -> list[tuple[str | None, int, int]]:
    """Of each member the name (empty in an array, None if it cannot be decoded), its begin and its end."""
    members: list[tuple[str | None, int, int]] = []
    opening, closing = brackets[:1], brackets[1:]
    at = _after_space(text, _after(text, _after_space(text, 0), opening))
    while text[at : at + 1] != closing or members:
        name: str | None = ""
        if opening == b"{":
            end = _end_of_string(text, at)
            name = _decoded(text[at:end])
            at = _after_space(text, _after(text, _after_space(text, end), b":"))
        end = _end_of_value(text, at)
        members.append((name, at, end))
        at = _after_space(text, end)
        if text[at : at + 1] == closing:
            break
        at = _after_space(text, _after(text, at, b","))
    if _after_space(text, at + 1) != len(text):
        raise _BrokenError
    return members


def _end_of_value(text: bytes, at: int) -> int:
    if text[at : at + 1] == b'"':
        return _end_of_string(text, at)
    if text[at : at + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(text, at)
        if scalar is None:
            raise _BrokenError
        return scalar.end()
    depth = 0
    while True:
        if skipped := _UP_TO_BRACKET.match(text, at):
            at = skipped.end()
        character, at = text[at : at + 1], at + 1
        match character:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
                if not depth:
                    return at
            case b'"':
                at = _end_of_string(text, at - 1)
            case _:
                raise _BrokenError


def _end_of_string(text: bytes, at: int) -> int:
    """Where the string that begins here ends: at a quote with an even number of backslashes before it."""
    if simple := _SIMPLE_STRING.match(text, at):
        return simple.end()
    if text[at : at + 1] != b'"':
        raise _BrokenError
    while (at := text.find(b'"', at + 1)) >= 0:
        before = at
        while text[before - 1 : before] == b"\\":
            before -= 1
        if (at - before) % 2 == 0:
            return at + 1
    raise _BrokenError


def _after(text: bytes, at: int, expected: bytes) -> int:
    if text[at : at + 1] != expected:
        raise _BrokenError
    return at + 1


def _after_space(text: bytes, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def _decoded(name: bytes) -> str | None:
    try:
        return _KEY.decode(name)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
