"""Exporter health: can the other dashboards be trusted?"""

from __future__ import annotations

from functools import partial

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, timeseries

from grafana.generator.frame import frame
from grafana.generator.overview import AGE_STEPS
from grafana.generator.panels import CRITICAL, GOOD, WARNING, graph, listing, row, stat_tile
from grafana.generator.queries import PARTNER, RATE, SELECTED, SELECTED_JOB, Query, data_age, highest, ratio
from grafana.generator.rules import thresholds

BUILD = f"vobiz_exporter_build_info{{{SELECTED_JOB}}}"
DURATIONS = f"vobiz_api_request_duration_seconds_bucket{{{SELECTED}}}{RATE}"
ENDPOINT = ("partner", "endpoint")
ERROR_SHARE = thresholds()["api_errors_percent"] / 100

lines = partial(graph, by_name=False)
"""Graphs whose names are in no other dashboard, so that only neighbours must differ."""


def health() -> builders.Dashboard:
    """The dashboard to look at when the others seem wrong."""
    board = frame(
        "vobiz-health",
        "Vobiz / Exporter health",
        "Can the other dashboards be trusted? Outcome and age of the polls, and whether their values add up.",
        since="now-6h",
    )
    for panel in (*_tiles(), *_polls()):
        board.with_panel(panel)
    versions = listing(
        "Versions",
        "The programs that are scraped.",
        "none",
        Query(expr=f"sum by (job, instance, version, revision, python_version) ({BUILD})"),
        columns={
            "job": "Job",
            "instance": "Instance",
            "version": "Version",
            "revision": "Revision",
            "python_version": "Python",
        },
        height=5,
    )
    board.with_row(row("Do the values add up?", _trust()))
    return board.with_row(row("What the exporter uses", [*_resources(), versions]))


def _tiles() -> tuple[stat.Panel, ...]:
    return (
        stat_tile(
            "Exporter",
            "Whether Prometheus can scrape the exporter; of several, the worst.",
            "none",
            Query(
                expr=f"min(up{{{SELECTED_JOB}}} and on (job, instance) last_over_time({BUILD}[1d]))",
                instant=True,
            ),
            steps=((None, CRITICAL), (1, GOOD)),
            names={"0": "down", "1": "up"},
            alert="VobizExporterDown",
        ),
        stat_tile(
            "Failing endpoints",
            "Endpoints of the Vobiz API whose last poll failed, over all partners.",
            "none",
            Query(expr=f"count(vobiz_up{{{SELECTED}}} == 0) or 0 * count(vobiz_up{{{SELECTED}}})", instant=True),
            steps=((None, GOOD), (1, WARNING)),
            names={"0": "none"},
            alert="VobizAuthFailed",
        ),
        stat_tile(
            "Data age",
            "Since the last good poll of the partner and endpoint that is longest without one.",
            "m",
            Query(expr=data_age(), instant=True),
            steps=AGE_STEPS,
            alert="VobizDataStale",
            decimals=0,
        ),
        stat_tile(
            "Failed requests",
            "Share of requests to the Vobiz API that failed in the last half hour; of the endpoint with the most.",
            "percentunit",
            Query(expr=f"max({_failed('[30m]')})", instant=True),
            steps=((None, GOOD), (ERROR_SHARE, WARNING)),
            alert="VobizApiErrors",
            decimals=0,
        ),
        stat_tile(
            "Configuration",
            "Whether the last load of the configuration worked; if not, the previous one is still in use.",
            "none",
            Query(expr=f"min(vobiz_exporter_config_last_reload_successful{{{SELECTED_JOB}}})", instant=True),
            steps=((None, WARNING), (1, GOOD)),
            names={"0": "refused", "1": "loaded"},
            alert="VobizConfigReloadFailed",
        ),
        stat_tile(
            "State not saved",
            "Failed writes of the counters to state.path in the last hour: a restart would forget what came since.",
            "none",
            Query(expr=f"sum(increase(vobiz_exporter_state_write_failures_total{{{SELECTED_JOB}}}[1h]))", instant=True),
            steps=((None, GOOD), (1, WARNING)),
            names={"0": "none"},
            decimals=0,
        ),
    )


def _failed(window: str, at: str = "") -> str:
    by = "by (partner, endpoint)"
    return ratio(
        f'sum {by} (increase(vobiz_api_requests_total{{outcome!="success",{SELECTED}}}{window}{at}))',
        f"sum {by} (increase(vobiz_api_requests_total{{{SELECTED}}}{window}{at}))",
    )


def _polls() -> tuple[timeseries.Panel, ...]:
    return (
        lines(
            "Requests a minute, by outcome",
            "Requests to the Vobiz API.",
            "none",
            Query(
                expr=f"60 * sum by (outcome) (rate(vobiz_api_requests_total{{{SELECTED}}}{RATE})) > 0",
                legend="{{outcome}}",
            ),
            alert="VobizApiErrors",
            stacked=True,
        ),
        lines(
            "Failed requests",
            "Share of requests to the Vobiz API that failed in 30 minutes. Above the line for 15 minutes it warns.",
            "percentunit",
            Query(expr=highest(_failed("[30m]", "{at}"), ENDPOINT), legend="{{partner}} {{endpoint}}"),
            steps=((None, GOOD), (ERROR_SHARE, WARNING)),
            alert="VobizApiErrors",
            maximum=1,
        ),
        lines(
            "Data age",
            "Since the last good poll of either endpoint, of the ten partners longest without one. Above the line it "
            "pages (or above five poll intervals).",
            "m",
            Query(expr=highest(data_age(PARTNER, "{at}"), PARTNER), legend="{{partner}}"),
            steps=AGE_STEPS,
            decimals=1,
            alert="VobizDataStale",
        ),
        lines(
            "How long requests take",
            "Half of the requests took less than p50, nineteen in twenty less than p95. Failed ones are included.",
            "s",
            *(
                Query(
                    expr=f"histogram_quantile({quantile}, sum by (le, endpoint) (rate({DURATIONS})))",
                    legend=f"{{{{endpoint}}}}, {name}",
                )
                for quantile, name in ((0.5, "p50"), (0.95, "p95"))
            ),
        ),
    )


def _trust() -> tuple[timeseries.Panel, ...]:
    return (
        lines(
            "Contradictions",
            "1 where the API's own sums contradict each other: directions, products or days that do not add up.",
            "none",
            Query(
                expr=highest(
                    f"max by (partner, check) (vobiz_reconciliation_mismatch{{{SELECTED}}}{{at}})", ("partner", "check")
                ),
                legend="{{partner}} {{check}}",
            ),
        ),
        lines(
            "Unreadable fields",
            "Fields of the last answer that were missing or unreadable. The others still count; the log names these.",
            "none",
            Query(
                expr=highest(f"max by (partner, endpoint) (vobiz_unreadable_fields{{{SELECTED}}}{{at}})", ENDPOINT),
                legend="{{partner}} {{endpoint}}",
            ),
            alert="VobizFieldsUnreadable",
        ),
        lines(
            "Corrections an hour",
            "Polls in which the API lowered a value it had already given. The counters do not go down with it.",
            "none",
            Query(
                expr=highest(f"sum by (partner) (increase(vobiz_corrections_total{{{SELECTED}}}[1h]{{at}}))", PARTNER),
                legend="{{partner}}",
            ),
        ),
        lines(
            "Polls missed an hour",
            "Polls left out because the previous one had not ended, or the exporter had no time for them.",
            "none",
            Query(
                expr=highest(f"sum by (partner) (increase(vobiz_polls_missed_total{{{SELECTED}}}[1h]{{at}}))", PARTNER),
                legend="{{partner}}",
            ),
            alert="VobizPollsMissed",
        ),
        lines(
            "Age of each period",
            "Since the roll-up was fetched. Slower periods are fetched less often on purpose.",
            "s",
            Query(
                expr=f"max by (period) (time() - vobiz_period_last_success_timestamp_seconds{{{SELECTED}}})",
                legend="{{period}}",
            ),
        ),
        lines(
            "Poll interval",
            "Seconds between polls, as configured.",
            "s",
            Query(
                expr=highest(f"max by (partner) (vobiz_poll_interval_seconds{{{SELECTED}}}{{at}})", PARTNER),
                legend="{{partner}}",
            ),
        ),
    )


def _resources() -> tuple[timeseries.Panel, ...]:
    return (
        lines(
            "CPU",
            "Share of one core that the exporter uses.",
            "percentunit",
            Query(expr=f"rate(process_cpu_seconds_total{{{SELECTED_JOB}}}{RATE})", legend="{{instance}}"),
            width=6,
        ),
        lines(
            "Memory",
            "Resident memory of the exporter.",
            "bytes",
            Query(expr=f"process_resident_memory_bytes{{{SELECTED_JOB}}}", legend="{{instance}}"),
            width=6,
        ),
        lines(
            "How late polls start",
            "One poll in a hundred starts this late or later. Above a second the exporter is short of time.",
            "s",
            Query(
                expr="histogram_quantile(0.99, sum by (le, instance) "
                f"(rate(vobiz_poll_lateness_seconds_bucket{{{SELECTED_JOB}}}{RATE})))",
                legend="{{instance}}",
            ),
            alert="VobizPollsMissed",
            width=6,
        ),
        lines(
            "Scrape",
            "How long Prometheus takes to scrape it.",
            "s",
            Query(expr=f"scrape_duration_seconds{{{SELECTED_JOB}}}", legend="{{instance}}"),
            width=6,
        ),
    )
