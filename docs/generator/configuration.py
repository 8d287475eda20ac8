"""The keys of the configuration file, and the alert thresholds, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator.tables import code, sentence, table
from exporter.config import PERIODS, SCHEMA, Key
from exporter.config.thresholds import THRESHOLDS


def keys_table() -> str:
    """Every key, a section after the other."""
    return table(("key", "type", "default", "range", "meaning"), (tuple(_row(key)) for key in SCHEMA.values()))


def thresholds_table() -> str:
    """Every alert threshold."""
    rows = (
        (code(name), f"{threshold.default:g}", threshold.unit, threshold.range, f"{sentence(threshold.help)}.")
        for name, threshold in THRESHOLDS.items()
    )
    return table(("key", "default", "unit", "range", "meaning"), rows)


def _row(key: Key) -> Iterator[str]:
    yield code(key.path)
    yield key.type.removeprefix("a ")
    if key.default == "{}":
        yield ""
    else:
        yield ", or ".join(part for part in (code(key.default or ""), key.otherwise) if part) or "none"
    if key.path == "poll.periods":
        yield ", ".join(PERIODS)
    else:
        yield f"{key.minimum} to {key.maximum}" if key.minimum else ""
    yield f"{sentence(key.help)}."
