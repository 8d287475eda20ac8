"""What every dashboard has to satisfy. Each check yields one sentence for each thing that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.grafana import thresholds
from tests.grafana.boards import ROOT, Board, expressions, panels, runnable, variable_queries
from tests.grafana.known import metrics
from tests.grafana.promql import Selector, named

RATE_INTERVAL = "7m13s"
"""In the place of $__rate_interval: no expression would name this range by itself."""

WINDOW = "11m17s"
"""The same in the place of $window."""

STEPPING = re.compile(r"vobiz_(product_)?(answered_)?(calls|call_seconds|cost)_total|vobiz_cdr_")
"""Counters that grow with a poll: a rate over less than several polls zigzags."""

RUNBOOKS = "https://github.com/vobiz-exporter/vobiz-exporter/blob/main/docs/runbooks/"


def metrics_and_labels(board: Board) -> Iterator[str]:
    """Every metric exists, and has the labels that are selected, grouped by or shown."""
    for where, expr in (*expressions(board), *_label_values(board)):
        found = named(runnable(expr))
        labels: set[str] = set()
        for selector in found.selectors:
            known = metrics().get(selector.metric)
            if known is None:
                yield f"{where}: no such metric: {selector.metric}"
                continue
            labels |= known
            for label in {label for label, _ in selector.matchers} - known:
                yield f"{where}: {selector.metric} has no label {label}"
        made = set(re.findall(r'count_values\("(\w+)"', expr))
        for label in found.grouping - labels - made:
            yield f"{where}: groups by {label}, which none of its metrics has"
    for panel in panels(board):
        for target in panel["targets"]:
            found = named(runnable(target["expr"]))
            labels = set().union(*(metrics().get(selector.metric, set()) for selector in found.selectors))
            for label in set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) - labels:
                yield f"{panel['title']}: its legend names {label}, which none of its metrics has"


def selection(board: Board) -> Iterator[str]:
    """What is chosen above the dashboard restricts every selector, and variables ask again when the range changes."""
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    if variables.get("datasource", {}).get("type") != "datasource":
        yield "there is no variable for the data source"
    for name in ("cluster", "job", "instance", "partner"):
        variable = variables.get(name, {})
        if (variable.get("type"), variable.get("multi"), variable.get("refresh")) != ("query", True, 2):
            yield f"the variable {name} is not a query of several values that follows the time range"
    for node in _nodes(board):
        if node.get("uid", "${datasource}") != "${datasource}" and node.get("type") == "prometheus":
            yield f"a data source is fixed: {node['uid']}"
    for where, expr in expressions(board):
        for selector in named(runnable(expr, chosen="chosen")).selectors:
            yield from _unrestricted(where, selector)


def _unrestricted(where: str, selector: Selector) -> Iterator[str]:
    matchers = dict(selector.matchers)
    for label in {"cluster", "job", "instance", "partner"} & metrics().get(selector.metric, frozenset()):
        # alerts are shown whatever instance is chosen: most of them have none
        excepted = selector.metric.startswith("ALERTS") and label == "instance"
        if not excepted and not matchers.get(label, "").startswith("chosen"):
            yield f"{where}: {selector.metric} is not restricted to the chosen {label}"


def rates(board: Board) -> Iterator[str]:
    """Counters are only read through a rate: over $window if they step with a poll, else over $__rate_interval."""
    for where, expr in expressions(board):
        for selector in named(runnable(expr, rate_interval=RATE_INTERVAL, window=WINDOW)).selectors:
            if selector.function in ("rate", "irate"):
                stepping = STEPPING.match(selector.metric) is not None
                if selector.window != (WINDOW if stepping else RATE_INTERVAL):
                    yield f"{where}: a rate of {selector.metric} over [{selector.window}]"
            elif selector.metric.endswith("_total") and selector.function != "increase" and "@ end()" not in expr:
                yield f"{where}: {selector.metric} without a rate"


def panels_complete(board: Board) -> Iterator[str]:
    """Every panel says what it shows, in which unit, and asks for something."""
    for panel in panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        for what, value in (
            ("title", panel.get("title")),
            ("description", panel.get("description")),
            ("unit", defaults.get("unit")),
            ("text for no data", defaults.get("noValue")),
            ("target", panel.get("targets")),
        ):
            if not value:
                yield f"panel {panel.get('title') or panel.get('id')} has no {what}"
        if panel["type"] == "timeseries" and defaults.get("min") != 0:
            yield f"{panel['title']}: its axis does not begin at 0"
        if panel["type"] == "timeseries":
            legend, custom = panel["options"]["legend"], defaults["custom"]
            lowest_is_worst = "(ASR)" in panel["title"] or "shortest" in panel["title"]
            if (legend.get("placement"), legend.get("sortBy")) != ("right", "Last *"):
                yield f"{panel['title']}: its legend is not sorted, at the right"
            if legend.get("sortDesc") is not (not lowest_is_worst):
                yield f"{panel['title']}: its legend does not begin with the worst"
            piled = custom.get("stacking", {}).get("mode") == "normal" or custom.get("drawStyle") == "bars"
            if custom.get("fillOpacity") and not piled:
                yield f"{panel['title']}: lines that are not stacked are filled"
        for link in panel.get("links", ()):
            alert = link["url"].removeprefix(RUNBOOKS).removesuffix(".md")
            if not (ROOT / "docs" / "runbooks" / f"{alert}.md").exists():
                yield f"{panel['title']}: there is no runbook at {link['url']}"


def frame(board: Board) -> Iterator[str]:
    """The dashboard itself: what file provisioning and links between dashboards rely on."""
    if board.get("editable") is not False or board.get("id") is not None or board.get("schemaVersion") != 39:
        yield "it is not a read-only dashboard of schema 39 without an id"
    if not board.get("description") or "vobiz" not in board.get("tags", ()):
        yield "it has no description, or no tag by which the others link to it"
    if not any(link["includeVars"] and link["keepTime"] and "vobiz" in link["tags"] for link in board["links"]):
        yield "no link to the others keeps variables and time"
    shown = [*board["panels"], *(inner for row in board["panels"] for inner in row.get("panels", ()))]
    if sorted(each["id"] for each in shown) != list(range(1, len(shown) + 1)):
        yield "panels and rows are not numbered from 1 on"
    if any(node.get("placement") == "inControlsMenu" for node in _nodes(board)):
        yield "links or annotations are hidden in a menu"
    taken: set[tuple[int, int]] = set()
    for panel in (panel for panel in board["panels"] if panel["type"] != "row"):
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        if cells & taken or max(x for x, _ in cells) > 23:
            yield f"{panel['title']} does not fit where it is"
        taken |= cells


CHECKS: dict[str, Callable[[Board], Iterator[str]]] = {
    "metrics and labels": metrics_and_labels,
    "selection": selection,
    "rates": rates,
    "panels": panels_complete,
    "frame": frame,
    "thresholds": thresholds.complaints,
}


def _label_values(board: Board) -> Iterator[tuple[str, str]]:
    """Queries of variables as selectors; the label that is asked for must be one of the metric."""
    for name, query in variable_queries(board):
        asked = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
        assert asked is not None, query
        yield f"variable {name}", f"count by ({asked[2]}) ({asked[1]})"


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)
