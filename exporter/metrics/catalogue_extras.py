"""The part of the catalogue that is only shown where the configuration collects extras."""

from __future__ import annotations

from exporter.metrics.metric import counter, gauge, histogram

_CDRS = "From /cdrs where collect names causes: the newest call records, each once."
_ACCOUNTS = "From /accounts where collect names customers, as old as the last whole scan."

EXTRAS = (
    gauge(
        "vobiz_wallet_balance{partner currency}",
        "The partner's own wallet, from which customers are funded. From /me where collect names wallet; in the "
        "currency of /dashboard, as /me names none.",
        "balance",
    ),
    gauge(
        "vobiz_customers{partner status}",
        f"Customers that are active, disabled (suspended: not enabled), inactive, or of unknown status. {_ACCOUNTS}",
        "accounts[].is_active accounts[].enabled",
    ),
    gauge(
        "vobiz_customers_kyc{partner kyc_status}",
        f"Customers by KYC status as the API names it. {_ACCOUNTS}",
        "accounts[].kyc_status",
    ),
    gauge(
        "vobiz_customers_below_balance{partner}",
        f"Active prepaid customers with less than customers.below_balance: about to run dry. {_ACCOUNTS}",
        "accounts[].cash_credits accounts[].is_active accounts[].postpaid accounts[].billing_mode",
    ),
    gauge(
        "vobiz_customers_balance_limit{partner}",
        "The limit of vobiz_customers_below_balance, customers.below_balance in the configuration.",
    ),
    gauge(
        "vobiz_customers_unread{partner}",
        f"Customers the API counts that were not read, which the other values leave out. {_ACCOUNTS}",
        "total",
    ),
    gauge(
        "vobiz_account_balance{partner account_id currency}",
        "Balance of one customer: of the lowest ones and of those listed, where customers.lowest or "
        f"customers.accounts ask for it. {_ACCOUNTS}",
        "accounts[].cash_credits",
    ),
    gauge(
        "vobiz_account_info{partner account_id name}",
        f"The name of a customer in vobiz_account_balance, always 1; only if customers.names is true. {_ACCOUNTS}",
        "accounts[].name",
    ),
    counter(
        "vobiz_account_series_dropped_total{partner}",
        "Customers left out of vobiz_account_balance by customers.series_limit, counted at each scan.",
    ),
    counter(
        "vobiz_cdr_calls_total{partner direction answered cause source}",
        f"Calls by hangup cause and by who ended them. {_CDRS}",
        "data[].call_direction data[].answer_time data[].billsec data[].hangup_cause_name data[].hangup_cause "
        "data[].hangup_cause_code data[].hangup_source",
    ),
    counter(
        "vobiz_cdrs_unread_total{partner}",
        "About how many call records causes.pages left out: calls booked between two readings, less those read.",
    ),
    histogram("vobiz_cdr_ring_seconds{partner direction}", f"Seconds that calls rang. {_CDRS}", "data[].ring_time"),
    histogram(
        "vobiz_cdr_mos{partner direction}", f"Mean opinion score of the audio of calls, 1 to 5. {_CDRS}", "data[].mos"
    ),
    gauge(
        "vobiz_cdr_cause_share{partner direction cause}",
        "Share of the unanswered calls of the last quarter of an hour (of up to an hour, while they are fewer than 50) "
        f"with this cause, 0 to 1; absent where there are too few to compare. {_CDRS}",
    ),
    gauge(
        "vobiz_cdr_cause_share_usual{partner direction cause}",
        "The share of this cause in the unanswered calls of the last days, without the last hour, 0 to 1. A call of "
        f"three days ago weighs half. {_CDRS}",
    ),
    gauge(
        "vobiz_cdr_customer_unanswered_calls{partner account_id}",
        f"Unanswered calls of the last hour, of so many customers with the most as causes.customers says. {_CDRS}",
        "data[].account_id",
    ),
)
