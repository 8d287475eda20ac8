"""The house style: what every stat tile, graph and table has in common.

No tile is coloured from nothing: without data it is grey and says why. Axes begin at 0, legends are sorted tables at
the right, tooltips show all series, thresholds are dashed lines, and a word stands beside each colour.
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
from grafana.generator.rules import PAGES, SUSPICIOUS, runbook

GOOD, WARNING, CRITICAL, UNKNOWN, NEUTRAL = "#0072B2", "#E69F00", "#B40F20", "#8e8e8e", "text"
"""Blue, light orange and dark red: apart for the colour-blind, too."""

DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")

LATER = "after 15 minutes of data"
"""What a tile says that needs some polls first."""
LEARNING = "once a usual day is known"
"""What a tile says that needs something to compare with."""

DIRECTIONS = {"inbound": "#56B4E9", "outbound": "#CC79A7"}
"""Light blue and purple, where directions are all that there is to tell apart: the colour-blind can, too."""

Step = tuple[float | None, str]
"""A threshold and the colour from there on; None for the colour below the first."""

SCORE_STEPS: tuple[Step, ...] = ((None, GOOD), (SUSPICIOUS, WARNING), (PAGES, CRITICAL))
SCORE_WORDS = ((0.0, SUSPICIOUS, "normal"), (SUSPICIOUS, PAGES, "suspicious"), (PAGES, 1000.0, "PAGE"))

HIGHEST, LOWEST = common.SortOrder.DESCENDING, common.SortOrder.ASCENDING
"""The order of a legend: which line is the worst."""

AnyPanel = TypeVar("AnyPanel", stat.Panel, table.Panel, timeseries.Panel)


def stat_tile(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    steps: Sequence[Step] = ((None, NEUTRAL),),
    names: dict[str, str] | None = None,
    words: Sequence[tuple[float, float, str]] = (),
    nothing: str = "unknown",
    alert: str = "",
    width: int = 4,
    height: int = 4,
    decimals: int | None = None,
) -> stat.Panel:
    """A tile with one value for each query; its background is coloured if ``steps`` has more than one colour.

    ``names`` puts a word in the place of a value, ``words`` in that of a range; ``nothing`` is what it says without
    data, ``alert`` links its runbook.
    """
    coloured = len(steps) > 1
    panel = _basic(stat.Panel(), title, description, unit, queries, width=width, height=height, alert=alert)
    panel.mappings(_mappings(names or {}, words, nothing)).no_value(nothing).thresholds(_thresholds(steps))
    panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel.color_mode(common.BigValueColorMode.BACKGROUND_SOLID if coloured else common.BigValueColorMode.VALUE)
    panel.graph_mode(common.BigValueGraphMode.NONE)
    named = len(queries) > 1 or any("{{" in query.legend for query in queries)
    panel.text_mode(common.BigValueTextMode.VALUE_AND_NAME if named else common.BigValueTextMode.VALUE)
    panel.justify_mode(common.BigValueJustifyMode.CENTER).orientation(common.VizOrientation.AUTO)
    panel.wide_layout(True).color_scheme(scheme("thresholds"))
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
    height: int = 9,
    maximum: float | None = None,
    stacked: bool = False,
    worst: common.SortOrder = HIGHEST,
    decimals: int | None = None,
    by_name: bool = True,
) -> timeseries.Panel:
    """Lines over time. ``steps`` are drawn as dashed lines.

    A name has one colour in all graphs, and two names may have nearly the same. Not so without ``by_name``, for names
    that are in one graph alone. There is room for ten names, sorted by their last value in the order ``worst``.
    """
    panel = _basic(timeseries.Panel(), title, description, unit, queries, width=width, height=height, alert=alert)
    panel.min(0).no_value("no data yet")
    panel.color_scheme(scheme("palette-classic-by-name" if by_name else "palette-classic"))
    panel.line_width(2).fill_opacity(25 if stacked else 0).show_points(common.VisibilityMode.NEVER)
    # of nothing but zeros Grafana would draw an axis up to 100
    panel.axis_soft_max(1)
    panel.legend(
        common_builders.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.RIGHT)
        .show_legend(True)
        .calcs(["lastNotNull"])
        .sort_by("Last *")
        .sort_desc(worst is HIGHEST)
    )
    panel.tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(worst))
    if decimals is not None:
        panel.decimals(decimals)
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
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    columns: dict[str, str] | None = None,
    join: str = "",
    alert: str = "",
    width: int = 24,
    height: int = 8,
) -> table.Panel:
    """A table of instant queries, joined by one label, or merged by all of them.

    ``columns`` names those that are shown, in their order: a label, Value, or of several queries Value #A.
    """
    panel = _basic(table.Panel(), title, description, unit, queries, width=width, height=height, alert=alert)
    panel.no_value("–").color_scheme(scheme("thresholds")).thresholds(_thresholds([(None, NEUTRAL)]))
    panel.show_header(True).cell_height(common.TableCellHeight.SM).filterable(False)
    if columns is not None:
        if join:
            panel.with_transformation(transformation("joinByField", {"byField": join, "mode": "outer"}))
        elif len(queries) > 1:
            panel.with_transformation(transformation("merge", {}))
        panel.with_transformation(transformation("filterFieldsByName", {"include": {"names": list(columns)}}))
        order = {name: index for index, name in enumerate(columns)}
        panel.with_transformation(transformation("organize", {"indexByName": order, "renameByName": columns}))
    return panel


def coloured(panel: timeseries.Panel, colours: dict[str, str]) -> timeseries.Panel:
    """Give lines or bars of these names a colour of their own."""
    for name, colour in colours.items():
        panel.override_by_name(name, [setting("color", {"mode": "fixed", "fixedColor": colour})])
    return panel


def beside(panel: timeseries.Panel, query: str, dash: Sequence[int] = (8, 6)) -> timeseries.Panel:
    """Draw the series of a query, named by its letter, thin and dashed, coloured as the line of the same name."""
    return panel.override_by_query(
        query,
        [
            setting("custom.lineStyle", {"fill": "dash", "dash": list(dash)}),
            setting("custom.lineWidth", 1),
            setting("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
        ],
    )


def column(
    panel: table.Panel,
    name: str,
    *,
    unit: str = "",
    decimals: int | None = None,
    steps: Sequence[Step] = (),
    words: Sequence[tuple[float, float, str]] = (),
    names: dict[str, str] | None = None,
    link: str = "",
    width: int | None = None,
) -> table.Panel:
    """How one column is shown. A column with ``steps`` has coloured cells; ``link`` is where a click leads."""
    properties = []
    if unit:
        properties.append(setting("unit", unit))
    if decimals is not None:
        properties.append(setting("decimals", decimals))
    if steps:
        properties.append(setting("custom.cellOptions", {"type": "color-background", "mode": "basic"}))
        thresholds = [{"value": value, "color": colour} for value, colour in steps]
        properties.append(setting("thresholds", {"mode": "absolute", "steps": thresholds}))
    if words or names:
        properties.append(setting("mappings", _mappings(names or {}, words, "–")))
    if link:
        properties.append(setting("links", [{"title": f"Details of this {name.lower()}", "url": link}]))
    if width is not None:
        properties.append(setting("custom.width", width))
    return panel.override_by_name(name, properties)


def row(title: str, panels: Sequence[stat.Panel | table.Panel | timeseries.Panel]) -> dashboard_builders.Row:
    """A closed row: opened once the first screen has shown where to look."""
    closed = dashboard_builders.Row(title).collapsed(True)
    for panel in panels:
        closed.with_panel(panel)
    return closed


def transformation(name: str, options: dict[str, object]) -> dashboard.DataTransformerConfig:
    """One step from what was queried to what is shown."""
    return dashboard.DataTransformerConfig(id_val=name, options=options)


def setting(name: str, value: object) -> dashboard.DynamicConfigValue:
    """One property of an override."""
    return dashboard.DynamicConfigValue(id_val=name, value=value)


def rows_over_time(query: Query) -> prometheus.Dataquery:
    """A query of a table with one row for each series and moment of the range."""
    return _target(query, "A", instant=False, as_table=True)


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
            for query, letter in zip(queries, "ABCDEFGHIJKL", strict=False)
        ]
    )
    if alert:
        panel.links([dashboard_builders.DashboardLink(f"Runbook {alert}").url(runbook(alert)).target_blank(True)])
    return panel


def _target(query: Query, letter: str, *, instant: bool, as_table: bool) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(letter).expr(query.expr).legend_format(query.legend or "__auto")
    target.datasource(DATASOURCE).format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES)
    return target.instant() if instant else target.range()


def _mappings(
    names: dict[str, str], words: Sequence[tuple[float, float, str]], nothing: str
) -> list[dashboard.ValueMapping]:
    absent = dashboard.DashboardSpecialValueMapOptions(
        match=dashboard.SpecialValueMatch.NULL_AND_NAN,
        result=dashboard.ValueMappingResult(text=nothing, color=UNKNOWN, index=len(names) + len(words)),
    )
    mappings: list[dashboard.ValueMapping] = [dashboard.SpecialValueMap(options=absent)]
    for index, (begin, end, text) in enumerate(words):
        options = dashboard.DashboardRangeMapOptions(
            from_val=begin, to=end, result=dashboard.ValueMappingResult(text=text, index=len(names) + index)
        )
        mappings.append(dashboard.RangeMap(options=options))
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


def scheme(mode: str) -> dashboard_builders.FieldColor:
    """How values get their colours, by Grafana's name for it."""
    return dashboard_builders.FieldColor().mode(dashboard.FieldColorModeId(mode))
