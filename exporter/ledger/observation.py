"""What one answer says of single days, in the ledger's terms.

A *lane* is a row of the books: ``inbound``, ``outbound``, ``all`` (which has the cost that ``/dashboard`` gives per
day, without direction) or ``product/voice_api``. A *figure* is a column: ``calls``, ``answered_calls``, ``seconds``,
``cost/INR``. Lanes come in two groups, because two endpoints give them: ``directions`` and ``products``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from exporter.api.model import DayRow, Report, Rollup

Key = tuple[str, str]
"""Lane and figure."""

DIRECTIONS_GROUP = "directions"
PRODUCTS_GROUP = "products"
TOTAL_LANE = "all"
PRODUCT_LANE = "product/"
COST_FIGURE = "cost/"
COUNT_FIGURES = ("calls", "answered_calls", "seconds")

_MILLISECOND = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Cumulative figures of some days, as one answer gave them.

    ``first`` to ``last`` are the days it covers. ``complete`` says that everything in it could be read: then a day or
    lane that it lacks had no calls. Without it, what is lacking is unknown.
    """

    group: str
    first: date
    last: date
    complete: bool
    days: tuple[tuple[date, tuple[tuple[Key, Decimal], ...]], ...]


def directions_observed(report: Report) -> Observation | None:
    """Calls by direction and day, and cost by day: from ``time_series``, or from the roll-ups of a single day.

    None if the answer has neither.
    """
    if report.days is not None:
        if report.window is None and not report.days:
            return None
        first = report.window.first if report.window else report.days[0].day
        last = report.window.last if report.window else report.days[-1].day
        return Observation(
            group=DIRECTIONS_GROUP,
            first=first,
            last=last,
            complete=report.complete_days and None not in (report.window, report.currency) and _adds_up(report),
            days=tuple((row.day, _row_figures(row, report.currency)) for row in report.days),
        )
    if report.window is None or not report.window.single_day:
        return None
    figures = [*_figures(TOTAL_LANE, Rollup(cost=report.total.cost), report.currency)]
    for name, rollup in report.directions:
        figures += _figures(
            name, Rollup(calls=rollup.calls, answered_calls=rollup.answered_calls, minutes=rollup.minutes)
        )
    return _single_day(report, DIRECTIONS_GROUP, tuple(figures))


def products_observed(report: Report) -> Observation | None:
    """Calls by product, of an answer of ``/analytics`` for a single day; None for any other answer."""
    if report.window is None or not report.window.single_day:
        return None
    figures: list[tuple[Key, Decimal]] = []
    for name, rollup in report.products:
        figures += _figures(PRODUCT_LANE + name, rollup, report.currency)
    return _single_day(report, PRODUCTS_GROUP, tuple(figures))


def _single_day(report: Report, group: str, figures: tuple[tuple[Key, Decimal], ...]) -> Observation | None:
    if report.window is None or not figures:
        return None
    day = report.window.last
    return Observation(group=group, first=day, last=day, complete=not report.unreadable, days=((day, figures),))


def _adds_up(report: Report) -> bool:
    """Whether the rows account for all calls of the roll-up: if not, a day that has no row may still have had calls."""
    rows = report.days or ()
    known = [row.total.calls for row in rows if row.total.calls is not None]
    return len(known) == len(rows) and sum(known) == report.total.calls


def _row_figures(row: DayRow, currency: str | None) -> tuple[tuple[Key, Decimal], ...]:
    return (
        *_figures("inbound", row.inbound),
        *_figures("outbound", row.outbound),
        *_figures(TOTAL_LANE, Rollup(cost=row.total.cost), currency),
    )


def _figures(lane: str, rollup: Rollup, currency: str | None = None) -> Iterable[tuple[Key, Decimal]]:
    if rollup.calls is not None:
        yield (lane, "calls"), Decimal(rollup.calls)
    if rollup.answered_calls is not None:
        yield (lane, "answered_calls"), Decimal(rollup.answered_calls)
    if rollup.minutes is not None:
        yield (lane, "seconds"), (rollup.minutes * 60).quantize(_MILLISECOND)
    if rollup.cost is not None and currency is not None:
        yield (lane, COST_FIGURE + currency), rollup.cost
