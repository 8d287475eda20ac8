"""The dashboards as they are committed, and what is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PATHS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))

Board = dict[str, Any]
Panel = dict[str, Any]


def load(path: Path) -> Board:
    """One dashboard."""
    board: Board = json.loads(path.read_text(encoding="utf-8"))
    return board


def panels(board: Board) -> Iterator[Panel]:
    """Every panel that shows something, those of closed rows too."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def expressions(board: Board) -> Iterator[tuple[str, str]]:
    """Every expression with the name of what shows it: panels' targets, annotations."""
    for panel in panels(board):
        for target in panel.get("targets", ()):
            yield f"{panel['title']} {target['refId']}", target["expr"]
    for annotation in board["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["expr"]


def variable_queries(board: Board) -> Iterator[tuple[str, str]]:
    """The query of each variable that asks Prometheus."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


def runnable(expr: str, *, chosen: str = "", rate_interval: str = "2m", window: str = "15m") -> str:
    """An expression as Grafana sends it: its variables replaced, each that selects by ``chosen`` and a pattern."""
    values = {"$__rate_interval": rate_interval, "$__range": "6h", "$window": window, "$cluster": f"{chosen}.*"}
    values |= {f"${name}": f"{chosen}.+" for name in ("job", "instance", "partner")}
    for name, value in values.items():
        expr = expr.replace(name, value)
    return expr
