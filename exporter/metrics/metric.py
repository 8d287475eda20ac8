"""What the catalogue says of one metric, and its samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["gauge", "counter", "histogram"]

Sample = tuple[str, tuple[str, ...], float]
"""Metric name, label values in the catalogue's order, value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. ``labels`` in the order that values are given in.

    ``fields`` are those of the API's answer that it is made of, by their paths; ``*`` stands for a label's values.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


def gauge(name: str, labels: str, text: str, fields: str = "") -> Metric:
    """A gauge; labels and fields are written with blanks between them."""
    return _metric("gauge", name, labels, text, fields)


def counter(name: str, labels: str, text: str, fields: str = "") -> Metric:
    """A counter, in the same form."""
    return _metric("counter", name, labels, text, fields)


def histogram(name: str, labels: str, text: str, fields: str = "") -> Metric:
    """A histogram, in the same form."""
    return _metric("histogram", name, labels, text, fields)


def _metric(kind: Kind, name: str, labels: str, text: str, fields: str) -> Metric:
    return Metric(name=name, kind=kind, help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))


def known(name: str, labels: tuple[str, ...], value: Decimal | float | None) -> Iterator[Sample]:
    """The sample of a value; none if it is unknown."""
    if value is not None:
        yield name, labels, float(value)
