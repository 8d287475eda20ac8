"""A snapshot as samples: metric name, label values in the catalogue's order, value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TypeAlias

from exporter.api.model import Report, Rollup
from exporter.detect.judgements import Judgements
from exporter.ledger.observation import COST_FIGURE, PRODUCT_LANE, Key
from exporter.metrics.metric import Sample
from exporter.poll.causes import Causes, Distribution
from exporter.poll.customers import Customers
from exporter.poll.snapshot import Snapshot

Value: TypeAlias = Decimal | float | Distribution
"""Of a sample, as the snapshot has it; a distribution is a whole histogram."""

_Numbers: TypeAlias = Iterator[tuple[str, tuple[str, ...], Decimal | float | None]]

_OF_ROLLUP = ("calls", "answered_calls", "minutes", "cost", "answer_ratio")


def samples(snapshot: Snapshot, elapsed: float) -> Iterator[tuple[str, tuple[str, ...], Value | None]]:
    """Everything of one partner that may be shown at this moment of the elapsed clock; None is unknown."""
    partner, currency = snapshot.partner, snapshot.currency or ""
    yield from _polling(snapshot)
    if snapshot.dashboard is not None and snapshot.dashboard.fresh(elapsed):
        yield from _account(partner, snapshot.dashboard.value)
        for direction, baseline in snapshot.baselines.items():
            yield "vobiz_answer_ratio_baseline", (partner, direction), baseline.answer_ratio
            yield "vobiz_calls_per_day_baseline", (partner, direction), baseline.calls_per_day
    for period, dated in snapshot.periods.items():
        if dated.fresh(elapsed):
            yield "vobiz_period_last_success_timestamp_seconds", (partner, period), dated.at.wall
            yield from _period(partner, period, dated.value)
    if snapshot.mismatches is not None and snapshot.mismatches.fresh(elapsed):
        for check, mismatch in snapshot.mismatches.value.items():
            yield "vobiz_reconciliation_mismatch", (partner, check), mismatch
    if snapshot.wallet is not None and snapshot.wallet.fresh(elapsed):
        wallet = snapshot.wallet.value
        yield "vobiz_wallet_balance", (partner, wallet.currency or currency), wallet.balance
    if snapshot.customers is not None and snapshot.customers.fresh(elapsed):
        yield from _customers(partner, snapshot.customers.value, currency)
    yield "vobiz_account_series_dropped_total", (partner,), snapshot.series_dropped
    if snapshot.causes is not None:
        yield from _causes(partner, snapshot.causes.value, fresh=snapshot.causes.fresh(elapsed))
        for direction, seconds in snapshot.causes.value.ring.items():
            yield "vobiz_cdr_ring_seconds", (partner, direction), seconds
        for direction, mos in snapshot.causes.value.mos.items():
            yield "vobiz_cdr_mos", (partner, direction), mos
    yield from _counters(partner, snapshot.totals, "total")
    yield from _counters(partner, snapshot.taken_back, "taken_back")
    yield "vobiz_corrections_total", (partner,), snapshot.corrections
    yield "vobiz_days_lost_total", (partner,), snapshot.days_lost
    if snapshot.judgements is not None and snapshot.judgements.fresh(elapsed):
        yield from _judgements(partner, snapshot.judgements.value)
    for alert, threshold in snapshot.thresholds.items():
        yield "vobiz_alert_threshold", (partner, alert), threshold


def period_samples(partner: str, period: str, report: Report) -> Iterator[Sample]:
    """What is known of one period of one partner."""
    return (
        (name, labels, float(value)) for name, labels, value in _period(partner, period, report) if value is not None
    )


def _period(partner: str, period: str, report: Report) -> _Numbers:
    if report.window is not None:
        yield "vobiz_period_start_timestamp_seconds", (partner, period), _midnight(report.window.first)
        yield "vobiz_period_end_timestamp_seconds", (partner, period), _midnight(report.window.last)
    currency = report.currency or ""
    yield from _parts("vobiz_period", (partner, period), report.directions, currency)
    yield "vobiz_period_answer_ratio", (partner, period, "all"), report.total.answer_ratio
    yield from _parts("vobiz_period_product", (partner, period), report.products, currency)


def _polling(snapshot: Snapshot) -> _Numbers:
    yield "vobiz_poll_interval_seconds", (snapshot.partner,), snapshot.interval
    for endpoint, health in snapshot.health.items():
        labels = (snapshot.partner, endpoint)
        yield "vobiz_up", labels, health.up
        if health.last_success is not None:
            yield "vobiz_last_success_timestamp_seconds", labels, health.last_success.wall
            yield "vobiz_unreadable_fields", labels, len(health.unreadable)


def _account(partner: str, report: Report) -> _Numbers:
    currency = report.currency or ""
    profile = report.partner
    yield "vobiz_balance", (partner, currency), report.balance
    active, total = report.accounts.active, report.accounts.total
    yield "vobiz_accounts", (partner, "active"), active
    if active is not None and total is not None:
        yield "vobiz_accounts", (partner, "inactive"), total - active
    yield "vobiz_accounts_limit", (partner,), profile.max_accounts
    if profile.auth_id is not None:
        labels = (partner, profile.auth_id, profile.slug or "", currency, profile.billing_model or "")
        yield "vobiz_partner_info", labels, 1


def _customers(partner: str, customers: Customers, currency: str) -> _Numbers:
    yield "vobiz_customers_below_balance", (partner,), customers.below
    yield "vobiz_customers_balance_limit", (partner,), customers.limit
    yield "vobiz_customers_unread", (partner,), customers.unread
    for status, count in customers.by_status:
        yield "vobiz_customers", (partner, status), count
    for status, count in customers.by_kyc:
        yield "vobiz_customers_kyc", (partner, status), count
    for account in customers.shown:
        yield "vobiz_account_balance", (partner, account.auth_id, currency), account.balance
        if account.name is not None:
            yield "vobiz_account_info", (partner, account.auth_id, account.name), 1


def _causes(partner: str, causes: Causes, *, fresh: bool) -> _Numbers:
    """What was counted stays; what is said of now is left out once it is too old."""
    for labels, count in causes.calls.items():
        yield "vobiz_cdr_calls_total", (partner, *labels), count
    yield "vobiz_cdrs_unread_total", (partner,), causes.unread
    if fresh:
        for share in causes.shares:
            yield "vobiz_cdr_cause_share", (partner, share.direction, share.cause), share.now
            yield "vobiz_cdr_cause_share_usual", (partner, share.direction, share.cause), share.usual
        for account_id, calls in causes.customers:
            yield "vobiz_cdr_customer_unanswered_calls", (partner, account_id), calls


def _parts(prefix: str, labels: tuple[str, str], parts: Iterable[tuple[str, Rollup]], currency: str) -> _Numbers:
    for part, rollup in parts:
        for name in _OF_ROLLUP:
            more = (part, currency) if name == "cost" else (part,)
            yield f"{prefix}_{name}", (*labels, *more), getattr(rollup, name)


def _counters(partner: str, counted: Mapping[Key, Decimal], suffix: str) -> _Numbers:
    """One sample of each lane and figure of the ledger: of the counters, or of what was taken back of them."""
    for (lane, figure), value in counted.items():
        product = lane.startswith(PRODUCT_LANE)
        prefix = "vobiz_product_" if product else "vobiz_"
        labels = (partner, lane.removeprefix(PRODUCT_LANE))
        if figure.startswith(COST_FIGURE):
            currency = figure.removeprefix(COST_FIGURE)
            yield f"{prefix}cost_{suffix}", (*labels, currency) if product else (partner, currency), value
        else:
            yield f"{prefix}{'call_seconds' if figure == 'seconds' else figure}_{suffix}", labels, value


def _judgements(partner: str, judgements: Judgements) -> _Numbers:
    """Scores, and what they were judged from."""
    for direction, judged in judgements.directions.items():
        labels, rate = (partner, direction), judged.answer_rate
        yield "vobiz_answer_drop_score", labels, rate.score
        yield "vobiz_answer_ratio_expected", labels, rate.expected_ratio
        if rate.since is not None:
            yield "vobiz_answer_drop_start_timestamp_seconds", labels, rate.since
            yield "vobiz_answer_drop_calls", labels, rate.calls
            yield "vobiz_answer_drop_answered_calls", labels, rate.answered
        yield "vobiz_calls_per_hour_expected", labels, judged.calls_per_hour_expected
        yield "vobiz_traffic_drop_score", labels, judged.traffic_drop_score
        yield "vobiz_minutes_spike_score", labels, judged.minutes_spike_score
    for product, of_product in judgements.products.items():
        yield "vobiz_product_answer_drop_score", (partner, product), of_product.score
    for currency, spend in judgements.currencies.items():
        yield "vobiz_cost_per_hour_expected", (partner, currency), spend.cost_per_hour_expected
        yield "vobiz_spend_spike_score", (partner, currency), spend.spend_spike_score


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
