"""What the catalogue says of one metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "histogram"]


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
    return Metric(name=name, kind="gauge", help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))


def counter(name: str, labels: str, text: str, fields: str = "") -> Metric:
    """A counter, in the same form."""
    return Metric(name=name, kind="counter", help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))


def histogram(name: str, labels: str, text: str, fields: str = "") -> Metric:
    """A histogram, in the same form."""
    return Metric(name=name, kind="histogram", help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))
