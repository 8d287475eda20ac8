"""Traffic and quality: what changed, where, why, and how does it compare with other days?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, timeseries

from grafana.generator import panels as style
from grafana.generator import queries as q
from grafana.generator.details import details
from grafana.generator.frame import frame
from grafana.generator.panels import beside, graph, stat_tile
from grafana.generator.queries import Query, ratio

TODAY = f'period="today",{q.SELECTED}'
"""The day so far, as the API states it."""
LEGEND = "{{partner}} {{direction}}"
MONEY = ("partner", "currency")
LAST_WEEK = " offset 1w"


def traffic() -> builders.Dashboard:
    """The dashboard behind a partner of the overview."""
    board = frame(
        "vobiz-traffic",
        "Vobiz / Traffic and quality",
        "What changed, in which direction and product, why, and how do other days compare? Times and days are UTC. "
        "Where one partner is chosen, dashed is what is usual and dotted the same hour last week.",
        since="now-24h",
        timezone="utc",
    )
    for panel in (*_tiles(), *_graphs()):
        board.with_panel(panel)
    for closed in details():
        board.with_row(closed)
    return board


def _tiles() -> tuple[stat.Panel, ...]:
    answered = q.total(f"vobiz_period_answered_calls{{{TODAY}}}{{offset}}", of=q.DIRECTION)
    calls = q.total(f"vobiz_period_calls{{{TODAY}}}{{offset}}", of=q.DIRECTION)
    minutes = q.total(f"vobiz_period_minutes{{{TODAY}}}{{offset}}", of=q.DIRECTION)
    return (
        _today("Calls today", "Calls of today so far, all directions.", "short", calls, alert="VobizTrafficLow"),
        _today(
            "Answer rate today (ASR)",
            "Answered calls / calls of today so far. A drop hides in it for hours: see the score.",
            "percentunit",
            ratio(answered, calls),
            decimals=1,
        ),
        _today("Minutes today", "Minutes talked today so far, as Vobiz bills them.", "short", minutes),
        _today(
            "Average call today (ACD)",
            "Minutes / answered calls of today so far, in seconds.",
            "s",
            f"60 * {ratio(minutes, answered)}",
        ),
        stat_tile(
            "Answered calls lost",
            "In the drops that are suspected now: calls that would usually have been answered, less those that were.",
            "short",
            Query(expr=f"round(sum({_lost()}))", instant=True),
            nothing="no drop",
            alert="VobizAnswerRateDrop",
        ),
        stat_tile(
            "Money lost",
            "Those calls times what an answered call cost in the last day, in the partner's currency.",
            "short",
            Query(expr=f"round({_money_lost()})", legend="{{currency}}", instant=True),
            nothing="no drop",
        ),
    )


def _today(title: str, text: str, unit: str, expr: str, *, alert: str = "", decimals: int | None = None) -> stat.Panel:
    """A tile with the value so far and the one of yesterday at this time."""
    return stat_tile(
        title,
        f"{text} Beside it: yesterday at this time of day.",
        unit,
        Query(expr=expr.replace("{offset}", ""), legend="today", instant=True),
        Query(expr=expr.replace("{offset}", " offset 1d"), legend="yesterday", instant=True),
        alert=alert,
        decimals=decimals,
    )


def _lost() -> str:
    def of(name: str) -> str:
        return f"max by (partner, direction) ({name}{{{q.SELECTED}}})"

    expected = f"{of('vobiz_answer_drop_calls')} * {of('vobiz_answer_ratio_expected')}"
    return f"clamp_min({expected} - {of('vobiz_answer_drop_answered_calls')}, 0)"


def _money_lost() -> str:
    cost = f"max by (partner, currency) (increase(vobiz_cost_total{{{q.SELECTED}}}[1d]))"
    answered = q.total(f"increase(vobiz_answered_calls_total{{{q.SELECTED}}}[1d])", q.PARTNER, of=q.DIRECTION)
    a_call = ratio(cost, answered, matching="on (partner) group_left ()")
    return f"sum by (currency) ({a_call} * on (partner) group_left () sum by (partner) ({_lost()}))"


def _compared(
    title: str, text: str, unit: str, expr: str, usual: str, *, alert: str, maximum: float | None = None
) -> timeseries.Panel:
    """Lines by partner and direction; of one partner beside them what is usual, and the same hour last week."""
    panel = graph(
        title,
        f"{text} Dashed: usual now. Dotted: the same hour last week. Both where one partner is chosen.",
        unit,
        Query(expr=q.worst(expr.replace("{offset}", "")), legend=LEGEND),
        Query(expr=q.alone(f"max by (partner, direction) ({usual}{{{q.SELECTED}}})"), legend=LEGEND),
        Query(expr=q.alone(f"({expr.replace('{offset}', LAST_WEEK)})"), legend=LEGEND),
        maximum=maximum,
        # of a share the lowest is the worst
        worst=style.LOWEST if maximum else style.HIGHEST,
        alert=alert,
    )
    return beside(beside(panel, "B"), "C", dash=(2, 6))


def _graphs() -> tuple[timeseries.Panel, ...]:
    cost = f"max by (partner, currency) (rate(vobiz_cost_total{{{q.SELECTED}}}{q.WINDOW}{{at}}))"
    outbound = q.total(
        f'rate(vobiz_call_seconds_total{{direction="outbound",{q.SELECTED}}}{q.WINDOW}{{at}})',
        q.PARTNER,
        of=q.DIRECTION,
    )
    scores = (
        f"max by (partner, direction) (vobiz_answer_drop_score{{{q.SELECTED}}}{{at}}) or "
        f"max by (partner, product) (vobiz_product_answer_drop_score{{{q.SELECTED}}}{{at}})"
    )
    seconds = q.per_second("vobiz_call_seconds_total", q.DIRECTION)
    return (
        _compared(
            "Answer rate (ASR)",
            "Answered calls / calls.",
            "percentunit",
            q.answer_ratio(q.DIRECTION, offset="{offset}"),
            "vobiz_answer_ratio_expected",
            alert="VobizAnswerRateDrop",
            maximum=1,
        ),
        _compared(
            "Calls an hour",
            "Calls booked, each call once, as an hourly rate.",
            "short",
            f"3600 * {q.per_second('vobiz_calls_total', q.DIRECTION, offset='{offset}')}",
            "vobiz_calls_per_hour_expected",
            alert="VobizTrafficLow",
        ),
        graph(
            "Score of the answer rate",
            "Evidence of a drop by direction and by product. Above the red line it pages; above the orange one it is "
            "suspicious, and warns after half an hour.",
            "none",
            Query(
                expr=q.highest(scores, ("partner", "direction", "product")),
                legend="{{partner}} {{direction}}{{product}}",
            ),
            steps=style.SCORE_STEPS,
            alert="VobizAnswerRateDrop",
            decimals=2,
        ),
        graph(
            "Concurrent calls (Erlang)",
            "Seconds talked a second: how many calls are under way in the mean.",
            "short",
            Query(expr=q.worst(seconds), legend=LEGEND),
            alert="VobizOutboundMinutesSpike",
        ),
        graph(
            "Average call duration (ACD)",
            "Seconds talked / answered calls. Very long calls at an odd hour may be fraud.",
            "suffix: s",
            Query(expr=q.worst(ratio(seconds, q.per_second("vobiz_answered_calls_total", q.DIRECTION))), legend=LEGEND),
            alert="VobizOutboundMinutesSpike",
        ),
        graph(
            "Scores of silence and fraud",
            "The three highest of each. Above the red line it pages: no calls, or spend and outbound minutes that look "
            "like toll fraud.",
            "none",
            *(
                Query(
                    expr=q.highest(f"max by (partner) ({name}{{{q.SELECTED}}}{{at}})", q.PARTNER, count=3),
                    legend=f"{{{{partner}}}} {what}",
                )
                for name, what in (
                    ("vobiz_traffic_drop_score", "silence"),
                    ("vobiz_spend_spike_score", "spend"),
                    ("vobiz_minutes_spike_score", "minutes"),
                )
            ),
            steps=style.SCORE_STEPS,
            alert="VobizSpendSpike",
            decimals=2,
            by_name=False,
        ),
        beside(
            graph(
                "Cost an hour",
                "Spend as an hourly rate, in the partner's currency. Dashed, where one partner is chosen: usual now.",
                "short",
                Query(expr=q.highest(f"3600 * {cost}", MONEY), legend="{{partner}}, {{currency}}"),
                Query(
                    expr=q.alone(f"max by (partner, currency) (vobiz_cost_per_hour_expected{{{q.SELECTED}}})"),
                    legend="{{partner}}, {{currency}}",
                ),
                alert="VobizSpendSpike",
            ),
            "B",
        ),
        graph(
            "Cost of an outbound minute",
            "Spend / outbound minutes, in the partner's currency.",
            "none",
            Query(
                expr=q.highest(f"60 * {ratio(cost, outbound, matching='on (partner) group_left ()')}", MONEY),
                legend="{{partner}}, {{currency}}",
            ),
            alert="VobizSpendSpike",
        ),
    )
