"""A snapshot as samples: metric name, label values in the catalogue's order, value. Unknown is absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal

from exporter.api.model import Report, Rollup
from exporter.detect import Direction, Judgements
from exporter.ledger import COST_FIGURE, PRODUCT_LANE, Key
from exporter.metrics.extras import extras
from exporter.metrics.metric import Sample, known
from exporter.poll.snapshot import Snapshot

_COUNTED = {"calls": "calls", "answered_calls": "answered_calls", "seconds": "call_seconds"}
_OF_ROLLUP = ("calls", "answered_calls", "minutes", "cost", "answer_ratio")


def samples(snapshot: Snapshot, elapsed: float) -> Iterator[Sample]:
    """Everything of one partner that may be shown at this moment of the elapsed clock."""
    partner = snapshot.partner
    yield from _polling(snapshot)
    if snapshot.dashboard is not None and snapshot.dashboard.fresh(elapsed):
        yield from _account(partner, snapshot.dashboard.value)
        for direction, baseline in snapshot.baselines.items():
            yield from known("vobiz_answer_ratio_baseline", (partner, direction), baseline.answer_ratio)
            yield from known("vobiz_calls_per_day_baseline", (partner, direction), baseline.calls_per_day)
    for period, dated in snapshot.periods.items():
        if dated.fresh(elapsed):
            yield "vobiz_period_last_success_timestamp_seconds", (partner, period), dated.at.wall
            yield from period_samples(partner, period, dated.value)
    if snapshot.mismatches is not None and snapshot.mismatches.fresh(elapsed):
        for check, mismatch in snapshot.mismatches.value.items():
            yield "vobiz_reconciliation_mismatch", (partner, check), float(mismatch)
    yield from extras(snapshot, elapsed)
    yield from _counters(partner, snapshot.totals, "total")
    yield from _counters(partner, snapshot.taken_back, "taken_back")
    yield from known("vobiz_corrections_total", (partner,), snapshot.corrections)
    yield from known("vobiz_days_lost_total", (partner,), snapshot.days_lost)
    if snapshot.judgements is not None and snapshot.judgements.fresh(elapsed):
        yield from _judgements(partner, snapshot.judgements.value)
    for alert, threshold in snapshot.thresholds.items():
        yield "vobiz_alert_threshold", (partner, alert), threshold


def period_samples(partner: str, period: str, report: Report) -> Iterator[Sample]:
    """The values of one period of one partner."""
    if report.window is not None:
        yield "vobiz_period_start_timestamp_seconds", (partner, period), _midnight(report.window.first)
        yield "vobiz_period_end_timestamp_seconds", (partner, period), _midnight(report.window.last)
    currency = report.currency or ""
    yield from _parts("vobiz_period", (partner, period), report.directions, currency)
    yield from known("vobiz_period_answer_ratio", (partner, period, "all"), report.total.answer_ratio)
    yield from _parts("vobiz_period_product", (partner, period), report.products, currency)


def _polling(snapshot: Snapshot) -> Iterator[Sample]:
    yield "vobiz_poll_interval_seconds", (snapshot.partner,), snapshot.interval
    for endpoint, health in snapshot.health.items():
        labels = (snapshot.partner, endpoint)
        yield from known("vobiz_up", labels, health.up)
        if health.last_success is not None:
            yield "vobiz_last_success_timestamp_seconds", labels, health.last_success.wall
            yield "vobiz_unreadable_fields", labels, float(len(health.unreadable))


def _account(partner: str, report: Report) -> Iterator[Sample]:
    currency = report.currency or ""
    profile = report.partner
    yield from known("vobiz_balance", (partner, currency), report.balance)
    active, total = report.accounts.active, report.accounts.total
    yield from known("vobiz_accounts", (partner, "active"), active)
    if active is not None and total is not None:
        yield "vobiz_accounts", (partner, "inactive"), float(total - active)
    yield from known("vobiz_accounts_limit", (partner,), profile.max_accounts)
    if profile.auth_id is not None:
        labels = (partner, profile.auth_id, profile.slug or "", currency, profile.billing_model or "")
        yield "vobiz_partner_info", labels, 1.0


def _parts(
    prefix: str, labels: tuple[str, str], parts: Iterable[tuple[str, Rollup]], currency: str
) -> Iterator[Sample]:
    for part, rollup in parts:
        for name in _OF_ROLLUP:
            more = (part, currency) if name == "cost" else (part,)
            yield from known(f"{prefix}_{name}", (*labels, *more), getattr(rollup, name))


def _counters(partner: str, counted: Mapping[Key, Decimal], suffix: str) -> Iterator[Sample]:
    """One sample of each lane and figure of the ledger: of the counters, or of what was taken back of them."""
    for (lane, figure), value in counted.items():
        product = lane.startswith(PRODUCT_LANE)
        prefix = "vobiz_product_" if product else "vobiz_"
        labels = (partner, lane.removeprefix(PRODUCT_LANE))
        if figure.startswith(COST_FIGURE):
            currency = figure.removeprefix(COST_FIGURE)
            yield f"{prefix}cost_{suffix}", (*labels, currency) if product else (partner, currency), float(value)
        else:
            yield f"{prefix}{_COUNTED[figure]}_{suffix}", labels, float(value)


def _judgements(partner: str, judgements: Judgements) -> Iterator[Sample]:
    """Scores, and what they were judged from."""
    for direction, judged in judgements.directions.items():
        yield from _direction((partner, direction), judged)
    for product, rate in judgements.products.items():
        yield from known("vobiz_product_answer_drop_score", (partner, product), rate.score)
    for currency, spend in judgements.currencies.items():
        yield from known("vobiz_cost_per_hour_expected", (partner, currency), spend.cost_per_hour_expected)
        yield from known("vobiz_spend_spike_score", (partner, currency), spend.spend_spike_score)


def _direction(labels: tuple[str, str], judged: Direction) -> Iterator[Sample]:
    rate = judged.answer_rate
    yield from known("vobiz_answer_drop_score", labels, rate.score)
    yield from known("vobiz_answer_ratio_expected", labels, rate.expected_ratio)
    if rate.since is not None:
        yield "vobiz_answer_drop_start_timestamp_seconds", labels, rate.since
        yield "vobiz_answer_drop_calls", labels, float(rate.calls)
        yield "vobiz_answer_drop_answered_calls", labels, float(rate.answered)
    yield from known("vobiz_calls_per_hour_expected", labels, judged.calls_per_hour_expected)
    yield from known("vobiz_traffic_drop_score", labels, judged.traffic_drop_score)
    yield from known("vobiz_minutes_spike_score", labels, judged.minutes_spike_score)


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
