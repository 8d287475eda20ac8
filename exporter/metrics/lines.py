"""Samples as lines of a page. The client library's way makes an object of each, and takes five times as long.

Both formats write a sample the same way; what they differ in, the lines before a family, is left to the library. That
the page is what the library would have rendered is kept by tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from prometheus_client.utils import floatToGoString

from exporter.metrics.catalogue import CATALOGUE
from exporter.metrics.metric import Metric
from exporter.metrics.sample import Sample


class Lines:
    """Lines by family, in the order in which their samples were added."""

    def __init__(self) -> None:
        self._by_family: dict[str, bytearray] = {}

    def add(self, samples: Iterable[Sample]) -> None:
        """Add samples of any metrics of the catalogue, named as on the page."""
        for name, labels, value in samples:
            family, template = _TEMPLATES[name]
            shown = floatToGoString(value)  # type: ignore[no-untyped-call]
            self._by_family.setdefault(family, bytearray()).extend(
                template.format(*map(_escaped, labels), shown).encode()
            )

    def take(self, family: str) -> bytes:
        """The lines of a family, by its name without ``_total``; they are not kept."""
        return bytes(self._by_family.pop(family, b""))


@lru_cache(maxsize=8192)
def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _templates() -> Iterator[tuple[str, tuple[str, str]]]:
    """By name of a sample: its family, and its line with places for label values, in their order, and the value."""
    for metric in CATALOGUE:
        if metric.kind == "histogram":
            yield f"{metric.name}_bucket", (metric.name, _template(f"{metric.name}_bucket", (*metric.labels, "le")))
            for part in ("count", "sum"):
                yield f"{metric.name}_{part}", (metric.name, _template(f"{metric.name}_{part}", metric.labels))
        else:
            yield metric.name, (_family_name(metric), _template(metric.name, metric.labels))


def _family_name(metric: Metric) -> str:
    return metric.name.removesuffix("_total") if metric.kind == "counter" else metric.name


def _template(name: str, labels: tuple[str, ...]) -> str:
    places = ",".join(f'{label}="{{{labels.index(label)}}}"' for label in sorted(labels))
    return (f"{name}{{{{{places}}}}}" if labels else name) + f" {{{len(labels)}}}\n"


_TEMPLATES = dict(_templates())
