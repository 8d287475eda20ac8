"""What the state file says, and whether it can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

FORMAT = "vobiz-exporter state"
VERSION = 1
ABANDONED_AFTER = 30 * 86400.0
"""Seconds that the state of a partner no longer configured is kept: as long as the API could still tell the gap."""

_NOTE = "written by vobiz-exporter; do not edit while it runs"
_FILE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENTRY = msgspec.json.Decoder(dict[str, Any])


class UnusableStateError(ValueError):
    """The file is damaged, is something else, or was written by a newer version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A state file: the partners' entries by name, as JSON, and the journal that continues it, if one does.

    The entries stay JSON because a thousand of them, unpacked at once, would take a quarter of a gigabyte.
    """

    partners: dict[str, msgspec.Raw]
    journal: str | None


def decode_document(data: bytes) -> Document:
    """Read a whole file. Raises :class:`UnusableStateError` with a few words on what is wrong."""
    try:
        document = _FILE.decode(data)
    except (msgspec.ValidationError, RecursionError):
        raise UnusableStateError(_not_ours(data)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise UnusableStateError("it is damaged or cut short") from None
    if _value(document, "format") != FORMAT:
        raise UnusableStateError("it is not a state file of vobiz-exporter")
    version = _value(document, "version")
    if version != VERSION:
        raise UnusableStateError(f"it has version {version!r:.20}, and this release reads version {VERSION}")
    try:
        partners = _FILE.decode(document["partners"])
    except (KeyError, msgspec.MsgspecError):
        raise UnusableStateError("it is damaged: it has no partners") from None
    journal = _value(document, "journal")
    return Document(partners=partners, journal=journal if isinstance(journal, str) else None)


def decode_entry(encoded: bytes | msgspec.Raw) -> dict[str, Any]:
    """One partner's entry. Raises :class:`UnusableStateError` if it is none."""
    try:
        return _ENTRY.decode(encoded)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnusableStateError("it is damaged: it has no partners") from None


def encode_document(entries: Iterable[tuple[str, bytes]], *, journal: str | None = None) -> Iterator[bytes]:
    """The whole file in pieces, from the partners' entries as JSON; each partner on a line of its own."""
    about: dict[str, object] = {"format": FORMAT, "version": VERSION, "note": _NOTE}
    if journal is not None:
        about["journal"] = journal
    yield msgspec.json.encode(about)[:-1] + b',"partners":{'
    separator = b"\n"
    for name, entry in entries:
        yield separator + msgspec.json.encode(name) + b":" + entry
        separator = b",\n"
    yield b"\n}}\n"


def _not_ours(data: bytes) -> str:
    """Of a file that is no JSON object: whether it is JSON at all."""
    try:
        msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "it is damaged or cut short"
    return "it is not a state file of vobiz-exporter"


def _value(document: Mapping[str, msgspec.Raw], key: str) -> object:
    try:
        return msgspec.json.decode(document[key])
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
