"""The extras of a snapshot as samples: the partner's own wallet, and its customers, and why calls fail."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.api.model import Customers
from exporter.metrics.metric import Sample, known
from exporter.poll.causes import Causes, Distribution
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
    if snapshot.causes is not None:
        yield from _causes(partner, snapshot.causes.value, fresh=snapshot.causes.fresh(elapsed))


def distributions(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, ...], Distribution]]:
    """The histograms of a snapshot: metric, label values, distribution."""
    if snapshot.causes is not None:
        for direction, seconds in snapshot.causes.value.ring.items():
            yield "vobiz_cdr_ring_seconds", (snapshot.partner, direction), seconds
        for direction, mos in snapshot.causes.value.mos.items():
            yield "vobiz_cdr_mos", (snapshot.partner, direction), mos


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


def _causes(partner: str, causes: Causes, *, fresh: bool) -> Iterator[Sample]:
    """What was counted stays; what is said of now is left out once it is too old."""
    for labels, count in causes.calls.items():
        yield "vobiz_cdr_calls_total", (partner, *labels), float(count)
    yield "vobiz_cdrs_unread_total", (partner,), float(causes.unread)
    if fresh:
        for share in causes.shares:
            labels_of_share = (partner, share.direction, share.cause)
            yield from known("vobiz_cdr_cause_share", labels_of_share, share.now)
            yield from known("vobiz_cdr_cause_share_usual", labels_of_share, share.usual)
        for account_id, calls in causes.customers:
            yield "vobiz_cdr_customer_unanswered_calls", (partner, account_id), float(calls)
