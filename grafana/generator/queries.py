"""What queries are made of: the variables in every selector, and one query of a panel."""

from __future__ import annotations

from dataclasses import dataclass

SELECTED = 'job=~"$job",partner=~"$partner"'
"""Restricts a metric that has a partner to what is chosen above the dashboard."""

SELECTED_JOB = 'job=~"$job"'
"""The same for the exporter's own metrics, which belong to no partner."""

SELECTED_ALERTS = 'alertname=~"Vobiz.+",alertname!="VobizWatchdog",job=~"$job|",partner=~"$partner|"'
"""The same for alerts. Those without a partner (VobizExporterDown) or a job (no exporter at all) are always shown."""

RATE = "[$__rate_interval]"
"""The range of every rate: at least four scrapes, whatever the zoom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query of a panel. ``legend`` names its series; ``instant`` asks for the last moment alone."""

    expr: str
    legend: str = ""
    instant: bool = False


def ratio(numerator: str, denominator: str, *, matching: str = "") -> str:
    """A quotient that is absent where its denominator is 0; ``matching`` as in ``on (product) group_left ()``."""
    return f"{numerator} / {matching}{' ' * bool(matching)}({denominator} > 0)"


def firing(extra: str = "") -> str:
    """The selector of alerts that fire, with more matchers."""
    return f'ALERTS{{alertstate="firing",{SELECTED_ALERTS}{"," if extra else ""}{extra}}}'
