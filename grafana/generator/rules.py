"""What the rule files of Prometheus say: alerts, their runbooks, and the number each of them compares with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent.parent.parent / "prometheus" / "rules"

_DEFAULT = re.compile(r"\bor (-?[\d.]+) \* vobiz:partner\s*$")


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
    """What each threshold is for a partner who has none configured, by its key under ``alerts:``.

    Raises ValueError if a rule of ``vobiz:alert_threshold`` does not end in ``or NUMBER * vobiz:partner``.
    """
    found = {}
    for group in groups():
        for rule in group["rules"]:
            if rule.get("record") == "vobiz:alert_threshold":
                number = _DEFAULT.search(rule["expr"])
                if number is None:
                    raise ValueError(f"no default in the rule for {rule['labels']['alert']}: {rule['expr']}")
                found[rule["labels"]["alert"]] = float(number[1])
    return found


def runbook(alert: str) -> str:
    """The address of an alert's runbook. Raises KeyError if there is no such alert."""
    return str(alerts()[alert]["annotations"]["runbook_url"])
