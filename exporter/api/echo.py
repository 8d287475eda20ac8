"""Takes a secret that the API echoes out of its answer, before any of it can get into a label, a log or the state."""

from __future__ import annotations

import re

SHORTEST = 8
"""Characters; a shorter one is no secret, and may be part of any figure."""

HIDDEN = b"***"

# JSON may write any character as four hexadecimal digits, and a slash with a backslash before it (RFC 8259, section 7).
# A token holds printable ASCII alone, and few answers write that so: to find that out is quick.
_ESCAPED = re.compile(rb"\\(?:u00[2-7]|/)")
_ESCAPE = re.compile(rb"\\(?:u00([2-7][0-9A-Fa-f])|.)", re.DOTALL)


def without(secret: str, body: bytes) -> bytes:
    """The JSON text with ``***`` for the secret, in whichever way JSON writes it; it means the same otherwise."""
    if len(secret) < SHORTEST:
        return body
    if _ESCAPED.search(body):
        # whole escapes, so that the second half of an escaped backslash begins none
        body = _ESCAPE.sub(_shortest, body)
    return body.replace(secret.replace("\\", "\\\\").replace('"', '\\"').encode(), HIDDEN)


def _shortest(escape: re.Match[bytes]) -> bytes:
    """The same character with as few as JSON allows."""
    if escape[1] is None:
        return b"/" if escape[0] == b"\\/" else escape[0]
    character = bytes.fromhex(escape[1].decode())
    return b"\\" + character if character in b'"\\' else character
