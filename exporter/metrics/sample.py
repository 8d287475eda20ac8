"""One sample: metric name, label values in the catalogue's order, value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

Sample = tuple[str, tuple[str, ...], float]


def known(name: str, labels: tuple[str, ...], value: Decimal | float | None) -> Iterator[Sample]:
    """The sample of a value; none if it is unknown."""
    if value is not None:
        yield name, labels, float(value)
