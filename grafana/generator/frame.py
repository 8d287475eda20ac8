"""What every dashboard has around its panels: variables, links to the others, alerts as annotations."""

from __future__ import annotations

import json
from typing import Any

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from grafana.generator.panels import CRITICAL, DATASOURCE
from grafana.generator.queries import SELECTED_JOB, firing

SCHEMA_VERSION = 39
"""Grafana 10.3 to 13 read it."""

_ALL = dashboard.VariableOption(text=["All"], value=["$__all"], selected=True)
_OF_OTHER_VARIABLES = {"auto", "auto_count", "auto_min"}


def frame(uid: str, title: str, description: str, *, since: str, timezone: str = "browser") -> builders.Dashboard:
    """A dashboard without panels yet. ``since`` is the beginning of its range, such as ``now-6h``."""
    board = builders.Dashboard(title).uid(uid).description(description).tags(["vobiz"]).readonly()
    board.time(since, "now").refresh("30s").timezone(timezone).tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
    board.link(
        builders.DashboardLink("Vobiz dashboards")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags(["vobiz"])
        .icon("dashboard")
        .as_dropdown(False)
        .include_vars(True)
        .keep_time(True)
    )
    board.variables(
        [
            builders.DatasourceVariable("datasource").label("Data source").type("prometheus"),
            _variable("job", "Job", "label_values(vobiz_up, job)"),
            _variable("partner", "Partner", f"label_values(vobiz_up{{{SELECTED_JOB}}}, partner)"),
        ]
    )
    return board.annotations([_AlertAnnotation("Critical alerts", firing('severity="critical"'))])


def finished(board: builders.Dashboard) -> str:
    """The dashboard as JSON with sorted keys, as Grafana would have saved it."""
    document = json.loads(json.dumps(board.build(), cls=JSONEncoder))
    document["schemaVersion"] = SCHEMA_VERSION
    document["id"] = None
    document["version"] = 1
    number = 0
    for panel in document["panels"]:
        for each in (panel, *panel.get("panels", [])):
            number += 1
            each["id"] = number
    return json.dumps(_mended(document), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class _AlertAnnotation(builders.AnnotationQuery):
    """Marks on all graphs while alerts fire. The SDK's builder has no setters for what Prometheus needs."""

    def __init__(self, name: str, expr: str) -> None:
        super().__init__()
        self.name(name).datasource(DATASOURCE).enable(True).icon_color(CRITICAL)
        self._internal.expr = expr
        self._internal.step = "60s"
        self._internal.title_format = "{{alertname}}"
        self._internal.text_format = "{{partner}} {{direction}}"


def _variable(name: str, label: str, query: str) -> builders.QueryVariable:
    variable = builders.QueryVariable(name).label(label).datasource(DATASOURCE).definition(query)
    variable.query({"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"})
    variable.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    return variable.multi(True).include_all(True).all_value(".+").current(_ALL)


def _mended(node: Any) -> Any:
    """Without what the SDK adds of its own: fields that hide links and annotations, and those of other variables."""
    if isinstance(node, dict):
        return {
            key: _mended(value)
            for key, value in node.items()
            if key not in _OF_OTHER_VARIABLES and (key, value) != ("placement", "inControlsMenu")
        }
    return [_mended(value) for value in node] if isinstance(node, list) else node
