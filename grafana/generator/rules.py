"""What the rule files of Prometheus say: alerts, their runbooks, and the number each of them compares with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent.parent.parent / "prometheus" / "rules"

SUSPICIOUS, PAGES = 0.5, 1.0
"""From which score on the exporter calls something suspicious, and above which the rules page."""

_DEFAULT = re.compile(r'\{alert="(\w+)"\}\) or (-?[\d.]+) \* group by \(job, partner\) \(vobiz_up\)')


def groups() -> Iterator[dict[str, Any]]:
    """The groups of all rule files, by file name."""
    for path in sorted(RULES.glob("*.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]


@cache
def alerts() -> dict[str, dict[str, Any]]:
    """Every alerting rule by its name."""
    return {rule["alert"]: rule for group in groups() for rule in group["rules"] if "alert" in rule}


@cache
def thresholds() -> dict[str, float]:
    """What the rules compare with for a partner whose exporter exports no threshold, by its key under ``alerts:``."""
    return {
        key: float(number)
        for group in groups()
        for rule in group["rules"]
        for key, number in _DEFAULT.findall(rule["expr"])
    }


def runbook(alert: str) -> str:
    """The address of an alert's runbook. Raises KeyError if there is no such alert."""
    return str(alerts()[alert]["annotations"]["runbook_url"])
