"""Samples as lines of a page. The client library's way makes an object of each, and takes five times as long.

Both formats write a sample the same way; what they differ in, the lines before a family, is left to the library. That
the page is what the library would have rendered is kept by tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter

from prometheus_client.utils import floatToGoString

from exporter.metrics.catalogue import CATALOGUE
from exporter.metrics.sample import Sample

AT_A_TIME = 1_000
"""Samples whose lines are strings, before they are joined to bytes."""

LARGEST_PLAIN = 1e6
"""Below it a value is written as Python writes it."""


class Lines:
    """Lines by family, in the order in which their samples were added."""

    def __init__(self) -> None:
        self._by_family: dict[str, bytearray] = {}

    def add(self, samples: Iterable[Sample]) -> None:
        """Add samples of any metrics of the catalogue, named as on the page."""
        waiting = iter(samples)
        while chunk := list(islice(waiting, AT_A_TIME)):
            lines: dict[str, list[str]] = {}
            for name, labels, value in chunk:
                shape = _SHAPES[name]
                shown = repr(float(value)) if -LARGEST_PLAIN < value < LARGEST_PLAIN else _go(value)
                line = shape.template % (*shape.sort(labels), shown)
                if line.count('"') != shape.quotes or "\\" in line or "\n" in line[:-1]:
                    line = shape.template % (*shape.sort([_escaped(label) for label in labels]), shown)
                if shape.family in lines:
                    lines[shape.family].append(line)
                else:
                    lines[shape.family] = [line]
            for family, texts in lines.items():
                self._by_family.setdefault(family, bytearray()).extend("".join(texts).encode())

    def extend(self, other: Lines) -> None:
        """Add the lines of another, which keeps them."""
        for family, lines in other._by_family.items():
            self._by_family.setdefault(family, bytearray()).extend(lines)

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self._by_family.values()))

    def take(self, family: str) -> bytes:
        """The lines of a family, by its name without ``_total``; they are not kept."""
        return bytes(self._by_family.pop(family, b""))


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a sample is written: labels in the order of the alphabet, as the client library has them."""

    family: str
    template: str
    sort: Callable[[Sequence[str]], tuple[str, ...]]
    quotes: int


def _shape(name: str, family: str, labels: tuple[str, ...]) -> _Shape:
    places = [labels.index(label) for label in sorted(labels)]
    shown = ",".join(f'{label}="%s"' for label in sorted(labels))
    return _Shape(
        family=family,
        template=f"{name}{{{shown}}} %s\n" if labels else f"{name} %s\n",
        sort=itemgetter(*places) if len(places) > 1 else tuple,
        quotes=2 * len(labels),
    )


def _go(value: float) -> str:
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _shapes() -> Iterator[tuple[str, _Shape]]:
    """By name of a sample; a histogram has three."""
    for metric in CATALOGUE:
        if metric.kind == "histogram":
            bucket = f"{metric.name}_bucket"
            yield bucket, _shape(bucket, metric.name, (*metric.labels, "le"))
            for name in (f"{metric.name}_count", f"{metric.name}_sum"):
                yield name, _shape(name, metric.name, metric.labels)
        else:
            family = metric.name.removesuffix("_total") if metric.kind == "counter" else metric.name
            yield metric.name, _shape(metric.name, family, metric.labels)


_SHAPES = dict(_shapes())
