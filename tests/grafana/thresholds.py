"""Which number of which alert each coloured panel stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.grafana.boards import Board, Panel, panels
from tests.grafana.known import alerts, rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A threshold of an alert, by its key under ``alerts:``, times ``scale`` for the panel's unit."""

    alert: str
    key: str
    scale: float = 1


SCORE = (
    Number(alert="VobizAnswerRateDegraded", key="answer_degraded_score"),
    Number(alert="VobizAnswerRateDrop", key="answer_drop_score"),
)
RUNWAY = (
    Number(alert="VobizBalanceRunwayShort", key="balance_runway_short_day_hours"),
    Number(alert="VobizBalanceRunwayLow", key="balance_runway_low_hours"),
)
WALLET = (Number(alert="VobizWalletRunwayLow", key="wallet_runway_low_hours"),)
AGE = (Number(alert="VobizDataStale", key="data_stale_minutes", scale=60),)
ERRORS = (Number(alert="VobizApiErrors", key="api_errors_percent", scale=0.01),)

OF_ALERTS = {
    ("vobiz-overview", "Drop score"): SCORE,
    ("vobiz-overview", "Drop score of the answer rate"): SCORE,
    ("vobiz-overview", "Partners: Score"): SCORE,
    ("vobiz-overview", "Balance lasts"): RUNWAY,
    ("vobiz-overview", "Partners: Lasts"): RUNWAY,
    ("vobiz-overview", "Own wallet lasts"): WALLET,
    ("vobiz-overview", "Data age"): AGE,
    ("vobiz-overview", "Partners: Data age"): AGE,
    ("vobiz-traffic", "Drop score by size of drop"): SCORE,
    ("vobiz-health", "Data age"): AGE,
    ("vobiz-health", "Failed requests"): ERRORS,
}

ONE_IS_ANOTHER_STATE = {
    ("vobiz-overview", "Critical alerts"),
    ("vobiz-overview", "Partners: Alerts"),
    ("vobiz-health", "Exporter"),
    ("vobiz-health", "Failing endpoints"),
    ("vobiz-health", "Configuration"),
    ("vobiz-health", "State not saved"),
}
"""No alert has a number for these: 1 is up, down, or the first of something that should not be there at all."""


def complaints(board: Board) -> Iterator[str]:
    """What is wrong with the thresholds of a dashboard."""
    for panel in panels(board):
        for name, drawn in _coloured(panel):
            key = (board["uid"], name)
            if key in OF_ALERTS:
                wanted = [number.scale * _default(number) for number in OF_ALERTS[key]]
                if drawn != wanted:
                    yield f"{name}: thresholds {drawn}, but the alerts compare with {wanted}"
            elif key not in ONE_IS_ANOTHER_STATE or drawn != [1]:
                yield f"{name}: thresholds {drawn} belong to no alert"


def _coloured(panel: Panel) -> Iterator[tuple[str, list[float]]]:
    config = panel["fieldConfig"]
    steps = config["defaults"].get("thresholds", {}).get("steps", [])
    if len(steps) > 1:
        yield panel["title"], [step["value"] for step in steps[1:]]
    for override in config["overrides"]:
        for entry in override["properties"]:
            if entry["id"] == "thresholds":
                values = [step["value"] for step in entry["value"]["steps"][1:]]
                yield f"{panel['title']}: {override['matcher']['options']}", values


def _default(number: Number) -> float:
    """What the rules compare with where a partner has configured nothing."""
    assert f'vobiz:alert_threshold{{alert="{number.key}"}}' in alerts()[number.alert]["expr"], number
    for rule in rules():
        if rule.get("record") == "vobiz:alert_threshold" and rule["labels"]["alert"] == number.key:
            found = re.search(r" or (\S+) \* vobiz:partner\s*$", rule["expr"])
            assert found is not None, rule
            return float(found[1])
    raise AssertionError(f"no rule records the threshold {number.key}")
