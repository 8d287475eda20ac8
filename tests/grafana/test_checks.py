"""The checks themselves: a dashboard that is wrong in one respect is distinguished from one that is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.grafana.boards import PATHS, Board, Panel, load, panels
from tests.grafana.checks import CHECKS

Change = Callable[[Board], None]
BALANCE = "Balance, ten shortest"


def panel(board: Board, title: str) -> Panel:
    return next(panel for panel in panels(board) if panel["title"] == title)


def another_expression(old: str, new: str) -> Change:
    def change(board: Board) -> None:
        targets = [target for panel in panels(board) for target in panel["targets"] if old in target["expr"]]
        assert targets
        for target in targets:
            target["expr"] = target["expr"].replace(old, new)

    return change


def without_unit(board: Board) -> None:
    del panel(board, BALANCE)["fieldConfig"]["defaults"]["unit"]


def without_description(board: Board) -> None:
    panel(board, BALANCE)["description"] = ""


def without_target(board: Board) -> None:
    panel(board, BALANCE)["targets"] = []


def another_threshold(board: Board) -> None:
    panel(board, "Answer rate is")["fieldConfig"]["defaults"]["thresholds"]["steps"][2]["value"] = 1.2


def another_threshold_of_a_column(board: Board) -> None:
    for override in panel(board, "Partners")["fieldConfig"]["overrides"]:
        for entry in override["properties"]:
            if override["matcher"]["options"] == "Lasts" and entry["id"] == "thresholds":
                entry["value"]["steps"][1]["value"] = 12


def a_threshold_of_no_alert(board: Board) -> None:
    steps = panel(board, BALANCE)["fieldConfig"]["defaults"].setdefault("thresholds", {"mode": "absolute"})
    steps["steps"] = [{"value": None, "color": "green"}, {"value": 100, "color": "red"}]


def a_fixed_data_source(board: Board) -> None:
    panel(board, BALANCE)["datasource"]["uid"] = "prometheus-of-mine"


def a_variable_that_never_asks_again(board: Board) -> None:
    board["templating"]["list"][2]["refresh"] = 1


def a_label_that_no_metric_has(board: Board) -> None:
    panel(board, BALANCE)["targets"][0]["legendFormat"] = "{{customer}}"


def a_runbook_that_is_not_there(board: Board) -> None:
    link = panel(board, BALANCE)["links"][0]
    link["url"] = link["url"].replace("VobizBalance", "VobizBalances")


def the_best_first(board: Board) -> None:
    panel(board, BALANCE)["options"]["legend"]["sortDesc"] = True


def an_unsorted_legend(board: Board) -> None:
    del panel(board, BALANCE)["options"]["legend"]["sortDesc"]


def editable(board: Board) -> None:
    board["editable"] = True


def one_id_twice(board: Board) -> None:
    panel(board, BALANCE)["id"] = 1


def overlapping(board: Board) -> None:
    panel(board, BALANCE)["gridPos"]["x"] = 11


WRONG: dict[str, tuple[str, Change]] = {
    "a metric that is not exported": ("metrics and labels", another_expression("vobiz_balance{", "vobiz_balances{")),
    "a series that no rule records": (
        "metrics and labels",
        another_expression("vobiz:data_age_seconds", "vobiz:age_seconds"),
    ),
    "a label in a selector": ("metrics and labels", another_expression('status="active"', 'state="active"')),
    "a label that is grouped by": (
        "metrics and labels",
        another_expression("max by (partner, currency)", "max by (partner, product)"),
    ),
    "a label in a legend": ("metrics and labels", a_label_that_no_metric_has),
    "a selector for all partners": (
        "selection",
        another_expression(',partner=~"$partner"', ""),
    ),
    "a selector of one job": ("selection", another_expression('job=~"$job"', 'job="vobiz"')),
    "a fixed data source": ("selection", a_fixed_data_source),
    "a variable that never asks again": ("selection", a_variable_that_never_asks_again),
    "a rate over a fixed range": ("rates", another_expression("[$window]", "[5m]")),
    "a counter without a rate": ("rates", another_expression("vobiz_balance{", "vobiz_cost_total{")),
    "a panel without unit": ("panels", without_unit),
    "a panel without description": ("panels", without_description),
    "a panel without target": ("panels", without_target),
    "an unsorted legend": ("panels", an_unsorted_legend),
    "a legend that begins with the best": ("panels", the_best_first),
    "a runbook that is not there": ("panels", a_runbook_that_is_not_there),
    "another threshold than the alert's": ("thresholds", another_threshold),
    "another threshold in a column": ("thresholds", another_threshold_of_a_column),
    "a threshold of no alert": ("thresholds", a_threshold_of_no_alert),
    "an editable dashboard": ("frame", editable),
    "one id twice": ("frame", one_id_twice),
    "panels one over the other": ("frame", overlapping),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_dashboard_with_this_fault_is_found(wrong: str) -> None:
    check, change = WRONG[wrong]
    board = load(next(path for path in PATHS if path.stem == "vobiz-overview"))
    assert list(CHECKS[check](board)) == []
    change(board)
    assert list(CHECKS[check](board)), f"the check of {check} does not see {wrong}"
