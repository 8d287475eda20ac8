"""Finance: what do calls cost, by day and month, and which partners cost most?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import table

from grafana.generator import queries as q
from grafana.generator.frame import frame
from grafana.generator.panels import DIRECTIONS, coloured, column, days, graph, listing, stat_tile
from grafana.generator.queries import Query

MONTH = f'period="month",{q.SELECTED}'


def finance() -> builders.Dashboard:
    """For those who look once a week."""
    board = frame(
        "vobiz-finance",
        "Vobiz / Finance",
        "What do calls cost, by day and month, and which partners cost most? Days and months are UTC; corrections by "
        "Vobiz are taken off the day on which they came.",
        since="now-30d",
        timezone="utc",
    )
    board.refresh("5m")
    cost = q.total(f"vobiz_period_cost{{{MONTH}}}", ("currency",), of=("direction", "currency"))
    minutes = q.total(f"vobiz_period_minutes{{{MONTH}}}", of=q.DIRECTION)
    tiles = (
        (
            "Cost this month",
            "Cost of this month so far, as Vobiz states it, by currency.",
            "short",
            cost,
            "{{currency}}",
        ),
        ("Minutes this month", "Minutes of this month so far, as Vobiz bills them.", "short", minutes, ""),
        (
            "Cost a minute",
            "Cost / minutes of this month so far, by currency.",
            "none",
            q.ratio(cost, minutes, matching="on () group_left ()"),
            "{{currency}}",
        ),
        (
            "Balance",
            "Wallet balance held across all customers, by currency.",
            "short",
            q.total(f"vobiz_balance{{{q.SELECTED}}}", ("currency",), of=("currency",)),
            "{{currency}}",
        ),
    )
    for title, text, unit, expr, legend in tiles:
        board.with_panel(stat_tile(title, text, unit, Query(expr=expr, legend=legend, instant=True), width=5))
    zero = f"vobiz:balance_left{{{q.RECORDED}}} / (vobiz:cost_per_day{{{q.RECORDED}}} > 0)"
    board.with_panel(
        stat_tile(
            "Balance is zero on",
            "When the first balance reaches zero, or its credit line, at the spend of the last day.",
            "time:YYYY-MM-DD",
            Query(expr=f"1000 * (time() + 86400 * min({zero}))", instant=True),
            nothing="no spend",
            alert="VobizBalanceRunwayLow",
        )
    )
    board.with_panel(
        days(
            "Cost a day",
            "Cost of each day, each call once, less what Vobiz has taken back; the last bar is today so far.",
            "short",
            Query(
                expr=_daily("vobiz_cost", ("currency",), of=("currency",)),
                legend="{{currency}}",
            ),
            stacked=True,
        )
    )
    minutes_of_days = days(
        "Minutes a day",
        "Minutes talked of each day, less what Vobiz has taken back; the last bar is today so far.",
        "short",
        Query(expr=f"({_daily('vobiz_call_seconds', ('direction',), of=('direction',))}) / 60", legend="{{direction}}"),
        stacked=True,
    )
    board.with_panel(coloured(minutes_of_days, DIRECTIONS))
    for title, text, metric, of in (
        (
            "Cost of the month so far",
            "It begins again at zero with each month.",
            "vobiz_period_cost",
            ("direction", "currency"),
        ),
        (
            "Minutes of the month so far",
            "It begins again at zero with each month.",
            "vobiz_period_minutes",
            ("direction",),
        ),
    ):
        keep = of[-1:]
        expr = q.total(f"{metric}{{{MONTH}}}", keep, of=of)
        panel = graph(title, text, "short", Query(expr=expr, legend=f"{{{{{keep[0]}}}}}"))
        board.with_panel(coloured(panel, DIRECTIONS) if keep == ("direction",) else panel)
    return board.with_panel(_dearest())


def _daily(name: str, keep: tuple[str, ...], *, of: tuple[str, ...]) -> str:
    """What a counter grew by in each day, less what was taken back in it. A bar reaches to the end of its day."""
    grown = q.total(f"increase({name}_total{{{q.SELECTED}}}[1d] offset -1d)", keep, of=of)
    taken = q.total(f"delta({name}_taken_back{{{q.SELECTED}}}[1d] offset -1d)", keep, of=of)
    return f"{grown} - ({taken} or 0 * {grown})"


def _dearest() -> table.Panel:
    def month(name: str, *of: str) -> str:
        return q.total(f"{name}{{{MONTH}}}", ("partner", *of[1:]), of=of)

    cost = month("vobiz_period_cost", "direction", "currency")
    minutes = month("vobiz_period_minutes", "direction")
    columns = {
        "partner": "Partner",
        "Value #A": "Cost",
        "currency": "Currency",
        "Value #B": "Minutes",
        "Value #C": "Cost a minute",
    }
    panel = listing(
        "Partners by cost",
        "The twenty partners that cost most this month, with minutes and cost a minute.",
        "none",
        Query(expr=f"topk(20, {cost})"),
        Query(expr=minutes),
        # without the currency, which one column of the table already has
        Query(expr=f"max by (partner) ({q.ratio(cost, minutes, matching='on (partner) group_left ()')})"),
        columns=columns,
        join="partner",
        height=12,
    )
    column(panel, "Cost", unit="short", decimals=2)
    column(panel, "Minutes", unit="short", decimals=0)
    return column(panel, "Cost a minute", unit="none", decimals=3)
