"""State as plain data: numbers, lists of numbers and parts, checked against their ranges when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, field, fields, is_dataclass
from math import isfinite
from typing import Any, TypeVar

Part = TypeVar("Part")

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


def dump(part: Any) -> dict[str, Any]:
    """The fields of a part by name, its own parts as dictionaries."""
    return {each.name: _dump(getattr(part, each.name)) for each in fields(part)}


def _dump(value: Any) -> Any:
    if is_dataclass(value):
        return dump(value)
    return [_dump(item) for item in value] if isinstance(value, list) else value


def restore(part: Part, saved: object) -> Part:
    """Overwrite a fresh part with what :func:`dump` wrote; unknown fields are ignored.

    Raises :class:`StateError` if a field is missing, of another shape, not finite or out of its range.
    """
    if not isinstance(saved, Mapping):
        raise StateError(f"{type(part).__name__}: not an object")
    for each in fields(part):  # type: ignore[arg-type]
        if each.name not in saved:
            raise StateError(f"{type(part).__name__}.{each.name}: missing")
        setattr(part, each.name, _restored(getattr(part, each.name), saved[each.name], each))
    return part


def _restored(fresh: Any, saved: object, of: Field[Any]) -> Any:
    if is_dataclass(fresh):
        return restore(fresh, saved)
    if isinstance(fresh, list):
        if not isinstance(saved, list) or len(saved) != len(fresh):
            raise StateError(f"{of.name}: not {len(fresh)} items")
        return [_restored(item, value, of) for item, value in zip(fresh, saved, strict=True)]
    if isinstance(fresh, bool):
        if not isinstance(saved, bool):
            raise StateError(f"{of.name}: not true or false")
        return saved
    if isinstance(saved, bool) or not isinstance(saved, int | float) or not isfinite(saved):
        raise StateError(f"{of.name}: not a finite number")
    if not of.metadata.get("low", -MAX) <= saved <= of.metadata.get("high", MAX):
        raise StateError(f"{of.name}: {saved} is out of range")
    return float(saved)
