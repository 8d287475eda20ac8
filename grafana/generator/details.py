"""The closed rows of the traffic dashboard: why calls fail, by product, and by hour and weekday."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import table, timeseries

from grafana.generator import panels as style
from grafana.generator import queries as q
from grafana.generator.panels import column, graph, listing, row
from grafana.generator.queries import Query, ratio

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CAUSES = "Empty unless the exporter's configuration has collect: [causes]."


def details() -> tuple[builders.Row, ...]:
    """The rows, in the order in which questions come."""
    return (
        row("Why: hangup causes", _causes()),
        row("By product", _products()),
        row("By hour and weekday", [_heat_map()]),
    )


def _causes() -> tuple[timeseries.Panel | table.Panel, ...]:
    records = f'rate(vobiz_cdr_calls_total{{answered!="true",{q.SELECTED}}}{q.WINDOW}{{at}})'
    unanswered = q.total(records, ("cause",), of=("direction", "cause", "source"))
    now, usual = (
        f"max by (partner, direction, cause) ({name}{{{q.SELECTED}}})"
        for name in ("vobiz_cdr_cause_share", "vobiz_cdr_cause_share_usual")
    )
    columns = {
        "partner": "Partner",
        "direction": "Direction",
        "cause": "Cause",
        "Value #A": "Grown by",
        "Value #B": "Now",
        "Value #C": "Usual",
    }
    causes = listing(
        "Causes now against usual",
        f"Share of the unanswered calls by hangup cause, and what is usual; what has grown most comes first. {CAUSES}",
        "percentunit",
        Query(expr=f"sort_desc({now} - {usual} or {now})"),
        Query(expr=now),
        Query(expr=usual),
        columns=columns,
        height=10,
    )
    for name in ("Grown by", "Now", "Usual"):
        column(causes, name, unit="percentunit", decimals=0)
    return (
        graph(
            "Unanswered calls by cause",
            f"Calls an hour that were not answered, in the newest call records, by hangup cause. {CAUSES}",
            "short",
            Query(
                expr=q.highest(f"3600 * {unanswered}", ("cause",)),
                legend="{{cause}}",
            ),
            width=24,
            stacked=True,
            by_name=False,
        ),
        causes,
        *(
            graph(
                title,
                f"{text} {CAUSES}",
                unit,
                *(
                    Query(
                        expr=_quantile(share, name),
                        legend=legend,
                    )
                    for share, legend in shares
                ),
                by_name=False,
            )
            for title, text, unit, name, shares in (
                (
                    "Ring time (post-dial delay)",
                    "Half of the calls ring for less than p50, nineteen in twenty for less than p95.",
                    "s",
                    "vobiz_cdr_ring_seconds_bucket",
                    ((0.5, "p50"), (0.95, "p95")),
                ),
                (
                    "Voice quality (MOS)",
                    "Half of the calls are above p50, nineteen in twenty above p5. Above 4 is good, under 3.5 people "
                    "complain.",
                    "none",
                    "vobiz_cdr_mos_bucket",
                    ((0.5, "p50"), (0.05, "p5")),
                ),
            )
        ),
    )


def _quantile(share: float, name: str) -> str:
    buckets = q.total(f"rate({name}{{{q.SELECTED}}}{q.WINDOW})", ("le",), of=("direction", "le"))
    return f"histogram_quantile({share}, {buckets})"


def _products() -> tuple[timeseries.Panel, ...]:
    def per(name: str, keep: tuple[str, ...] = ("product",)) -> str:
        return q.per_second(f"vobiz_product_{name}_total", keep, of=keep)

    cost = ratio(per("cost", ("product", "currency")), per("call_seconds"), matching="on (product) group_left ()")
    return (
        graph(
            "Answer rate by product (ASR)",
            "Share of calls answered: SIP trunking and Voice API.",
            "percentunit",
            Query(expr=ratio(per("answered_calls"), per("calls")), legend="{{product}}"),
            maximum=1,
            worst=style.LOWEST,
        ),
        graph(
            "Calls an hour by product",
            "Calls booked, each call once, as an hourly rate.",
            "short",
            Query(expr=f"3600 * {per('calls')}", legend="{{product}}"),
            stacked=True,
        ),
        graph(
            "Average call duration by product (ACD)",
            "Seconds talked / answered calls.",
            "suffix: s",
            Query(expr=ratio(per("call_seconds"), per("answered_calls")), legend="{{product}}"),
        ),
        graph(
            "Cost a minute by product",
            "Cost / minutes talked, in the partner's currency.",
            "none",
            Query(
                expr=f"60 * {cost}",
                legend="{{product}}, {{currency}}",
            ),
        ),
    )


def _heat_map() -> table.Panel:
    """The last seven days, hour by hour: each evaluation is labelled with its own hour and weekday."""
    answered, calls = (
        q.total(f"increase(vobiz_{what}_total{{{q.SELECTED}}}[1h])", of=q.DIRECTION)
        for what in ("answered_calls", "calls")
    )
    hour, day = (
        f'count_values("{name}", {function}())' for name, function in (("hour", "hour"), ("day", "day_of_week"))
    )
    labelled = f"{ratio(answered, calls)} * on () group_left (hour) {hour} * on () group_left (day) {day}"
    panel = listing(
        "Answer rate by hour and weekday (ASR)",
        "Answered calls / calls of each hour of the last seven days, in UTC; a row is an hour that ends then. What "
        "stands out in a column is a bad day, in a row a habit.",
        "percentunit",
        height=25,
    )
    panel.targets([style.rows_over_time(Query(expr=labelled))])
    panel.time_from("7d").interval("1h")
    panel.with_transformation(
        style.transformation(
            "convertFieldType", {"conversions": [{"targetField": "hour", "destinationType": "number"}]}
        )
    )
    panel.with_transformation(style.transformation("sortBy", {"sort": [{"field": "hour"}]}))
    panel.with_transformation(
        style.transformation("groupingToMatrix", {"columnField": "day", "rowField": "hour", "valueField": "Value"})
    )
    names = {"hour\\day": "Hour", **{str((index + 1) % 7): name for index, name in enumerate(WEEK)}}
    order = {name: index for index, name in enumerate(names)}
    panel.with_transformation(style.transformation("organize", {"indexByName": order, "renameByName": names}))
    panel.color_scheme(style.scheme("continuous-YlBl"))
    panel.min(0).max(1).decimals(0)
    for name in WEEK:
        panel.override_by_name(
            name, [style.setting("custom.cellOptions", {"type": "color-background", "mode": "basic"})]
        )
    return column(panel, "Hour", unit="none", width=60)
