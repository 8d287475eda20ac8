"""Alert thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from exporter.config import values
from exporter.config.section import Section
from exporter.config.suggest import suggestion
from exporter.config.thresholds import Threshold


def read_alerts(section: Section, *, thresholds: Mapping[str, Threshold]) -> Mapping[str, float]:
    """The thresholds given under ``alerts`` in a section; unknown ones and those out of range are noted."""
    given: dict[str, float] = {}
    for name, entry in section.named("alerts"):
        threshold = thresholds.get(name)
        if threshold is None:
            section.note("alerts", "unknown threshold", suggestion(name, thresholds), at=entry)
            continue
        number = section.value("alerts", entry, values.number)
        if number is None:
            continue
        if not threshold.minimum <= number <= threshold.maximum:
            section.note("alerts", "out of range", f"expected {threshold.range}", at=entry)
        given[name] = number
    return MappingProxyType(given)
