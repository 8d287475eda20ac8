"""The catalogue of metrics as tables: one for each group, with units and sources."""

from __future__ import annotations

from docs.generator.labels import LABELS
from docs.generator.tables import code, sentence, table
from exporter.metrics.catalogue import CATALOGUE, GROUPS
from exporter.metrics.metric import Metric

_UNITS = {
    "_timestamp_seconds": "Unix time",
    "_seconds": "seconds",
    "_seconds_total": "seconds",
    "_minutes": "minutes",
    "_ratio": "0 to 1",
    "_ratio_baseline": "0 to 1",
    "_calls": "calls",
    "_calls_total": "calls",
    "_calls_per_day_baseline": "calls a day",
    "_calls_taken_back": "calls",
    "_seconds_taken_back": "seconds",
    "_ratio_expected": "0 to 1",
    "_calls_per_hour_expected": "calls an hour",
    "_score": "1 pages",
    "_days_lost_total": "days",
    "_info": "1",
    "_up": "0 or 1",
    "_mismatch": "0 or 1",
    "_successful": "0 or 1",
    "_accounts": "accounts",
    "_accounts_limit": "accounts",
    "_threshold": "the threshold's",
}
"""Unit by the end of a name, the longer end first where one is the end of another."""


def group_table(name: str) -> str:
    """The metrics of one group with unit, labels and the fields of the API's answer."""
    rows = (
        (
            code(metric.name),
            f"{metric.kind}, {unit}" if (unit := unit_of(metric)) else metric.kind,
            ", ".join(metric.labels),
            f"{sentence(_first_sentence(metric))}.",
            ", ".join(map(code, metric.fields)),
        )
        for metric in GROUPS[name]
    )
    head = ("metric", "type, unit", "labels", "meaning", "fields of the answer")
    if any(metric.fields for metric in GROUPS[name]):
        return table(head, rows)
    return table(head[:-1], (row[:-1] for row in rows))


def labels_table() -> str:
    """Every label, where its values come from, and all of them where they are a closed set."""
    used = dict.fromkeys(label for metric in CATALOGUE for label in metric.labels)
    return table(("label", "values"), ((code(label), LABELS.get(label, "")) for label in used))


def unit_of(metric: Metric) -> str:
    """The unit that the name of a metric stands for; money is in the currency of its label, counts have none."""
    if "currency" in metric.labels and not metric.name.endswith("_info"):
        return "the currency"
    ends = sorted((end for end in _UNITS if metric.name.endswith(end)), key=len, reverse=True)
    return _UNITS[ends[0]] if ends else ""


def _first_sentence(metric: Metric) -> str:
    return metric.help.split(". ")[0].rstrip(".")
