"""The rules to be measured: read from their files, and put into an order in which they can be evaluated."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.detection.firing import seconds

NAIVE = Path(__file__).with_name("naive.yml")
"""What people write first: measured on the same data."""

_METRIC = re.compile(
    r"([a-zA-Z_:][\w:]*)\s*(?:\{[^}]*\})?\s*(?:\[([0-9a-z]+)(:[^\]]*)?\])?(?:\s*offset\s+([0-9a-z]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A recording rule (`alert` is empty) or an alert (`record` is)."""

    expr: str
    record: str = ""
    alert: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    hold: float = 0.0
    keep: float = 0.0

    @property
    def pages(self) -> bool:
        """Whether it wakes someone."""
        return bool(self.alert) and self.labels.get("page") == "true"


def load(paths: Iterable[Path]) -> list[Rule]:
    """All rules of these files, in their order; `ValueError` with promtool's words if it refuses them."""
    files = sorted(paths)
    done = subprocess.run(["promtool", "check", "rules", *map(str, files)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(f"promtool refuses the rules: {(done.stdout + done.stderr).strip()}")
    return [
        Rule(
            expr=rule["expr"],
            record=rule.get("record", ""),
            alert=rule.get("alert", ""),
            labels=rule.get("labels", {}),
            hold=seconds(rule.get("for")),
            keep=seconds(rule.get("keep_firing_for")),
        )
        for path in files
        for group in _groups(path)
        for rule in group["rules"]
    ]


def _groups(path: Path) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return groups


def reads(expr: str, names: set[str]) -> dict[str, float]:
    """Those of `names` that an expression selects, and how many seconds before the evaluation it reads them."""
    found: dict[str, float] = {}
    for name, window, _, offset in _METRIC.findall(re.sub(r"#[^\n]*", "", expr)):
        if name in names:
            found[name] = max(found.get(name, 0.0), seconds(window) + seconds(offset))
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """Levels of recording rules with the seconds of each that must exist beforehand, and the raw metrics."""

    levels: list[list[tuple[Rule, float]]]
    metrics: set[str]


def plan(rules: Sequence[Rule], alerts: Sequence[Rule]) -> Plan:
    """What the alerts need; rules that none of them reads are left out.

    Raises `ValueError` if rules read each other in a circle.
    """
    recorded = {rule.record for rule in rules if rule.record}
    needed: dict[str, float] = {}
    todo = [(name, back + 7200) for alert in alerts for name, back in reads(alert.expr, recorded).items()]
    while todo:
        name, back = todo.pop()
        if back > 60 * 86400:
            raise ValueError(f"recording rules read each other in a circle: {name}")
        if needed.get(name, -1.0) < back:
            needed[name] = back
            of_name = (rule for rule in rules if rule.record == name)
            todo += [(read, back + more) for rule in of_name for read, more in reads(rule.expr, recorded).items()]
    left = [rule for rule in rules if rule.record in needed]
    levels: list[list[tuple[Rule, float]]] = []
    done: set[str] = set()
    while left:
        waiting = {rule.record for rule in left if not set(reads(rule.expr, recorded)) <= done}
        ready = {rule.record for rule in left} - waiting
        if not ready:
            raise ValueError(f"recording rules read each other in a circle: {', '.join(sorted(waiting))}")
        levels.append([(rule, needed[rule.record]) for rule in left if rule.record in ready])
        left, done = [rule for rule in left if rule.record not in ready], done | ready
    text = " ".join(rule.expr for rule in [*alerts, *(rule for level in levels for rule, _ in level)])
    return Plan(levels, set(re.findall(r"(?<![\w:])(?:vobiz_\w+|up)\b", text)))
