"""The answers of the API, from bytes to counters: nothing that is not a number, and no counter that goes down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path

from exporter.api.errors import ApiError
from exporter.api.model import Report, Rollup
from exporter.api.records import parse_accounts, parse_cdrs, parse_me
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import directions_observed, products_observed
from exporter.ledger.state import dump_state, load_state
from tests.fuzz.answers import ANALYTICS, ANSWERS, DASHBOARD, WORDS
from tests.fuzz.target import Target

_DASHBOARD, _ANALYTICS = parse_dashboard(DASHBOARD), parse_analytics(ANALYTICS)


def target(_: Path) -> Target:
    """The target: one answer, read as each of the two endpoints', by a ledger that knows the day before."""
    return Target(
        holds="Report with finite values and answered calls <= calls, or ApiError; no counter is ever lowered",
        check=partial(_check, dump_state(_begun())),
        seeds=ANSWERS,
        words=WORDS,
    )


def _begun() -> Ledger:
    ledger = Ledger()
    _record(ledger, _DASHBOARD)
    _record(ledger, _ANALYTICS)
    return ledger


def _check(begun: bytes, data: bytes) -> None:
    for parse_other in (parse_me, parse_accounts, parse_cdrs):
        with suppress(ApiError):
            parse_other(data)
    for parse in (parse_dashboard, parse_analytics):
        try:
            report = parse(data)
        except ApiError:
            continue
        check_report(report)
        ledger = Ledger(load_state(begun))
        totals = _record(ledger, report, since=dict(ledger.totals))
        # What contradicts its own sums counts only when it is said again.
        totals = _record(ledger, report, since=totals)
        assert _record(ledger, report, since=totals) == totals, "the same answer again has added something"
        _record(ledger, _DASHBOARD, since=totals)
        again = Ledger(load_state(dump_state(ledger)))
        assert dump_state(again) == dump_state(ledger)


def _record(
    ledger: Ledger, report: Report, since: dict[tuple[str, str], Decimal] | None = None
) -> dict[tuple[str, str], Decimal]:
    observed = (directions_observed(report), products_observed(report))
    ledger.record(*(observation for observation in observed if observation is not None))
    ledger.taken_back()
    if ledger.today is not None:
        ledger.missing_days(ledger.today)
    for key, value in (since or {}).items():
        assert ledger.totals[key] >= value, f"the counter of {key} has gone down"
    assert all(value.is_finite() and value >= 0 for value in ledger.totals.values())
    return dict(ledger.totals)


def check_report(report: Report) -> None:
    """Every value of it is a number."""
    for rollup in _rollups(report):
        assert all(value is None or value >= 0 for value in (rollup.calls, rollup.answered_calls))
        assert all(value is None or (value.is_finite() and value >= 0) for value in (rollup.minutes, rollup.cost))
        if rollup.calls is not None and rollup.answered_calls is not None:
            assert rollup.answered_calls <= rollup.calls
        assert rollup.answer_ratio is None or 0 <= rollup.answer_ratio <= 1
    accounts = report.accounts
    assert None in (accounts.total, accounts.active) or 0 <= (accounts.active or 0) <= (accounts.total or 0)
    assert report.balance is None or report.balance.is_finite()
    assert report.window is None or report.window.first <= report.window.last
    days = [row.day for row in report.days or ()]
    assert days == sorted(set(days))
    for field in report.unreadable:
        assert field.path
        assert field.problem


def _rollups(report: Report) -> Iterator[Rollup]:
    yield report.total
    yield from (rollup for _, rollup in (*report.directions, *report.products))
    for row in report.days or ():
        yield from (row.total, row.inbound, row.outbound)
