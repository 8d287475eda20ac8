"""What the catalogue says of one metric, and its samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
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


def _metric(kind: Kind, name: str, text: str, fields: str = "") -> Metric:
    """A metric written as ``vobiz_up{partner endpoint}``; its fields have blanks between them, too."""
    name, _, labels = name.removesuffix("}").partition("{")
    return Metric(name=name, kind=kind, help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))


gauge = partial(_metric, "gauge")
counter = partial(_metric, "counter")
histogram = partial(_metric, "histogram")
