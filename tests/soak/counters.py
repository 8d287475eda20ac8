"""The counters, as the truth has them and as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

Counters = dict[tuple[str, str], Decimal]
"""By metric and the value of the label that tells its series apart."""

_FIGURES = {"calls": "calls", "answered_calls": "answered_calls", "seconds": "call_seconds", "cost": "cost"}
_LABELS = ("product", "direction", "currency")


def true_counters(truth: Mapping[str, Any]) -> Counters:
    """What the counters must be, had they begun with the simulation. Cost by direction is not given by day."""
    counters = {("vobiz_cost_total", str(truth["currency"])): Decimal(truth["cost"])}
    for figure, name in _FIGURES.items():
        for product, tally in truth["by_product"].items():
            counters[f"vobiz_product_{name}_total", product] = Decimal(tally[figure])
        for direction, tally in truth["by_direction"].items():
            if figure != "cost":
                counters[f"vobiz_{name}_total", direction] = Decimal(tally[figure])
    return counters


def shown_counters(page: str) -> Counters:
    """What a page in the text format shows; empty before the first poll."""
    names = {f"vobiz_{part}{name}_total" for part in ("", "product_") for name in _FIGURES.values()}
    return {
        (sample.name, next(sample.labels[label] for label in _LABELS if label in sample.labels)): Decimal(
            repr(sample.value)
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name in names
    }


def backward(before: Counters, after: Counters) -> list[tuple[str, str]]:
    """The series that went back or vanished: Prometheus would take it for a reset, and count everything again."""
    return [series for series, value in before.items() if after.get(series, Decimal(-1)) < value]
