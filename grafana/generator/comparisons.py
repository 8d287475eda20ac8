"""The collapsed rows of the traffic dashboard: against other days, by product, and day by day."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import timeseries

from grafana.generator.panels import dashed, days, graph
from grafana.generator.queries import RATE, SELECTED, Query, ratio

TODAY = f'period="today",{SELECTED}'
"""The figures of the day so far, as the API states them."""


def rows() -> tuple[builders.Row, ...]:
    """The rows, closed: they are opened once the first screen has told where to look."""
    return (
        _row("Today against yesterday and last week", _compared()),
        _row("By product", _products()),
        _row("Day by day, 30 days", _days()),
    )


def _compared() -> tuple[timeseries.Panel, ...]:
    calls, answered = (
        f"sum (vobiz_period_calls{{{TODAY}}}{{offset}})",
        f"sum (vobiz_period_answered_calls{{{TODAY}}}{{offset}})",
    )
    return (
        _against("Calls so far", "Calls since midnight.", "short", calls),
        _against("Answer rate so far", "Answered calls / calls since midnight.", "percentunit", ratio(answered, calls)),
    )


def _against(title: str, text: str, unit: str, expr: str) -> timeseries.Panel:
    panel = graph(
        title,
        f"{text} Dashed: the day before, and the same day a week before, at the same time.",
        unit,
        *(
            Query(expr=expr.replace("{offset}", offset), legend=legend)
            for offset, legend in (("", "today"), (" offset 1d", "a day before"), (" offset 1w", "a week before"))
        ),
    )
    return dashed(dashed(panel, "B"), "C")


def _products() -> tuple[timeseries.Panel, ...]:
    def per(name: str, extra: str = "") -> str:
        return f"sum by (product{extra}) (rate({name}{{{SELECTED}}}{RATE}))"

    return (
        graph(
            "Answer rate by product",
            "Share of calls answered: SIP trunking and Voice API.",
            "percentunit",
            Query(
                expr=ratio(per("vobiz_product_answered_calls_total"), per("vobiz_product_calls_total")),
                legend="{{product}}",
            ),
            maximum=1,
        ),
        graph(
            "Calls a minute by product",
            "Calls booked a minute, each call once.",
            "none",
            Query(expr="60 * " + per("vobiz_product_calls_total"), legend="{{product}}"),
            stacked=True,
        ),
        graph(
            "Average call duration by product",
            "Seconds talked / answered calls (ACD).",
            "s",
            Query(
                expr=ratio(per("vobiz_product_call_seconds_total"), per("vobiz_product_answered_calls_total")),
                legend="{{product}}",
            ),
        ),
        graph(
            "Cost a minute by product",
            "Cost / minutes talked, in the partner's currency.",
            "none",
            Query(
                expr="60 * "
                + ratio(
                    per("vobiz_product_cost_total", ", currency"),
                    per("vobiz_product_call_seconds_total"),
                    matching="on (product) group_left ()",
                ),
                legend="{{product}}, {{currency}}",
            ),
        ),
    )


def _days() -> tuple[timeseries.Panel, ...]:
    """Each bar is what the period "today" said last on that day: scraped, or written by ``vobiz-exporter backfill``."""

    def last(name: str) -> str:
        return f"sum by (direction) (last_over_time({name}{{{TODAY}}}[1d] offset -1d))"

    return (
        days(
            "Calls a day",
            "Calls of each day; the last bar is today so far.",
            "short",
            Query(expr=last("vobiz_period_calls"), legend="{{direction}}"),
            stacked=True,
        ),
        days(
            "Answer rate a day",
            "Answered calls / calls of each day; the last bars are today so far.",
            "percentunit",
            Query(expr=ratio(last("vobiz_period_answered_calls"), last("vobiz_period_calls")), legend="{{direction}}"),
        ),
        days(
            "Minutes a day",
            "Minutes talked of each day, as Vobiz bills them; the last bar is today so far.",
            "short",
            Query(expr=last("vobiz_period_minutes"), legend="{{direction}}"),
            stacked=True,
        ),
        days(
            "Cost a day",
            "Cost of the calls of each day, in the partner's currency; the last bar is today so far.",
            "short",
            Query(
                expr=f"sum by (direction, currency) (last_over_time(vobiz_period_cost{{{TODAY}}}[1d] offset -1d))",
                legend="{{direction}}, {{currency}}",
            ),
            stacked=True,
        ),
    )


def _row(title: str, panels: tuple[timeseries.Panel, ...]) -> builders.Row:
    row = builders.Row(title).collapsed(True)
    for panel in panels:
        row.with_panel(panel)
    return row
