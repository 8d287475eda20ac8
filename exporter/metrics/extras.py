"""The extras of a snapshot as samples: the partner's own wallet, and its customers."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.api.model import Customers
from exporter.metrics.sample import Sample, known
from exporter.poll.snapshot import Snapshot


def extras(snapshot: Snapshot, elapsed: float) -> Iterator[Sample]:
    """What may be shown of them at this moment of the elapsed clock."""
    partner, wallet, customers = snapshot.partner, snapshot.wallet, snapshot.customers
    currency = snapshot.currency or ""
    if wallet is not None and wallet.fresh(elapsed):
        yield from known("vobiz_wallet_balance", (partner, wallet.value.currency or currency), wallet.value.balance)
    if customers is not None and customers.fresh(elapsed):
        yield from _customers(partner, customers.value, currency)
    yield from known("vobiz_account_series_dropped_total", (partner,), snapshot.series_dropped)


def _customers(partner: str, customers: Customers, currency: str) -> Iterator[Sample]:
    yield "vobiz_customers_below_balance", (partner,), float(customers.below)
    yield "vobiz_customers_balance_limit", (partner,), float(customers.limit)
    yield from known("vobiz_customers_unread", (partner,), customers.unread)
    for status, count in customers.by_status:
        yield "vobiz_customers", (partner, status), float(count)
    for status, count in customers.by_kyc:
        yield "vobiz_customers_kyc", (partner, status), float(count)
    for account in customers.shown:
        yield "vobiz_account_balance", (partner, account.auth_id, currency), float(account.balance)
        if account.name is not None:
            yield "vobiz_account_info", (partner, account.auth_id, account.name), 1.0
