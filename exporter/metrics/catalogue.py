"""Every metric that this program makes itself: name as exposed, type, labels, help.

The single source for the page, the reference in the documentation, and the checks of rules and dashboards.
``process_*`` and ``python_*`` come from the client library.
"""

from __future__ import annotations

from exporter.metrics.catalogue_extras import EXTRAS
from exporter.metrics.catalogue_judgement import JUDGEMENT
from exporter.metrics.metric import Metric, counter, gauge

_DASHBOARD = "From /dashboard, as old as the last good poll."
_ROLLUP = "A roll-up as the API states it (30d: /dashboard, others: /analytics), as old as its last good poll."
_ONCE = "Each call once, whatever the API corrects or books late."
_TAKEN_BACK = "the API has withdrawn since: the counter less this is what it says today."

POLLING = (
    gauge("vobiz_up", "partner endpoint", "1 if the last poll of this endpoint of the Vobiz API worked, 0 if not."),
    gauge(
        "vobiz_last_success_timestamp_seconds",
        "partner endpoint",
        "When the last good poll of this endpoint was, by the exporter's clock.",
    ),
    gauge("vobiz_poll_interval_seconds", "partner", "Seconds between polls, as configured."),
    gauge(
        "vobiz_unreadable_fields",
        "partner endpoint",
        "Fields of the last answer that were missing or unreadable; their values are left out, the others count.",
    ),
)

ACCOUNT = (
    gauge(
        "vobiz_balance",
        "partner currency",
        f"Wallet balance held across all customers, total_balance. {_DASHBOARD}",
        "total_balance",
    ),
    gauge(
        "vobiz_accounts",
        "partner status",
        f"Active and inactive customer accounts. {_DASHBOARD}",
        "accounts.active accounts.total",
    ),
    gauge(
        "vobiz_accounts_limit",
        "partner",
        f"Customer accounts that the partner may have, max_accounts. {_DASHBOARD}",
        "partner.max_accounts",
    ),
    gauge(
        "vobiz_partner_info",
        "partner auth_id slug currency billing_model",
        f"The partner, always 1. {_DASHBOARD}",
        "partner.auth_id partner.slug currency partner.billing_model",
    ),
)

PERIODS = (
    gauge(
        "vobiz_period_calls",
        "partner period direction",
        f"Inbound and outbound calls of a period. {_ROLLUP}",
        "traffic.*.total_calls",
    ),
    gauge(
        "vobiz_period_answered_calls",
        "partner period direction",
        f"Answered inbound and outbound calls of a period. {_ROLLUP}",
        "traffic.*.answered_calls",
    ),
    gauge(
        "vobiz_period_minutes",
        "partner period direction",
        f"Inbound and outbound minutes of a period, in minutes as Vobiz bills them. {_ROLLUP}",
        "traffic.*.total_minutes",
    ),
    gauge(
        "vobiz_period_cost",
        "partner period direction currency",
        f"Cost of the calls of a period. {_ROLLUP}",
        "traffic.*.total_cost",
    ),
    gauge(
        "vobiz_period_answer_ratio",
        "partner period direction",
        f"Answer rate of a period: answered calls / calls, 0 to 1; absent without calls. {_ROLLUP}",
        "traffic.*.answered_calls traffic.*.total_calls",
    ),
    gauge(
        "vobiz_period_product_calls",
        "partner period product",
        f"Calls of a period by product. {_ROLLUP}",
        "by_product.*.total_calls",
    ),
    gauge(
        "vobiz_period_product_answered_calls",
        "partner period product",
        f"Answered calls of a period by product. {_ROLLUP}",
        "by_product.*.answered_calls",
    ),
    gauge(
        "vobiz_period_product_minutes",
        "partner period product",
        f"Minutes of a period by product. {_ROLLUP}",
        "by_product.*.total_minutes",
    ),
    gauge(
        "vobiz_period_product_cost",
        "partner period product currency",
        f"Cost of the calls of a period by product. {_ROLLUP}",
        "by_product.*.total_cost",
    ),
    gauge(
        "vobiz_period_product_answer_ratio",
        "partner period product",
        f"Answer rate of a period by product, 0 to 1; absent without calls. {_ROLLUP}",
        "by_product.*.answered_calls by_product.*.total_calls",
    ),
    gauge(
        "vobiz_period_start_timestamp_seconds",
        "partner period",
        "First day of the period as the API states it, midnight UTC of that date.",
        "period.from",
    ),
    gauge(
        "vobiz_period_end_timestamp_seconds",
        "partner period",
        "Last day of the period, which is included, as the API states it, midnight UTC of that date.",
        "period.to",
    ),
    gauge(
        "vobiz_period_last_success_timestamp_seconds",
        "partner period",
        "When the values of this period were fetched, by the exporter's clock; slower periods are older.",
    ),
)

COUNTERS = (
    counter(
        "vobiz_calls_total",
        "partner direction",
        f"Inbound and outbound calls booked. {_ONCE}",
        "time_series[].*.total_calls",
    ),
    counter(
        "vobiz_answered_calls_total",
        "partner direction",
        f"Answered calls booked. {_ONCE}",
        "time_series[].*.answered_calls",
    ),
    counter(
        "vobiz_call_seconds_total",
        "partner direction",
        f"Seconds talked, total_minutes * 60. {_ONCE}",
        "time_series[].*.total_minutes",
    ),
    counter("vobiz_cost_total", "partner currency", f"Cost of all calls. {_ONCE}", "time_series[].total_cost"),
    counter(
        "vobiz_product_calls_total", "partner product", f"Calls booked by product. {_ONCE}", "by_product.*.total_calls"
    ),
    counter(
        "vobiz_product_answered_calls_total",
        "partner product",
        f"Answered calls booked by product. {_ONCE}",
        "by_product.*.answered_calls",
    ),
    counter(
        "vobiz_product_call_seconds_total",
        "partner product",
        f"Seconds talked by product. {_ONCE}",
        "by_product.*.total_minutes",
    ),
    counter(
        "vobiz_product_cost_total",
        "partner product currency",
        f"Cost of calls by product. {_ONCE}",
        "by_product.*.total_cost",
    ),
    counter("vobiz_corrections_total", "partner", "Polls in which the API lowered a value it had already given."),
    counter(
        "vobiz_days_lost_total",
        "partner",
        "Days that the API could no longer show when they were asked for: not counted.",
    ),
    gauge("vobiz_calls_taken_back", "partner direction", f"Calls of vobiz_calls_total that {_TAKEN_BACK}"),
    gauge(
        "vobiz_answered_calls_taken_back",
        "partner direction",
        f"Answered calls of vobiz_answered_calls_total that {_TAKEN_BACK}",
    ),
    gauge(
        "vobiz_call_seconds_taken_back", "partner direction", f"Seconds of vobiz_call_seconds_total that {_TAKEN_BACK}"
    ),
    gauge("vobiz_cost_taken_back", "partner currency", f"Cost in vobiz_cost_total that {_TAKEN_BACK}"),
    gauge(
        "vobiz_product_calls_taken_back", "partner product", f"Calls of vobiz_product_calls_total that {_TAKEN_BACK}"
    ),
    gauge(
        "vobiz_product_answered_calls_taken_back",
        "partner product",
        f"Answered calls of vobiz_product_answered_calls_total that {_TAKEN_BACK}",
    ),
    gauge(
        "vobiz_product_call_seconds_taken_back",
        "partner product",
        f"Seconds of vobiz_product_call_seconds_total that {_TAKEN_BACK}",
    ),
    gauge(
        "vobiz_product_cost_taken_back",
        "partner product currency",
        f"Cost in vobiz_product_cost_total that {_TAKEN_BACK}",
    ),
)

EXPORTER = (
    counter("vobiz_api_requests_total", "partner endpoint outcome", "Requests to the Vobiz API by outcome."),
    Metric(
        name="vobiz_api_request_duration_seconds",
        kind="histogram",
        help="How long requests to the Vobiz API took, failed ones included.",
        labels=("partner", "endpoint"),
    ),
    counter(
        "vobiz_polls_missed_total",
        "partner",
        "Polls left out because the previous one had not ended, or the exporter had no time for them.",
    ),
    Metric(
        name="vobiz_poll_lateness_seconds",
        kind="histogram",
        help="How long after their time polls started, of all partners: whether the exporter keeps up.",
    ),
    counter("vobiz_exporter_state_write_failures_total", "", "Times the counters could not be saved to state.path."),
    gauge("vobiz_exporter_build_info", "version revision python_version", "The running program, always 1."),
    gauge(
        "vobiz_exporter_config_last_reload_successful",
        "",
        "1 if the last load of the configuration worked, 0 if it was bad and the previous one is still in use.",
    ),
    gauge(
        "vobiz_exporter_config_last_reload_success_timestamp_seconds",
        "",
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
"""What a page shows of the snapshots."""

CATALOGUE = (*SNAPSHOT, *EXPORTER)


def metric_named(name: str) -> Metric:
    """The metric of the catalogue with this name. Raises KeyError if there is none."""
    return _BY_NAME[name]


_BY_NAME = {metric.name: metric for metric in CATALOGUE}
