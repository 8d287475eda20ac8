"""An answer as a whole: the token taken out, its fields laid open, and refused where it says itself that it failed."""

from __future__ import annotations

import re

from exporter.api import raw_json
from exporter.api.errors import ApiError, Outcome
from exporter.api.fields import Fields

MIN_SECRET = 8
"""Characters; a shorter token is no secret, and may be part of any number."""

MAX_MESSAGE = 200
"""Characters that are repeated of the API's own error message."""

HIDDEN = "***"

# JSON may write any character as four hexadecimal digits, and a slash with a backslash before it (RFC 8259, section 7).
# A token holds printable ASCII alone, and few answers write that so: to find that out is quick.
_ESCAPED = re.compile(rb"\\(?:u00[2-7]|/)")
_ESCAPE = re.compile(rb"\\(?:u00([2-7][0-9A-Fa-f])|.)", re.DOTALL)

_PERSONAL = re.compile(
    r"""[^\s@<>]+@[^\s@<>]+ | \+?\d[\d\s().-]{5,}\d | \b[MP]A_\w+
    | "[^"]*" | (?<!\w)'[^']*' | `[^`]*` | “[^”]*” | ‘[^’]*’ | «[^»]*»""",
    re.VERBOSE,
)
_EMPTY = (b"false", b"0", b"{}", b"[]")
_ANY = re.compile(r".{1,10000}", re.DOTALL)
_MESSAGES = ("error", "errors", "message", "detail", "error_description", "description", "msg", "reason", "title")


def redact_token(token: str, body: bytes) -> bytes:
    """The JSON text with ``***`` for the token, in whichever way JSON writes it; it means the same otherwise."""
    if len(token) < MIN_SECRET:
        return body
    if _ESCAPED.search(body):
        # whole escapes, so that the second half of an escaped backslash begins none
        body = _ESCAPE.sub(_shortest, body)
    return body.replace(token.replace("\\", "\\\\").replace('"', '\\"').encode(), HIDDEN.encode())


def open_answer(body: bytes) -> Fields:
    """The fields of an answer. Raises ApiError if it is no JSON object, or says that the request failed."""
    # RFC 8259 lets a reader ignore a byte order mark.
    members = raw_json.members(body.removeprefix(b"\xef\xbb\xbf"))
    if members is None:
        raise ApiError(Outcome.MALFORMED, "the body is not a JSON object" if body else "the body is empty")
    top = Fields(members, "", [])
    if top.raw("success") == b"false" or _states_something(top, "error"):
        raise malformed(top, "the answer says that the request failed")
    return top


def malformed(top: Fields, reason: str = "the answer holds nothing that was asked for") -> ApiError:
    """The error of an answer that cannot be used, with the API's own message if it has one."""
    message = _message(top)
    return ApiError(Outcome.MALFORMED, reason if message is None else f"{reason}: {clean(message, MAX_MESSAGE)}")


def clean(text: str, limit: int) -> str:
    """Words of the API for a log or a label: printable, on one line, at most so many characters.

    What may name a person is hidden: e-mail addresses, telephone numbers, account ids, and whatever is in quotes.
    """
    printable = "".join(one if one.isprintable() else " " for one in text[: 10 * limit])
    return " ".join(_PERSONAL.sub(HIDDEN, printable).split())[:limit]


def _message(fields: Fields, *, nested: bool = True) -> str | None:
    for key in _MESSAGES:
        if not _states_something(fields, key):
            continue
        message = fields.text(key, _ANY)
        if message is None and nested:
            message = _message(next(iter(fields.rows(key, 1) or ()), fields.object(key)), nested=False)
        if message is not None:
            return message
    return None


def _states_something(fields: Fields, key: str) -> bool:
    return fields.states(key) and fields.raw(key) not in _EMPTY


def _shortest(escape: re.Match[bytes]) -> bytes:
    """The same character with as few as JSON allows."""
    if escape[1] is None:
        return b"/" if escape[0] == b"\\/" else escape[0]
    character = bytes.fromhex(escape[1].decode())
    return b"\\" + character if character in b'"\\' else character
