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
_WINDOWS = ("15m", "5m", "30m", "1h", "3h")
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
            # where there is no such label, every series matches
            _variable("cluster", "Cluster", "label_values(vobiz_up, cluster)", everything=".*"),
            _variable("job", "Job", 'label_values(vobiz_up{cluster=~"$cluster"}, job)'),
            _variable("instance", "Instance", 'label_values(vobiz_up{cluster=~"$cluster",job=~"$job"}, instance)'),
            _variable("partner", "Partner", f"label_values(vobiz_up{{{SELECTED_JOB}}}, partner)"),
            _window(),
        ]
    )
    return board.annotations([_AlertAnnotation("Critical alerts", firing('severity="critical"'))])


def finished(board: builders.Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana would have saved it."""
    document = json.loads(json.dumps(board.build(), cls=JSONEncoder))
    document["schemaVersion"] = SCHEMA_VERSION
    document["id"] = None
    document["version"] = 1
    number = 0
    for panel in document["panels"]:
        for each in (panel, *panel.get("panels", [])):
            number += 1
            each["id"] = number
    cleaned: dict[str, Any] = _cleaned(document)
    return cleaned


def importable(document: dict[str, Any]) -> dict[str, Any]:
    """A dashboard as grafana.com takes it: whoever imports it is asked for the data source."""
    text = json.dumps(document).replace("${datasource:queryparam}&", "").replace("${datasource}", "${DS_PROMETHEUS}")
    again: dict[str, Any] = json.loads(text)
    variables = again["templating"]
    variables["list"] = [one for one in variables["list"] if one["name"] != "datasource"]
    source = {"type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus"}
    again["__inputs"] = [{"name": "DS_PROMETHEUS", "label": "Prometheus", "description": "", **source}]
    again["__requires"] = [
        {"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.3.0"},
        {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
    ]
    return again


def written(document: dict[str, Any]) -> str:
    """The dashboard as text with sorted keys."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class _AlertAnnotation(builders.AnnotationQuery):
    """Marks on all graphs while alerts fire. The SDK's builder has no setters for what Prometheus needs."""

    def __init__(self, name: str, expr: str) -> None:
        super().__init__()
        self.name(name).datasource(DATASOURCE).enable(True).icon_color(CRITICAL)
        self._internal.expr = expr
        self._internal.step = "60s"
        self._internal.title_format = "{{alertname}}"
        self._internal.text_format = "{{partner}} {{direction}}"


def _variable(name: str, label: str, query: str, everything: str = ".+") -> builders.QueryVariable:
    variable = builders.QueryVariable(name).label(label).datasource(DATASOURCE).definition(query)
    variable.query({"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"})
    variable.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    return variable.multi(True).include_all(True).all_value(everything).current(_ALL)


def _window() -> builders.CustomVariable:
    """Over which time rates are means. It has to hold several polls, or lines zigzag with them."""
    options = [dashboard.VariableOption(text=text, value=text, selected=text == _WINDOWS[0]) for text in _WINDOWS]
    variable = builders.CustomVariable("window").label("Mean over").values(",".join(_WINDOWS)).options(options)
    return variable.current(options[0]).multi(False).include_all(False)


def _cleaned(node: Any) -> Any:
    """Without what the SDK adds of its own: fields that hide links and annotations, and those of other variables."""
    if isinstance(node, dict):
        return {
            key: _cleaned(value)
            for key, value in node.items()
            if key not in _OF_OTHER_VARIABLES and (key, value) != ("placement", "inControlsMenu")
        }
    return [_cleaned(value) for value in node] if isinstance(node, list) else node
