"""Readers of values within the range that the schema states for their key."""

from __future__ import annotations

from exporter.config import values
from exporter.config.durations import parse_duration
from exporter.config.schema import SCHEMA
from exporter.config.sizes import parse_size


def duration_of(path: str) -> values.Reader[float]:
    """A reader of seconds."""
    key = SCHEMA[path]
    return values.duration(minimum=parse_duration(key.minimum), maximum=parse_duration(key.maximum))


def size_of(path: str) -> values.Reader[int]:
    """A reader of bytes."""
    key = SCHEMA[path]
    meaning = f"{key.minimum} to {key.maximum}"
    return values.size(minimum=parse_size(key.minimum), maximum=parse_size(key.maximum), meaning=meaning)


def whole_of(path: str) -> values.Reader[int]:
    """A reader of whole numbers."""
    key = SCHEMA[path]
    return values.whole(minimum=int(key.minimum), maximum=int(key.maximum))
