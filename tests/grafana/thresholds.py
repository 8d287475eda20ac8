"""Which number of which alert each coloured panel stands for."""

from __future__ import annotations

from collections.abc import Iterator

from grafana.generator.rules import PAGES, SUSPICIOUS, thresholds
from tests.grafana.boards import Board, Panel, panels

SCORE = [SUSPICIOUS, PAGES]
RUNWAY = [thresholds()["balance_runway_short_day_hours"], thresholds()["balance_runway_low_hours"]]
AGE = [thresholds()["data_stale_minutes"]]

OF_ALERTS = {
    ("vobiz-overview", "Answer rate is"): SCORE,
    ("vobiz-overview", "Score of the answer rate"): SCORE,
    ("vobiz-overview", "Partners: Answers"): SCORE,
    ("vobiz-overview", "Balance lasts"): RUNWAY,
    ("vobiz-overview", "Partners: Lasts"): RUNWAY,
    ("vobiz-overview", "Own wallet lasts"): [thresholds()["wallet_runway_low_hours"]],
    ("vobiz-overview", "Data age"): AGE,
    ("vobiz-overview", "Partners: Data age"): AGE,
    ("vobiz-traffic", "Score of the answer rate"): SCORE,
    ("vobiz-traffic", "Scores of silence and fraud"): SCORE,
    ("vobiz-health", "Data age"): AGE,
    ("vobiz-health", "Failed requests"): [thresholds()["api_errors_percent"] / 100],
}
"""The numbers of the alerts that a coloured panel, or a column of a table, stands for."""

ONE_IS_ANOTHER_STATE = {
    ("vobiz-overview", "Critical alerts"),
    ("vobiz-overview", "Partners: Alerts"),
    ("vobiz-overview", "Partners: API"),
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
                if drawn != OF_ALERTS[key]:
                    yield f"{name}: thresholds {drawn}, but the alerts compare with {OF_ALERTS[key]}"
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
