"""What the rules that ship would have recorded and fired in the past, as blocks of Prometheus.

``promtool tsdb create-blocks-from rules`` evaluates recording rules alone, and each sees what was there before it
started. So recordings come first; then alerts, as recordings of the series that Prometheus writes itself while they
fire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from grafana.preview.prometheus import import_rules, running

Rule = dict[str, Any]

STEP = 60.0
MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}


def record_past(*, rules: Path, directory: Path, start: float, end: float) -> None:
    """Add to ``directory/data`` what the rules would have recorded between two moments."""
    every = list(recordings(rules))
    for name, chosen in (
        ("recordings", [rule for rule in every if not rule["record"].startswith("ALERTS")]),
        ("alerts", [rule for rule in every if rule["record"].startswith("ALERTS")]),
    ):
        path = directory / f"{name}.yml"
        path.write_text(yaml.safe_dump({"groups": [{"name": name, "rules": chosen}]}), encoding="utf-8")
        with running(directory) as prometheus:
            import_rules(prometheus.url, path, directory / "recorded", start=start, end=end, step=STEP)
        for block in (directory / "recorded").iterdir():
            block.rename(directory / "data" / block.name)


def recordings(folder: Path) -> Iterator[Rule]:
    """The recording rules of a folder, and its alerting rules but the watchdog as recordings."""
    for path in sorted(folder.glob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    yield rule
                elif rule["alert"] != "VobizWatchdog":
                    yield from _firing(rule)


def _firing(rule: Rule) -> Iterator[Rule]:
    """The two series that Prometheus writes while an alert fires, ``for`` included and ``keep_firing_for`` left out."""
    labels = {name: value for name, value in rule["labels"].items() if "{{" not in value}
    labels["alertname"] = rule["alert"]
    patience = _minutes(rule.get("for", "0m"))
    holds = rule["expr"].strip()
    fires = f"count_over_time(({holds})[{patience:.0f}m:1m]) >= {patience:.0f}" if patience else holds
    yield {"record": "ALERTS", "labels": {**labels, "alertstate": "firing"}, "expr": f"0 * ({fires}) + 1"}
    since = f"min_over_time((time() + 0 * ({holds}))[3h:1m]) and ({holds})"
    yield {"record": "ALERTS_FOR_STATE", "labels": labels, "expr": since}


def _minutes(duration: str) -> float:
    return sum(int(number) * MINUTES[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration))
