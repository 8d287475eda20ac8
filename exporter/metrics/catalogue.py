"""Every metric that this program makes itself: name as exposed, type, labels, help.

The single source for the exposition, the reference in the documentation, and the checks of rules and dashboards.
``process_*`` and ``python_*`` come from the client library.
"""

from __future__ import annotations

from exporter.metrics.catalogue_extras import EXTRAS
from exporter.metrics.metric import counter, gauge, histogram

_DASHBOARD = "From /dashboard, as old as the last good poll."
_ROLLUP = "A roll-up as the API states it (30d: /dashboard, others: /analytics), as old as its last good poll."
_ONCE = "Each call once, whatever the API corrects or books late."
_SCORE = "Above 1 pages; absent until there is enough to compare with."
_SUSPICION = "since the present suspicion of a dropped answer rate began; absent without one."

_PARTS = (
    ("", "direction", "inbound and outbound", "traffic.*", "time_series[].*"),
    ("product_", "product", "by product", "by_product.*", "by_product.*"),
)
"""What calls are split by: part of the names, label, words, and the fields in a roll-up and in the rows of days."""

_OF_PERIOD = (
    ("calls", "", "Calls of a period, {}", "total_calls"),
    ("answered_calls", "", "Answered calls of a period, {}", "answered_calls"),
    ("minutes", "", "Minutes of a period, {}, as Vobiz bills them", "total_minutes"),
    ("cost", "currency", "Cost of the calls of a period, {}", "total_cost"),
    ("answer_ratio", "", "Answer rate of a period, {}, 0 to 1; absent without calls", "answered_calls total_calls"),
)
_BOOKED = (
    ("calls", "Calls booked", "total_calls"),
    ("answered_calls", "Answered calls booked", "answered_calls"),
    ("call_seconds", "Seconds talked", "total_minutes"),
)

POLLING = (
    gauge("vobiz_up{partner endpoint}", "1 if the last poll of this endpoint of the Vobiz API worked, 0 if not."),
    gauge(
        "vobiz_last_success_timestamp_seconds{partner endpoint}",
        "When the last good poll of this endpoint was, by the exporter's clock.",
    ),
    gauge("vobiz_poll_interval_seconds{partner}", "Seconds between polls, as configured."),
    gauge(
        "vobiz_unreadable_fields{partner endpoint}",
        "Fields of the last answer that were missing or unreadable; their values are left out, the others count.",
    ),
)

ACCOUNT = (
    gauge(
        "vobiz_balance{partner currency}",
        f"Wallet balance held across all customers, total_balance. {_DASHBOARD}",
        "total_balance",
    ),
    gauge(
        "vobiz_accounts{partner status}",
        f"Active and inactive customer accounts. {_DASHBOARD}",
        "accounts.active accounts.total",
    ),
    gauge(
        "vobiz_accounts_limit{partner}",
        f"Customer accounts that the partner may have, max_accounts. {_DASHBOARD}",
        "partner.max_accounts",
    ),
    gauge(
        "vobiz_partner_info{partner auth_id slug currency billing_model}",
        f"The partner, always 1. {_DASHBOARD}",
        "partner.auth_id partner.slug currency partner.billing_model",
    ),
)

PERIODS = (
    *(
        gauge(
            f"vobiz_period_{part}{name}{{partner period {label} {more}}}",
            f"{text.format(split)}. {_ROLLUP}",
            " ".join(f"{section}.{field}" for field in fields.split()),
        )
        for part, label, split, section, _ in _PARTS
        for name, more, text, fields in _OF_PERIOD
    ),
    gauge(
        "vobiz_period_start_timestamp_seconds{partner period}",
        "First day of the period as the API states it, midnight UTC of that date.",
        "period.from",
    ),
    gauge(
        "vobiz_period_end_timestamp_seconds{partner period}",
        "Last day of the period, which is included, as the API states it, midnight UTC of that date.",
        "period.to",
    ),
    gauge(
        "vobiz_period_last_success_timestamp_seconds{partner period}",
        "When the values of this period were fetched, by the exporter's clock; slower periods are older.",
    ),
)

_COUNTED = tuple(
    metric
    for part, label, split, _, rows in _PARTS
    for metric in (
        *(
            counter(f"vobiz_{part}{name}_total{{partner {label}}}", f"{text}, {split}. {_ONCE}", f"{rows}.{field}")
            for name, text, field in _BOOKED
        ),
        counter(
            f"vobiz_{part}cost_total{{partner {label if part else ''} currency}}",
            f"Cost of calls, {split if part else 'all together'}. {_ONCE}",
            "by_product.*.total_cost" if part else "time_series[].total_cost",
        ),
    )
)

COUNTERS = (
    *_COUNTED,
    counter("vobiz_corrections_total{partner}", "Polls in which the API lowered a value it had already given."),
    counter(
        "vobiz_days_lost_total{partner}",
        "Days that the API could no longer show when they were asked for: not counted.",
    ),
    *(
        gauge(
            f"{metric.name.removesuffix('_total')}_taken_back{{{' '.join(metric.labels)}}}",
            f"What of {metric.name} the API has withdrawn since: the counter less this is what it says today.",
        )
        for metric in _COUNTED
    ),
)

JUDGEMENT = (
    gauge(
        "vobiz_answer_drop_score{partner direction}",
        f"Evidence that the answer rate has dropped, as a share of what pages. {_SCORE}",
    ),
    gauge(
        "vobiz_product_answer_drop_score{partner product}",
        f"Evidence that the answer rate of a product has dropped, as a share of what pages. {_SCORE}",
    ),
    gauge(
        "vobiz_answer_drop_start_timestamp_seconds{partner direction}",
        "When the present suspicion of a dropped answer rate began, by the exporter's clock; absent without one.",
    ),
    gauge("vobiz_answer_drop_calls{partner direction}", f"Calls booked {_SUSPICION}"),
    gauge("vobiz_answer_drop_answered_calls{partner direction}", f"Answered calls booked {_SUSPICION}"),
    gauge("vobiz_answer_ratio_expected{partner direction}", "Answer rate that is usual now, 0 to 1."),
    gauge("vobiz_calls_per_hour_expected{partner direction}", "Calls an hour that can be counted on at this hour."),
    gauge("vobiz_cost_per_hour_expected{partner currency}", "Cost an hour that is usual at this hour."),
    gauge(
        "vobiz_traffic_drop_score{partner direction}",
        f"Evidence that calls have stopped or become few. {_SCORE} From 0.5 on it is worth a look.",
    ),
    gauge("vobiz_spend_spike_score{partner currency}", f"Evidence of a spend like that of fraud. {_SCORE}"),
    gauge(
        "vobiz_minutes_spike_score{partner direction}", f"Evidence of outbound minutes like those of fraud. {_SCORE}"
    ),
    gauge(
        "vobiz_answer_ratio_baseline{partner direction}",
        f"Usual answer rate, 0 to 1: median of the last 14 complete days' ratios. {_DASHBOARD}",
        "time_series[].*.answered_calls time_series[].*.total_calls",
    ),
    gauge(
        "vobiz_calls_per_day_baseline{partner direction}",
        f"Usual calls a day: mean of the last 14 complete days. {_DASHBOARD}",
        "time_series[].*.total_calls",
    ),
    gauge(
        "vobiz_reconciliation_mismatch{partner check}",
        "1 if the API's own values contradict each other in this respect, 0 if they agree.",
    ),
    gauge("vobiz_alert_threshold{partner alert}", "Thresholds of the alert rules, from alerts in the configuration."),
)

EXPORTER = (
    counter("vobiz_api_requests_total{partner endpoint outcome}", "Requests to the Vobiz API by outcome."),
    histogram(
        "vobiz_api_request_duration_seconds{partner endpoint}",
        "How long requests to the Vobiz API took, failed ones included.",
    ),
    counter(
        "vobiz_polls_missed_total{partner}",
        "Polls left out because the previous one had not ended, or the exporter had no time for them.",
    ),
    histogram(
        "vobiz_poll_lateness_seconds",
        "How long after their time polls started, of all partners: whether the exporter keeps up.",
    ),
    counter("vobiz_exporter_state_write_failures_total", "Times the counters could not be saved to state.path."),
    gauge("vobiz_exporter_build_info{version revision python_version}", "The running program, always 1."),
    gauge(
        "vobiz_exporter_config_last_reload_successful",
        "1 if the last load of the configuration worked, 0 if it was bad and the previous one is still in use.",
    ),
    gauge(
        "vobiz_exporter_config_last_reload_success_timestamp_seconds",
        "When the configuration was last loaded with success, by the exporter's clock.",
    ),
)

GROUPS = {
    "polling": POLLING,
    "account": ACCOUNT,
    "extras": EXTRAS,
    "periods": PERIODS,
    "counters": COUNTERS,
    "judgement": JUDGEMENT,
    "exporter": EXPORTER,
}
"""What docs/metrics.md shows as one table each."""

SNAPSHOT = (*POLLING, *ACCOUNT, *EXTRAS, *PERIODS, *COUNTERS, *JUDGEMENT)
"""What a scrape shows of the snapshots."""

CATALOGUE = (*SNAPSHOT, *EXPORTER)

METRICS = {metric.name: metric for metric in CATALOGUE}
"""By name."""
