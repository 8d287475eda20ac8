"""Lists of names of which only some are known, each to be given once."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.config import values
from exporter.config.section import Section
from exporter.config.suggest import suggestion


def read_names(section: Section, key: str, *, known: Sequence[str], kind: str) -> tuple[str, ...]:
    """What is listed under ``key``; ``kind`` says in messages what one of them is."""
    names: list[str] = []
    for entry in section.items(key):
        name = section.value(key, entry, values.text)
        if name is None:
            continue
        if name not in known:
            section.note(key, f"unknown {kind}", suggestion(name, known), at=entry)
        elif name in names:
            section.note(key, f"the same {kind} again", "name each once", at=entry)
        names.append(name)
    return tuple(names)
