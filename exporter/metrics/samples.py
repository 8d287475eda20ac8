"""A snapshot as samples: metric name, label values in the catalogue's order, value. Unknown is absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timezone

from exporter.api.model import Report, Rollup
from exporter.ledger import COST_FIGURE, PRODUCT_LANE
from exporter.metrics.extras import extras
from exporter.metrics.sample import Sample, known
from exporter.poll.snapshot import Snapshot

_COUNTERS = {"calls": "calls_total", "answered_calls": "answered_calls_total", "seconds": "call_seconds_total"}


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
    yield from _totals(snapshot)
    for alert, threshold in snapshot.thresholds.items():
        yield "vobiz_alert_threshold", (partner, alert), threshold


def period_samples(partner: str, period: str, report: Report) -> Iterator[Sample]:
    """The figures of one period of one partner."""
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
        if health.up is not None:
            yield "vobiz_up", labels, float(health.up)
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
        yield from known(f"{prefix}_calls", (*labels, part), rollup.calls)
        yield from known(f"{prefix}_answered_calls", (*labels, part), rollup.answered_calls)
        yield from known(f"{prefix}_minutes", (*labels, part), rollup.minutes)
        yield from known(f"{prefix}_cost", (*labels, part, currency), rollup.cost)
        yield from known(f"{prefix}_answer_ratio", (*labels, part), rollup.answer_ratio)


def _totals(snapshot: Snapshot) -> Iterator[Sample]:
    partner = snapshot.partner
    for (lane, figure), value in snapshot.totals.items():
        product = lane.startswith(PRODUCT_LANE)
        prefix = "vobiz_product_" if product else "vobiz_"
        labels = (partner, lane.removeprefix(PRODUCT_LANE))
        if figure.startswith(COST_FIGURE):
            currency = figure.removeprefix(COST_FIGURE)
            yield f"{prefix}cost_total", (*labels, currency) if product else (partner, currency), float(value)
        else:
            yield prefix + _COUNTERS[figure], labels, float(value)
    yield from known("vobiz_corrections_total", (partner,), snapshot.corrections)


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
