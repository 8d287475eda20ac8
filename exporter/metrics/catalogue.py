"""Every metric that this program makes itself: name as exposed, type, labels, help.

The single source for the page, the reference in the documentation, and the checks of rules and dashboards.
``process_*`` and ``python_*`` come from the client library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "histogram"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. ``labels`` in the order that values are given in.

    ``fields`` are those of the API's answer that it is made of, by their paths; ``*`` stands for a label's values.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


def _gauge(name: str, labels: str, text: str, fields: str = "") -> Metric:
    return Metric(name=name, kind="gauge", help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))


def _counter(name: str, labels: str, text: str, fields: str = "") -> Metric:
    return Metric(name=name, kind="counter", help=text, labels=tuple(labels.split()), fields=tuple(fields.split()))


_DASHBOARD = "From /dashboard, as old as the last good poll."
_ROLLUP = "A roll-up as the API states it (30d: /dashboard, others: /analytics), as old as its last good poll."
_ONCE = "Each call once, whatever the API corrects or books late."

POLLING = (
    _gauge("vobiz_up", "partner endpoint", "1 if the last poll of this endpoint of the Vobiz API worked, 0 if not."),
    _gauge(
        "vobiz_last_success_timestamp_seconds",
        "partner endpoint",
        "When the last good poll of this endpoint was, by the exporter's clock.",
    ),
    _gauge("vobiz_poll_interval_seconds", "partner", "Seconds between polls, as configured."),
    _gauge(
        "vobiz_unreadable_fields",
        "partner endpoint",
        "Fields of the last answer that were missing or unreadable; their figures are left out, the others count.",
    ),
)

ACCOUNT = (
    _gauge(
        "vobiz_balance",
        "partner currency",
        f"Wallet balance held across all customers, total_balance. {_DASHBOARD}",
        "total_balance",
    ),
    _gauge(
        "vobiz_accounts",
        "partner status",
        f"Active and inactive customer accounts. {_DASHBOARD}",
        "accounts.active accounts.total",
    ),
    _gauge(
        "vobiz_accounts_limit",
        "partner",
        f"Customer accounts that the partner may have, max_accounts. {_DASHBOARD}",
        "partner.max_accounts",
    ),
    _gauge(
        "vobiz_partner_info",
        "partner auth_id slug currency billing_model",
        f"The partner, always 1. {_DASHBOARD}",
        "partner.auth_id partner.slug currency partner.billing_model",
    ),
)

PERIODS = (
    _gauge(
        "vobiz_period_calls",
        "partner period direction",
        f"Inbound and outbound calls of a period. {_ROLLUP}",
        "traffic.*.total_calls",
    ),
    _gauge(
        "vobiz_period_answered_calls",
        "partner period direction",
        f"Answered inbound and outbound calls of a period. {_ROLLUP}",
        "traffic.*.answered_calls",
    ),
    _gauge(
        "vobiz_period_minutes",
        "partner period direction",
        f"Inbound and outbound minutes of a period, in minutes as Vobiz bills them. {_ROLLUP}",
        "traffic.*.total_minutes",
    ),
    _gauge(
        "vobiz_period_cost",
        "partner period direction currency",
        f"Cost of the calls of a period. {_ROLLUP}",
        "traffic.*.total_cost",
    ),
    _gauge(
        "vobiz_period_answer_ratio",
        "partner period direction",
        f"Answer rate of a period: answered calls / calls, 0 to 1; absent without calls. {_ROLLUP}",
        "traffic.*.answered_calls traffic.*.total_calls",
    ),
    _gauge(
        "vobiz_period_product_calls",
        "partner period product",
        f"Calls of a period by product. {_ROLLUP}",
        "by_product.*.total_calls",
    ),
    _gauge(
        "vobiz_period_product_answered_calls",
        "partner period product",
        f"Answered calls of a period by product. {_ROLLUP}",
        "by_product.*.answered_calls",
    ),
    _gauge(
        "vobiz_period_product_minutes",
        "partner period product",
        f"Minutes of a period by product. {_ROLLUP}",
        "by_product.*.total_minutes",
    ),
    _gauge(
        "vobiz_period_product_cost",
        "partner period product currency",
        f"Cost of the calls of a period by product. {_ROLLUP}",
        "by_product.*.total_cost",
    ),
    _gauge(
        "vobiz_period_product_answer_ratio",
        "partner period product",
        f"Answer rate of a period by product, 0 to 1; absent without calls. {_ROLLUP}",
        "by_product.*.answered_calls by_product.*.total_calls",
    ),
    _gauge(
        "vobiz_period_start_timestamp_seconds",
        "partner period",
        "First day of the period as the API states it, midnight UTC of that date.",
        "period.from",
    ),
    _gauge(
        "vobiz_period_end_timestamp_seconds",
        "partner period",
        "Last day of the period, which is included, as the API states it, midnight UTC of that date.",
        "period.to",
    ),
    _gauge(
        "vobiz_period_last_success_timestamp_seconds",
        "partner period",
        "When the figures of this period were fetched, by the exporter's clock; slower periods are older.",
    ),
)

COUNTERS = (
    _counter(
        "vobiz_calls_total",
        "partner direction",
        f"Inbound and outbound calls booked. {_ONCE}",
        "time_series[].*.total_calls",
    ),
    _counter(
        "vobiz_answered_calls_total",
        "partner direction",
        f"Answered calls booked. {_ONCE}",
        "time_series[].*.answered_calls",
    ),
    _counter(
        "vobiz_call_seconds_total",
        "partner direction",
        f"Seconds talked, total_minutes * 60. {_ONCE}",
        "time_series[].*.total_minutes",
    ),
    _counter("vobiz_cost_total", "partner currency", f"Cost of all calls. {_ONCE}", "time_series[].total_cost"),
    _counter(
        "vobiz_product_calls_total", "partner product", f"Calls booked by product. {_ONCE}", "by_product.*.total_calls"
    ),
    _counter(
        "vobiz_product_answered_calls_total",
        "partner product",
        f"Answered calls booked by product. {_ONCE}",
        "by_product.*.answered_calls",
    ),
    _counter(
        "vobiz_product_call_seconds_total",
        "partner product",
        f"Seconds talked by product. {_ONCE}",
        "by_product.*.total_minutes",
    ),
    _counter(
        "vobiz_product_cost_total",
        "partner product currency",
        f"Cost of calls by product. {_ONCE}",
        "by_product.*.total_cost",
    ),
    _counter("vobiz_corrections_total", "partner", "Polls in which the API lowered a figure it had already given."),
)

JUDGEMENT = (
    _gauge(
        "vobiz_answer_ratio_baseline",
        "partner direction",
        f"Usual answer rate, 0 to 1: median of the last 14 complete days' ratios. {_DASHBOARD}",
        "time_series[].*.answered_calls time_series[].*.total_calls",
    ),
    _gauge(
        "vobiz_calls_per_day_baseline",
        "partner direction",
        f"Usual calls a day: mean of the last 14 complete days. {_DASHBOARD}",
        "time_series[].*.total_calls",
    ),
    _gauge(
        "vobiz_reconciliation_mismatch",
        "partner check",
        "1 if the API's own figures contradict each other in this respect, 0 if they agree.",
    ),
    _gauge(
        "vobiz_alert_threshold",
        "partner alert",
        "Thresholds of the alert rules, from alerts in the configuration.",
    ),
)

_ACCOUNTS = "From /accounts where collect names customers, as old as the last whole round."

EXTRAS = (
    _gauge(
        "vobiz_wallet_balance",
        "partner currency",
        "The partner's own wallet, from which customers are funded. From /me where collect names wallet; in the "
        "currency of /dashboard, as /me names none.",
        "balance",
    ),
    _gauge(
        "vobiz_customers",
        "partner status",
        f"Customers that are active, disabled (suspended: not enabled), inactive, or of unknown status. {_ACCOUNTS}",
        "accounts[].is_active accounts[].enabled",
    ),
    _gauge(
        "vobiz_customers_kyc",
        "partner kyc_status",
        f"Customers by KYC status as the API names it. {_ACCOUNTS}",
        "accounts[].kyc_status",
    ),
    _gauge(
        "vobiz_customers_below_balance",
        "partner",
        f"Active prepaid customers with less than customers.below_balance: about to run dry. {_ACCOUNTS}",
        "accounts[].cash_credits accounts[].is_active accounts[].postpaid accounts[].billing_mode",
    ),
    _gauge(
        "vobiz_customers_balance_limit",
        "partner",
        "The limit of vobiz_customers_below_balance, customers.below_balance in the configuration.",
    ),
    _gauge(
        "vobiz_customers_unread",
        "partner",
        f"Customers the API counts that were not read, which the other figures leave out. {_ACCOUNTS}",
        "total",
    ),
    _gauge(
        "vobiz_account_balance",
        "partner account_id currency",
        "Balance of one customer: of the lowest ones and of those listed, where customers.lowest or "
        f"customers.accounts ask for it. {_ACCOUNTS}",
        "accounts[].cash_credits",
    ),
    _gauge(
        "vobiz_account_info",
        "partner account_id name",
        f"The name of a customer in vobiz_account_balance, always 1; only if customers.names is true. {_ACCOUNTS}",
        "accounts[].name",
    ),
    _counter(
        "vobiz_account_series_dropped_total",
        "partner",
        "Customers left out of vobiz_account_balance by customers.series_limit, counted at each round.",
    ),
)

EXPORTER = (
    _counter("vobiz_api_requests_total", "partner endpoint outcome", "Requests to the Vobiz API by outcome."),
    Metric(
        name="vobiz_api_request_duration_seconds",
        kind="histogram",
        help="How long requests to the Vobiz API took, failed ones included.",
        labels=("partner", "endpoint"),
    ),
    _counter("vobiz_polls_missed_total", "partner", "Polls left out because the one before had not ended."),
    _counter("vobiz_exporter_state_write_failures_total", "", "Times the counters could not be saved to state.path."),
    _gauge("vobiz_exporter_build_info", "version revision python_version", "The running program, always 1."),
    _gauge(
        "vobiz_exporter_config_last_reload_successful",
        "",
        "1 if the last load of the configuration worked, 0 if it was bad and the one before is still in use.",
    ),
    _gauge(
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
