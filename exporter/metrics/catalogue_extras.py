"""The part of the catalogue that is only shown where the configuration collects extras."""

from __future__ import annotations

from exporter.metrics.metric import counter, gauge

_ACCOUNTS = "From /accounts where collect names customers, as old as the last whole scan."

EXTRAS = (
    gauge(
        "vobiz_wallet_balance",
        "partner currency",
        "The partner's own wallet, from which customers are funded. From /me where collect names wallet; in the "
        "currency of /dashboard, as /me names none.",
        "balance",
    ),
    gauge(
        "vobiz_customers",
        "partner status",
        f"Customers that are active, disabled (suspended: not enabled), inactive, or of unknown status. {_ACCOUNTS}",
        "accounts[].is_active accounts[].enabled",
    ),
    gauge(
        "vobiz_customers_kyc",
        "partner kyc_status",
        f"Customers by KYC status as the API names it. {_ACCOUNTS}",
        "accounts[].kyc_status",
    ),
    gauge(
        "vobiz_customers_below_balance",
        "partner",
        f"Active prepaid customers with less than customers.below_balance: about to run dry. {_ACCOUNTS}",
        "accounts[].cash_credits accounts[].is_active accounts[].postpaid accounts[].billing_mode",
    ),
    gauge(
        "vobiz_customers_balance_limit",
        "partner",
        "The limit of vobiz_customers_below_balance, customers.below_balance in the configuration.",
    ),
    gauge(
        "vobiz_customers_unread",
        "partner",
        f"Customers the API counts that were not read, which the other values leave out. {_ACCOUNTS}",
        "total",
    ),
    gauge(
        "vobiz_account_balance",
        "partner account_id currency",
        "Balance of one customer: of the lowest ones and of those listed, where customers.lowest or "
        f"customers.accounts ask for it. {_ACCOUNTS}",
        "accounts[].cash_credits",
    ),
    gauge(
        "vobiz_account_info",
        "partner account_id name",
        f"The name of a customer in vobiz_account_balance, always 1; only if customers.names is true. {_ACCOUNTS}",
        "accounts[].name",
    ),
    counter(
        "vobiz_account_series_dropped_total",
        "partner",
        "Customers left out of vobiz_account_balance by customers.series_limit, counted at each scan.",
    ),
)
