"""State as plain data: numbers, lists of numbers and parts, checked against their ranges when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, field, fields, is_dataclass
from typing import Any

MAX = 1e15
"""No number of any state is larger: Unix minutes, calls and money are far below."""


class StateError(ValueError):
    """Saved data that no version of this package wrote."""


def number(default: float = 0.0, *, low: float = -MAX, high: float = MAX) -> Any:
    """A field that holds one number from ``low`` to ``high``."""
    return field(default=default, metadata={"low": low, "high": high})


def numbers(count: int, default: float = 0.0, *, low: float = -MAX, high: float = MAX) -> Any:
    """A field that holds so many numbers from ``low`` to ``high``."""
    return field(default_factory=lambda: [default] * count, metadata={"low": low, "high": high})


def dump(part: Any) -> Any:
    """A part's fields by name, with its own parts as dictionaries; numbers and lists as they are."""
    if isinstance(part, list):
        # Numbers are not asked one by one what they are: with a week of hours in each lane, that is most of the work.
        return [dump(item) for item in part] if part and is_dataclass(part[0]) else list(part)
    return {each.name: dump(getattr(part, each.name)) for each in fields(part)} if is_dataclass(part) else part


def restore(fresh: Any, saved: object, of: Field[Any] | None = None) -> Any:
    """A fresh part with what :func:`dump` wrote in it; unknown fields are ignored.

    Raises :class:`StateError` if a field is missing, of another shape, not finite or out of its range.
    """
    if is_dataclass(fresh) and isinstance(saved, Mapping):
        for each in fields(fresh):
            setattr(fresh, each.name, restore(getattr(fresh, each.name), saved.get(each.name), each))
        return fresh
    if isinstance(fresh, list) and isinstance(saved, list) and len(saved) == len(fresh):
        return [restore(item, value, of) for item, value in zip(fresh, saved, strict=True)]
    if isinstance(fresh, bool) and isinstance(saved, bool):
        return saved
    if of is not None and isinstance(fresh, float) and isinstance(saved, int | float) and not isinstance(saved, bool):
        if of.metadata["low"] <= saved <= of.metadata["high"]:
            return float(saved)
        raise StateError(f"{of.name}: {saved} is out of range")
    raise StateError(f"{of.name if of else type(fresh).__name__}: missing, or of another shape")
