"""What the state file says, and whether it can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

FORMAT = "vobiz-exporter state"
VERSION = 1
ABANDONED_AFTER = 30 * 86400.0
"""Seconds that the state of a partner no longer configured is kept: as long as the API could still tell the gap."""

_NOTE = "written by vobiz-exporter; do not edit while it runs"


class UnusableStateError(ValueError):
    """The file is damaged, is something else, or was written by a newer version."""


def decode_document(data: bytes) -> dict[str, Any]:
    """The partners' entries by name. Raises :class:`UnusableStateError` with a few words on what is wrong."""
    try:
        document = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnusableStateError("it is damaged or cut short") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UnusableStateError("it is not a state file of vobiz-exporter")
    version = document.get("version")
    if version != VERSION:
        raise UnusableStateError(f"it has version {version!r:.20}, and this release reads version {VERSION}")
    partners = document.get("partners")
    if not isinstance(partners, dict) or not all(isinstance(entry, dict) for entry in partners.values()):
        raise UnusableStateError("it is damaged: it has no partners")
    return partners


def encode_document(entries: Mapping[str, bytes]) -> bytes:
    """The whole file, from the partners' entries as JSON; each partner on a line of its own."""
    lines = [msgspec.json.encode(name) + b":" + entry for name, entry in entries.items()]
    head = msgspec.json.encode({"format": FORMAT, "version": VERSION, "note": _NOTE})
    return head[:-1] + b',"partners":{\n' + b",\n".join(lines) + b"\n}}\n"
