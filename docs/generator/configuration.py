"""The keys of the configuration file, and the alert thresholds, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator.keys import Key, all_keys, keys_in
from docs.generator.tables import code, sentence, table
from exporter.config.model import Config
from exporter.config.thresholds import Alerts


def keys_table() -> str:
    """Every key, a section after the other; thresholds have a table of their own."""
    keys = (key for key in all_keys(Config) if not key.path.startswith("alerts."))
    return table(("key", "type", "default", "range", "meaning"), (tuple(row(key)) for key in keys))


def thresholds_table() -> str:
    """Every alert threshold; those that are applied in the exporter are not exported."""
    head = ("key", "default", "unit", "range", "applied in", "meaning")
    rows = (
        (
            code(key.name),
            key.written_default,
            key.about["unit"],
            "" if key.kind is None else key.kind.range,
            "rules" if key.about.get("exported") else "exporter",
            f"{sentence(key.help)}.",
        )
        for key in keys_in(Alerts)
    )
    return table(head, rows)


def row(key: Key) -> Iterator[str]:
    """One key as the cells of the table."""
    yield code(key.path)
    if key.kind is None:
        yield "list of mappings" if key.is_list else "mapping"
        yield ""
    else:
        yield f"list of {key.kind.name}s" if key.is_list else key.kind.name
        yield key.about.get("otherwise") or code(key.written_default) or "none"
    yield key.kind.range if key.kind else ""
    yield f"{sentence(key.help)}."
