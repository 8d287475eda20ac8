"""Traffic and quality: what changed, where, and how does it compare with other days?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.models import dashboard

from grafana.generator import figures
from grafana.generator.comparisons import TODAY, rows
from grafana.generator.frame import frame
from grafana.generator.panels import UNKNOWN, dashed, graph, stat_tile
from grafana.generator.queries import RATE, SELECTED, Query, ratio

WANDER = f'vobiz:alert_threshold{{alert="answer_wander_points",{SELECTED}}}'


def traffic() -> builders.Dashboard:
    """The dashboard behind a partner of the overview."""
    board = frame(
        "vobiz-traffic",
        "Vobiz / Traffic and quality",
        "What changed, in which direction and product, and how do other days compare? Times and days are UTC.",
        since="now-24h",
        timezone="utc",
    )
    for panel in (*_tiles(), _answer_rate("outbound"), _answer_rate("inbound"), *_quality()):
        board.with_panel(panel)
    for row in rows():
        board.with_row(row)
    return board


def _tiles() -> tuple[stat.Panel, ...]:
    answered = f"sum (vobiz_period_answered_calls{{{TODAY}}}{{offset}})"
    calls = f"sum (vobiz_period_calls{{{TODAY}}}{{offset}})"
    return (
        _today("Calls today", "Calls of today so far, all directions.", "short", calls, alert="VobizTrafficLow"),
        _today(
            "Answer rate today",
            "Answered calls / calls of today so far (ASR). A drop hides in it for hours: see the score.",
            "percentunit",
            ratio(answered, calls),
            decimals=1,
        ),
        _today(
            "Minutes today",
            "Minutes talked today so far, as Vobiz bills them.",
            "short",
            f"sum (vobiz_period_minutes{{{TODAY}}}{{offset}})",
        ),
        _today(
            "Average call today",
            "Minutes / answered calls of today so far (ACD).",
            "s",
            "60 * " + ratio(f"sum (vobiz_period_minutes{{{TODAY}}}{{offset}})", answered),
        ),
        _today(
            "Cost today",
            "Cost of the calls of today so far, in the partner's currency.",
            "short",
            f"sum by (currency) (vobiz_period_cost{{{TODAY}}}{{offset}})",
            alert="VobizSpendSpike",
        ),
        _today(
            "Cost a minute today",
            "Cost / minutes of today so far, in the partner's currency.",
            "none",
            ratio(
                f"sum by (currency) (vobiz_period_cost{{{TODAY}}}{{offset}})",
                f"sum (vobiz_period_minutes{{{TODAY}}}{{offset}})",
                matching="on () group_left ()",
            ),
            decimals=3,
        ),
    )


def _today(title: str, text: str, unit: str, expr: str, *, alert: str = "", decimals: int | None = None) -> stat.Panel:
    """A tile with the figure so far and the one of yesterday at this time."""
    return stat_tile(
        title,
        f"{text} Beside it: yesterday at this time of day.",
        unit,
        Query(expr=expr.replace("{offset}", ""), legend="today", instant=True),
        Query(expr=expr.replace("{offset}", " offset 1d"), legend="yesterday", instant=True),
        alert=alert,
        decimals=decimals,
    )


def _answer_rate(direction: str) -> timeseries.Panel:
    lane = f'direction="{direction}",{SELECTED}'
    usual = f"vobiz:answer_ratio:usual{{{lane}}}"
    wander = f"on (job, instance, partner) group_left () {WANDER} / 100"
    panel = graph(
        f"Answer rate, {direction}",
        f"Share of {direction} calls answered in the last 15 minutes. The dashed band is what is usual at this hour, "
        "and as many points up and down as a rate may wander (answer_wander_points).",
        "percentunit",
        Query(
            expr=ratio(
                f'vobiz:answered_calls:count{{window="{figures.WINDOW}",{lane}}}',
                f'vobiz:calls:count{{window="{figures.WINDOW}",{lane}}}',
            ),
            legend="{{partner}}",
        ),
        Query(expr=f"clamp_max({usual} + {wander}, 1)", legend="{{partner}}, usual at most"),
        Query(expr=f"clamp_min({usual} - {wander}, 0)", legend="{{partner}}, usual at least"),
        maximum=1,
        alert="VobizAnswerRateDrop",
    )
    for query in "BC":
        dashed(panel, query).override_by_query(
            query, [dashboard.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": UNKNOWN})]
        )
    return panel


def _quality() -> tuple[timeseries.Panel, ...]:
    def per(name: str, by: str) -> str:
        return f"sum by ({by}) (rate({name}{{{SELECTED}}}{RATE}))"

    return (
        graph(
            "Drop score by size of drop",
            "The highest score of all windows, for a total, a deep and a moderate drop. Above the red line it pages, "
            "above the orange one for half an hour it warns.",
            "none",
            Query(
                expr=f"max by (partner, direction, size) (vobiz:answer_drop:score{{{SELECTED}}})",
                legend="{{partner}} {{direction}}, {{size}}",
            ),
            steps=figures.SCORE_STEPS,
            alert="VobizAnswerRateDrop",
        ),
        dashed(
            graph(
                "Calls a minute",
                "Calls booked a minute, each call once. Dashed: what is usual at this hour.",
                "none",
                Query(expr=figures.calls_a_minute(" by (direction)"), legend="{{direction}}"),
                Query(expr=figures.usual_calls_a_minute(" by (direction)"), legend="{{direction}}, usual"),
                alert="VobizTrafficLow",
            ),
            "B",
        ),
        graph(
            "Minutes talked a minute",
            "Minutes of talk booked a minute: about how many calls are under way.",
            "none",
            Query(expr=per("vobiz_call_seconds_total", "direction"), legend="{{direction}}"),
            alert="VobizOutboundMinutesSpike",
        ),
        graph(
            "Average call duration",
            "Seconds talked / answered calls (ACD). Very long calls at an odd hour may be fraud.",
            "s",
            Query(
                expr=ratio(
                    per("vobiz_call_seconds_total", "direction"), per("vobiz_answered_calls_total", "direction")
                ),
                legend="{{direction}}",
            ),
            alert="VobizOutboundMinutesSpike",
        ),
        graph(
            "Cost an hour",
            "Spend of the last hour, in the partner's currency, scaled down if polls failed for longer.",
            "short",
            Query(expr=f"sum by (partner, currency) (vobiz:cost:1h{{{SELECTED}}})", legend="{{partner}}, {{currency}}"),
            alert="VobizSpendSpike",
        ),
        dashed(
            graph(
                "Cost of an outbound minute",
                "Spend / outbound minutes of 15 minutes, in the partner's currency. Dashed: of the day before.",
                "none",
                Query(
                    expr=f"avg by (partner, currency) (vobiz:cost_per_minute:15m{{{SELECTED}}})",
                    legend="{{partner}}, {{currency}}",
                ),
                Query(
                    expr=f"avg by (partner, currency) (vobiz:cost_per_minute:usual{{{SELECTED}}})",
                    legend="{{partner}}, {{currency}}, usual",
                ),
                alert="VobizSpendSpike",
            ),
            "B",
        ),
    )
