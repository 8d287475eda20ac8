"""Overview: is it all right? One screen, for whoever is on duty and for a wall."""

from __future__ import annotations

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, table, timeseries

from grafana.generator import panels as style
from grafana.generator import queries as q
from grafana.generator.frame import frame
from grafana.generator.panels import beside, column, graph, listing, stat_tile
from grafana.generator.queries import Query
from grafana.generator.rules import thresholds
from grafana.generator.wallets import wallets

DETAILS = (
    "/d/vobiz-traffic?${datasource:queryparam}&${cluster:queryparam}&${job:queryparam}&${instance:queryparam}"
    "&var-partner=${__data.fields.Partner}&${__url_time_range}"
)
RUNBOOKS = "https://github.com/vobiz-exporter/vobiz-exporter/blob/main/docs/runbooks/${__value.text}.md"
PLAIN = (None, "transparent")
RUNWAY_STEPS: tuple[style.Step, ...] = (
    (None, style.CRITICAL),
    (thresholds()["balance_runway_short_day_hours"], style.WARNING),
    (thresholds()["balance_runway_low_hours"], style.GOOD),
)
AGE_STEPS: tuple[style.Step, ...] = ((None, style.GOOD), (thresholds()["data_stale_minutes"], style.CRITICAL))
LEGEND = "{{partner}} {{direction}}"


def overview() -> builders.Dashboard:
    """The first dashboard to look at."""
    board = frame(
        "vobiz-overview",
        "Vobiz / Overview",
        "Is it all right? Red wakes someone, orange can wait, grey is unknown. A click on a partner shows its "
        "traffic. Of many partners, graphs show the ten lines with the worst score. Rates appear after a quarter of "
        "an hour, scores once the exporter knows what is usual.",
        since="now-6h",
    )
    for panel in (*_tiles(), _partners(), _alerts(), *_graphs()):
        board.with_panel(panel)
    return board.with_row(wallets())


def _tiles() -> tuple[stat.Panel, ...]:
    paging = f"{q.answer_ratio(q.DIRECTION)} and on (partner, direction) ({q.score(q.DIRECTION)} > 1)"
    answered = stat_tile(
        "Answer rate",
        "Share of calls answered (ASR), all partners and directions together. Red, beside it: the lowest that pages.",
        "percentunit",
        Query(expr=q.answer_ratio(), legend="all", instant=True),
        Query(expr=f"min({paging})", legend="paging", instant=True),
        nothing=style.LATER,
        alert="VobizAnswerRateDrop",
        decimals=0,
    )
    answered.override_by_query("B", [style.setting("color", {"mode": "fixed", "fixedColor": style.CRITICAL})])
    return (
        stat_tile(
            "Critical alerts",
            "Critical alerts that fire now; they page. Unknown while Prometheus knows no partner.",
            "none",
            Query(expr=_count('severity="critical"', "", f"count(vobiz_up{{{q.SELECTED}}})"), instant=True),
            steps=((None, style.GOOD), (1, style.CRITICAL)),
            names={"0": "none"},
        ),
        stat_tile(
            "Answer rate is",
            "The verdict on the worst partner and direction, by the exporter's score: suspicious from 0.5, above 1 it "
            "pages. There is none until the exporter knows what is usual.",
            "none",
            Query(expr=q.score(), instant=True),
            steps=style.SCORE_STEPS,
            words=style.SCORE_WORDS,
            nothing=style.LEARNING,
            alert="VobizAnswerRateDrop",
        ),
        answered,
        stat_tile(
            "Calls an hour",
            "Calls booked, as an hourly rate, beside what is usual at this hour.",
            "short",
            Query(expr=f"3600 * {q.per_second('vobiz_calls_total')}", legend="now"),
            Query(expr=q.total(f"vobiz_calls_per_hour_expected{{{q.SELECTED}}}", of=q.DIRECTION), legend="usual"),
            nothing=style.LATER,
            alert="VobizNoTraffic",
        ),
        stat_tile(
            "Balance lasts",
            "How long the shortest balance lasts at the spend of the last day: orange under 72 hours, red under 24.",
            "h",
            Query(expr=q.runway(), instant=True),
            steps=RUNWAY_STEPS,
            nothing="no spend",
            alert="VobizBalanceRunwayLow",
            decimals=1,
        ),
        stat_tile(
            "Data age",
            "Since the last good poll, of the partner longest without one. When it is red, trust nothing else here.",
            "m",
            Query(expr=q.data_age(), instant=True),
            steps=AGE_STEPS,
            alert="VobizDataStale",
            decimals=0,
        ),
    )


def _count(severity: str, by: str, known: str) -> str:
    return f"count{by} ({q.firing(severity)}) or 0 * {known}"


def _partners() -> table.Panel:
    known = f"max by (partner) (vobiz_up{{{q.SELECTED}}})"
    score = q.score(q.PARTNER)
    api = f'vobiz_up{{endpoint=~"dashboard|analytics",{q.SELECTED}}}'
    queries = {
        "Alerts": _count('severity=~"critical|warning"', " by (partner)", known),
        "Answers": score,
        "Score": score,
        "Answer rate": q.answer_ratio(q.PARTNER),
        "Calls/h": f"3600 * {q.per_second('vobiz_calls_total', q.PARTNER)}",
        "Balance": q.total(f"vobiz_balance{{{q.SELECTED}}}", ("partner", "currency"), of=("currency",)),
        "Lasts": q.runway(q.PARTNER),
        "Active": q.total(f'vobiz_accounts{{status="active",{q.SELECTED}}}', q.PARTNER, of=()),
        "Data age": q.data_age(q.PARTNER),
        "API": f"min by (partner) (max by (job, partner, endpoint) ({api}))",
    }
    names = [(f"Value #{letter}", name) for letter, name in zip("ABCDEFGHIJ", queries, strict=True)]
    columns = {"partner": "Partner", **dict(names[:6]), "currency": "Currency", **dict(names[6:])}
    panel = listing(
        "Partners",
        "One row a partner: alerts that fire, the verdict on its answer rate with the score, answer rate and calls an "
        "hour, balance and how long it lasts at the last day's spend, active customer accounts, age of the data, and "
        "whether the API answers.",
        "none",
        *(Query(expr=expr) for expr in queries.values()),
        columns=columns,
        join="partner",
        width=16,
        height=14,
    )
    state = common_builders.TableSortByFieldState
    panel.sort_by([state().display_name("Alerts").desc(True), state().display_name("Score").desc(True)])
    column(panel, "Partner", link=DETAILS)
    column(panel, "Alerts", steps=(PLAIN, (1, style.CRITICAL)), names={"0": "–"}, width=65)
    column(panel, "Answers", steps=(PLAIN, *style.SCORE_STEPS[1:]), words=style.SCORE_WORDS, width=95)
    column(panel, "Score", decimals=1, width=60)
    column(panel, "Answer rate", unit="percentunit", decimals=0, width=95)
    column(panel, "Calls/h", unit="short", width=80)
    column(panel, "Balance", unit="short", decimals=1, width=85)
    column(panel, "Currency", width=80)
    column(
        panel, "Lasts", unit="h", decimals=1, steps=(*RUNWAY_STEPS[:-1], (RUNWAY_STEPS[-1][0], "transparent")), width=85
    )
    column(panel, "Active", unit="short", decimals=0, width=65)
    column(panel, "Data age", unit="m", decimals=0, steps=(PLAIN, *AGE_STEPS[1:]), width=80)
    return column(
        panel, "API", names={"0": "down", "1": "up"}, steps=((None, style.CRITICAL), (1, "transparent")), width=60
    )


def _alerts() -> table.Panel:
    state = f"ALERTS_FOR_STATE{{{q.SELECTED_ALERTS}}} and ignoring (alertstate) {q.firing()}"
    panel = listing(
        "Firing alerts",
        "What fires now, and for how many minutes its condition has held. Each name leads to the runbook.",
        "m",
        Query(expr=f"(time() - ({state})) / 60"),
        columns={
            "alertname": "Alert",
            "partner": "Partner",
            "direction": "Direction",
            "severity": "Severity",
            "Value": "Since",
        },
        width=8,
        height=14,
    )
    panel.no_value("no alert fires")
    column(panel, "Alert", link=RUNBOOKS, width=190)
    for name in ("Partner", "Direction"):
        column(panel, name, width=85)
    column(panel, "Since", unit="m", decimals=0, width=70)
    colours = {"critical": style.CRITICAL, "warning": style.WARNING}
    options = {name: {"color": colour, "index": index} for index, (name, colour) in enumerate(colours.items())}
    severity = style.setting("mappings", [{"type": "value", "options": options}])
    cells = style.setting("custom.cellOptions", {"type": "color-background", "mode": "basic"})
    return panel.override_by_name("Severity", [severity, cells, style.setting("custom.width", 80)])


def _graphs() -> tuple[timeseries.Panel, ...]:
    usual = f"max by (partner, direction) (vobiz_answer_ratio_expected{{{q.SELECTED}}})"
    usual_calls = f"max by (partner, direction) (vobiz_calls_per_hour_expected{{{q.SELECTED}}})"
    known = f"max by (partner) (vobiz_up{{{q.SELECTED}}} @ end())"
    return (
        beside(
            graph(
                "Answer rate (ASR)",
                "Answered calls / calls (RFC 6076 calls it the session establishment ratio). Dashed, where one "
                "partner is chosen: what is usual now.",
                "percentunit",
                Query(expr=q.worst(q.answer_ratio(q.DIRECTION)), legend=LEGEND),
                Query(expr=q.alone(usual), legend=LEGEND),
                maximum=1,
                worst=style.LOWEST,
                alert="VobizAnswerRateDrop",
            ),
            "B",
        ),
        graph(
            "Score of the answer rate",
            "Evidence of a drop, as the exporter judges it. Above the red line it pages; above the orange one it is "
            "suspicious, and warns after half an hour.",
            "none",
            Query(expr=q.worst(q.score(q.DIRECTION)), legend=LEGEND),
            steps=style.SCORE_STEPS,
            alert="VobizAnswerRateDrop",
            decimals=2,
        ),
        beside(
            graph(
                "Calls an hour",
                "Calls booked, each call once, as an hourly rate. Dashed, where one partner is chosen: what is usual "
                "at this hour.",
                "short",
                Query(expr=q.worst(f"3600 * {q.per_second('vobiz_calls_total', q.DIRECTION)}"), legend=LEGEND),
                Query(expr=q.alone(usual_calls), legend=LEGEND),
                alert="VobizNoTraffic",
            ),
            "B",
        ),
        graph(
            "Balance, ten shortest",
            "Wallet balance held across all customers, in the partner's currency, of the ten partners whose balance "
            "lasts shortest.",
            "short",
            Query(
                expr=f"max by (partner, currency) (vobiz_balance{{{q.SELECTED}}}) and on (partner) "
                f"bottomk(10, {q.runway(q.PARTNER, ' @ end()')} or 1e9 * {known})",
                legend="{{partner}}, {{currency}}",
            ),
            worst=style.LOWEST,
            alert="VobizBalanceRunwayShort",
            by_name=False,
        ),
    )
