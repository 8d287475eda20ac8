"""The house style: what every stat tile, graph and table has in common.

No tile is coloured from nothing: without data it is grey and says "unknown". Axes begin at 0, legends are tables below,
tooltips show all series, thresholds are dashed lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as dashboard_builders
from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from grafana.generator.queries import Query
from grafana.generator.rules import runbook

GOOD, WARNING, CRITICAL, UNKNOWN, NEUTRAL = "green", "orange", "red", "#8e8e8e", "text"

DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")

Step = tuple[float | None, str]
"""A threshold and the colour from there on; None for the colour below the first."""

AnyPanel = TypeVar("AnyPanel", stat.Panel, table.Panel, timeseries.Panel)


def stat_tile(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    steps: Sequence[Step] = ((None, NEUTRAL),),
    names: dict[str, str] | None = None,
    alert: str = "",
    width: int = 4,
    height: int = 4,
    decimals: int | None = None,
) -> stat.Panel:
    """A tile with one figure for each query; its background is coloured if ``steps`` has more than one colour.

    ``names`` puts a word in the place of a value, ``alert`` links its runbook.
    """
    coloured = len(steps) > 1
    panel = _basic(stat.Panel(), title, description, unit, queries, width=width, height=height, alert=alert)
    panel.mappings(_mappings(names or {})).no_value("unknown").thresholds(_thresholds(steps))
    panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel.color_mode(common.BigValueColorMode.BACKGROUND_SOLID if coloured else common.BigValueColorMode.NONE)
    panel.graph_mode(common.BigValueGraphMode.NONE if coloured else common.BigValueGraphMode.AREA)
    panel.text_mode(common.BigValueTextMode.VALUE_AND_NAME if len(queries) > 1 else common.BigValueTextMode.VALUE)
    panel.justify_mode(common.BigValueJustifyMode.CENTER).orientation(common.VizOrientation.AUTO)
    panel.wide_layout(True).color_scheme(_scheme("thresholds"))
    if decimals is not None:
        panel.decimals(decimals)
    return panel


def graph(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    steps: Sequence[Step] = (),
    alert: str = "",
    width: int = 12,
    height: int = 8,
    maximum: float | None = None,
    stacked: bool = False,
) -> timeseries.Panel:
    """Lines over time. ``steps`` are drawn as dashed lines."""
    panel = _basic(timeseries.Panel(), title, description, unit, queries, width=width, height=height, alert=alert)
    panel.min(0).no_value("no data").color_scheme(_scheme("palette-classic"))
    panel.line_width(2).fill_opacity(25 if stacked else 8).show_points(common.VisibilityMode.NEVER)
    panel.legend(
        common_builders.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["mean", "max", "lastNotNull"])
    )
    panel.tooltip(
        common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
    )
    if maximum is not None:
        panel.max(maximum)
    if stacked:
        panel.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
    if steps:
        panel.thresholds(_thresholds(steps))
        panel.thresholds_style(
            common_builders.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        )
    return panel


def days(
    title: str, description: str, unit: str, *queries: Query, width: int = 12, stacked: bool = False
) -> timeseries.Panel:
    """Bars, one a day, for the last 30 days whatever the dashboard's range."""
    panel = graph(title, description, unit, *queries, width=width, stacked=stacked)
    panel.time_from("30d").interval("1d")
    panel.draw_style(common.GraphDrawStyle.BARS).bar_alignment(common.BarAlignment.AFTER)
    return panel.bar_width_factor(0.8).line_width(0).fill_opacity(70)


def listing(
    title: str, description: str, unit: str, *queries: Query, alert: str = "", width: int = 24, height: int = 8
) -> table.Panel:
    """A table of instant queries."""
    panel = _basic(table.Panel(), title, description, unit, queries, width=width, height=height, alert=alert)
    panel.no_value("–").color_scheme(_scheme("thresholds")).thresholds(_thresholds([(None, NEUTRAL)]))
    return panel.show_header(True).cell_height(common.TableCellHeight.SM).filterable(False)


def dashed(panel: timeseries.Panel, query: str) -> timeseries.Panel:
    """Draw the series of one query, named by its letter, thin and dashed: what is usual beside what is."""
    return panel.override_by_query(
        query,
        [
            _property("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}),
            _property("custom.lineWidth", 1),
            _property("custom.fillOpacity", 0),
        ],
    )


def column(
    panel: table.Panel,
    name: str,
    *,
    unit: str = "",
    decimals: int | None = None,
    steps: Sequence[Step] = (),
    link: str = "",
    width: int | None = None,
) -> table.Panel:
    """How one column is shown. A column with ``steps`` has coloured cells; ``link`` is where a click leads."""
    properties = []
    if unit:
        properties.append(_property("unit", unit))
    if decimals is not None:
        properties.append(_property("decimals", decimals))
    if steps:
        properties.append(_property("custom.cellOptions", {"type": "color-background", "mode": "basic"}))
        properties.append(_property("thresholds", {"mode": "absolute", "steps": [_step(step) for step in steps]}))
    if link:
        properties.append(_property("links", [{"title": f"Details of this {name.lower()}", "url": link}]))
    if width is not None:
        properties.append(_property("custom.width", width))
    return panel.override_by_name(name, properties)


def _basic(
    panel: AnyPanel,
    title: str,
    description: str,
    unit: str,
    queries: Sequence[Query],
    *,
    width: int,
    height: int,
    alert: str,
) -> AnyPanel:
    is_table = isinstance(panel, table.Panel)
    panel.title(title).description(description).unit(unit).datasource(DATASOURCE).span(width).height(height)
    panel.targets(
        [
            _target(query, letter, instant=query.instant or is_table, as_table=is_table)
            for query, letter in zip(queries, "ABCDEFGHIJ", strict=False)
        ]
    )
    if alert:
        panel.links([dashboard_builders.DashboardLink(f"Runbook {alert}").url(runbook(alert)).target_blank(True)])
    return panel


def _target(query: Query, letter: str, *, instant: bool, as_table: bool) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(letter).expr(query.expr).legend_format(query.legend or "__auto")
    target.datasource(DATASOURCE).format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES)
    return target.instant() if instant else target.range()


def _mappings(names: dict[str, str]) -> list[dashboard.ValueMapping]:
    nothing = dashboard.DashboardSpecialValueMapOptions(
        match=dashboard.SpecialValueMatch.NULL_AND_NAN,
        result=dashboard.ValueMappingResult(text="unknown", color=UNKNOWN, index=len(names)),
    )
    mappings: list[dashboard.ValueMapping] = [dashboard.SpecialValueMap(options=nothing)]
    if names:
        results = {
            value: dashboard.ValueMappingResult(text=text, index=index)
            for index, (value, text) in enumerate(names.items())
        }
        mappings.append(dashboard.ValueMap(options=results))
    return mappings


def _thresholds(steps: Sequence[Step]) -> dashboard_builders.ThresholdsConfig:
    return (
        dashboard_builders.ThresholdsConfig()
        .mode(dashboard.ThresholdsMode.ABSOLUTE)
        .steps([dashboard.Threshold(value=value, color=colour) for value, colour in steps])
    )


def _step(step: Step) -> dict[str, object]:
    return {"value": step[0], "color": step[1]}


def _scheme(mode: str) -> dashboard_builders.FieldColor:
    return dashboard_builders.FieldColor().mode(dashboard.FieldColorModeId(mode))


def _property(name: str, value: object) -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(id_val=name, value=value)
