"""Overview: is it all right? One screen, for whoever is on duty and for a wall."""

from __future__ import annotations

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.models import dashboard

from grafana.generator import figures
from grafana.generator.frame import frame
from grafana.generator.panels import CRITICAL, GOOD, WARNING, column, dashed, graph, listing, stat_tile
from grafana.generator.queries import SELECTED, SELECTED_ALERTS, Query, firing
from grafana.generator.wallets import wallets

DETAILS = (
    "/d/vobiz-traffic?${datasource:queryparam}&${job:queryparam}"
    "&var-partner=${__data.fields.Partner}&${__url_time_range}"
)
LANE = " by (partner, direction)"
PARTNER = " by (partner)"
PLAIN = (None, "transparent")


def overview() -> builders.Dashboard:
    """The first dashboard to look at."""
    board = frame(
        "vobiz-overview",
        "Vobiz / Overview",
        "Is it all right? Red wakes someone, orange can wait, grey is unknown. A click on a partner shows its traffic.",
        since="now-6h",
    )
    for tile in _tiles():
        board.with_panel(tile)
    board.with_panel(_partners()).with_panel(_alerts())
    for panel in (
        dashed(
            graph(
                "Answer rate, last 15 minutes",
                "Share of calls that were answered (ASR). Dashed: what is usual at this hour.",
                "percentunit",
                Query(expr=figures.answer_ratio(LANE), legend="{{partner}} {{direction}}"),
                Query(expr=figures.usual_answer_ratio(LANE), legend="{{partner}} {{direction}}, usual"),
                maximum=1,
                height=7,
            ),
            "B",
        ),
        graph(
            "Drop score of the answer rate",
            "How strongly the calls of the last minutes and hours speak for a drop. Above the red line it pages, "
            "above the orange one for half an hour it warns.",
            "none",
            Query(expr=figures.score(LANE), legend="{{partner}} {{direction}}"),
            steps=figures.SCORE_STEPS,
            alert="VobizAnswerRateDrop",
            height=7,
        ),
        dashed(
            graph(
                "Calls a minute",
                "Calls booked a minute, each call once. Dashed: what is usual at this hour.",
                "none",
                Query(expr=figures.calls_a_minute(LANE), legend="{{partner}} {{direction}}"),
                Query(expr=figures.usual_calls_a_minute(LANE), legend="{{partner}} {{direction}}, usual"),
                alert="VobizNoTraffic",
                height=7,
            ),
            "B",
        ),
        graph(
            "Balance",
            "Wallet balance held across all customers, in the partner's currency.",
            "short",
            Query(expr=f"sum by (partner, currency) (vobiz_balance{{{SELECTED}}})", legend="{{partner}}, {{currency}}"),
            alert="VobizBalanceRunwayShort",
            height=7,
        ),
    ):
        board.with_panel(panel)
    return board.with_row(wallets())


def _tiles() -> tuple[stat.Panel, ...]:
    return (
        stat_tile(
            "Critical alerts",
            "Critical alerts that fire now; they page. Unknown while Prometheus knows no partner.",
            "none",
            Query(expr=_count('severity="critical"', "", "count(vobiz:partner{" + SELECTED + "})"), instant=True),
            steps=((None, GOOD), (1, CRITICAL)),
            names={"0": "none"},
        ),
        stat_tile(
            "Answer rate",
            "Share of calls answered in the last 15 minutes, directions together, beside what is usual at this hour.",
            "percentunit",
            Query(expr=figures.answer_ratio(), legend="now"),
            Query(expr=figures.usual_answer_ratio(), legend="usual"),
            alert="VobizAnswerRateDrop",
            width=5,
            decimals=0,
        ),
        stat_tile(
            "Drop score",
            "The highest drop score of all partners and directions. Red pages, orange warns; the colours change at the "
            "thresholds that hold where the configuration sets none.",
            "none",
            Query(expr=figures.score(), instant=True),
            steps=figures.SCORE_STEPS,
            alert="VobizAnswerRateDrop",
            width=3,
            decimals=1,
        ),
        stat_tile(
            "Calls a minute",
            "Calls booked a minute, all directions together, beside what is usual at this hour.",
            "none",
            Query(expr=figures.calls_a_minute(), legend="now"),
            Query(expr=figures.usual_calls_a_minute(), legend="usual"),
            alert="VobizNoTraffic",
            width=5,
            decimals=0,
        ),
        stat_tile(
            "Balance lasts",
            "How long the shortest balance lasts at the spend of the last day: orange under 72 hours, red under 24.",
            "h",
            Query(expr=figures.runway(), instant=True),
            steps=figures.RUNWAY_STEPS,
            alert="VobizBalanceRunwayLow",
            decimals=1,
        ),
        stat_tile(
            "Data age",
            "Since the last good poll, of the partner longest without one. When it is red, trust no other figure.",
            "s",
            Query(expr=figures.data_age(), instant=True),
            steps=figures.AGE_STEPS,
            alert="VobizDataStale",
            width=3,
            decimals=0,
        ),
    )


def _count(severity: str, by: str, known: str) -> str:
    return f"count{by} ({firing(severity)}) or 0 * {known}"


def _partners() -> table.Panel:
    columns = {
        "Alerts": _count('severity=~"critical|warning"', PARTNER, f"max by (partner) (vobiz:partner{{{SELECTED}}})"),
        "Score": figures.score(PARTNER),
        "Answer rate": figures.answer_ratio(PARTNER),
        "Usual": figures.usual_answer_ratio(PARTNER),
        "Calls/min": figures.calls_a_minute(PARTNER),
        "Balance": f"sum by (partner, currency) (vobiz_balance{{{SELECTED}}})",
        "Lasts": figures.runway(PARTNER),
        "Active": f'sum by (partner) (vobiz_accounts{{status="active",{SELECTED}}})',
        "Data age": figures.data_age(PARTNER),
    }
    panel = listing(
        "Partners",
        "One row a partner: alerts that fire, drop score, answer rate of 15 minutes and what is usual, calls a minute, "
        "balance and how long it lasts at the last day's spend, active customer accounts, age of the data.",
        "none",
        *(Query(expr=expr) for expr in columns.values()),
        width=15,
        height=6,
    )
    letters = {f"Value #{letter}": name for letter, name in zip("ABCDEFGHI", columns, strict=True)}
    order = ["partner", *list(letters)[:6], "currency", *list(letters)[6:]]
    panel.with_transformation(_transformation("joinByField", {"byField": "partner", "mode": "outer"}))
    panel.with_transformation(
        _transformation(
            "organize",
            {
                "excludeByName": {"Time": True, **{f"Time {number}": True for number in range(1, len(columns) + 1)}},
                "indexByName": {name: index for index, name in enumerate(order)},
                "renameByName": {"partner": "Partner", "currency": "Currency", **letters},
            },
        )
    )
    panel.sort_by([common_builders.TableSortByFieldState().display_name("Alerts").desc(True)])
    column(panel, "Partner", link=DETAILS, width=150)
    column(panel, "Alerts", steps=(PLAIN, (1, CRITICAL)), width=65)
    column(panel, "Score", decimals=1, steps=(PLAIN, *figures.SCORE_STEPS[1:]), width=65)
    column(panel, "Answer rate", unit="percentunit", decimals=0, width=100)
    column(panel, "Usual", unit="percentunit", decimals=0, width=65)
    column(panel, "Calls/min", decimals=0, width=85)
    column(panel, "Balance", unit="short", decimals=1, width=85)
    column(panel, "Currency", width=80)
    runway = (*figures.RUNWAY_STEPS[:-1], (figures.RUNWAY_STEPS[-1][0], "transparent"))
    column(panel, "Lasts", unit="h", decimals=1, steps=runway, width=95)
    column(panel, "Active", unit="short", decimals=0, width=70)
    return column(panel, "Data age", unit="s", decimals=0, steps=(PLAIN, *figures.AGE_STEPS[1:]), width=85)


def _alerts() -> table.Panel:
    state = f"ALERTS_FOR_STATE{{{SELECTED_ALERTS}}} and ignoring (alertstate) {firing()}"
    panel = listing(
        "Firing alerts",
        "What fires now, and for how long its condition has held. Each name leads to the runbook.",
        "s",
        Query(expr=f"time() - ({state})"),
        width=9,
        height=6,
    )
    panel.with_transformation(
        _transformation(
            "organize",
            {
                "excludeByName": dict.fromkeys(
                    ("Time", "__name__", "job", "instance", "page", "paging", "currency", "endpoint"), True
                ),
                "indexByName": {"alertname": 0, "partner": 1, "direction": 2, "severity": 3, "Value": 4},
                "renameByName": {
                    "alertname": "Alert",
                    "partner": "Partner",
                    "direction": "Direction",
                    "severity": "Severity",
                    "Value": "Since",
                },
            },
        )
    )
    panel.no_value("no alert fires")
    runbooks = "https://github.com/vobiz-exporter/vobiz-exporter/blob/main/docs/runbooks/${__value.text}.md"
    column(panel, "Alert", link=runbooks, width=200)
    for name in ("Partner", "Direction", "Severity"):
        column(panel, name, width=95)
    column(panel, "Since", unit="s", decimals=0, width=80)
    return panel.override_by_name("Severity", [_severity_colours(), _coloured_text()])


def _severity_colours() -> dashboard.DynamicConfigValue:
    colours = {"critical": CRITICAL, "warning": WARNING}
    options = {name: {"color": colour, "index": index} for index, (name, colour) in enumerate(colours.items())}
    return dashboard.DynamicConfigValue(id_val="mappings", value=[{"type": "value", "options": options}])


def _coloured_text() -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(
        id_val="custom.cellOptions", value={"type": "color-background", "mode": "basic"}
    )


def _transformation(name: str, options: dict[str, object]) -> dashboard.DataTransformerConfig:
    return dashboard.DataTransformerConfig(id_val=name, options=options)
