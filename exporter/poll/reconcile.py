"""Does the API's own arithmetic hold? Each check compares figures of one answer with each other.

==================  ====================================================
``direction_sum``   inbound and outbound add up to the total
``product_sum``     the products add up to the total
``day_sum``         the days of ``time_series`` add up to the roll-up
``answer_ratio``    no figure states more answered calls than calls
``window``          the answer covers the days that were asked for
==================  ====================================================

Calls are compared exactly; minutes and cost with a tolerance, because the API rounds each of them by itself. A check
whose figures are not all known has no result.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exporter.api.model import MORE_ANSWERED_THAN_CALLS, Report, Rollup

CHECKS = ("answer_ratio", "day_sum", "direction_sum", "product_sum", "window")

MINUTES_TOLERANCE = Decimal("0.1")
COST_TOLERANCE = Decimal("0.01")
"""For each figure that is added up."""


def mismatches(reports: Sequence[Report], *, wrong_window: bool = False) -> dict[str, bool]:
    """Each check that had something to compare, and whether it found a contradiction in any of the answers."""
    results: dict[str, bool] = {"window": wrong_window}
    for report in reports:
        _merge(results, "direction_sum", _disagree(report.total, [rollup for _, rollup in report.directions]))
        _merge(results, "product_sum", _disagree(report.total, [rollup for _, rollup in report.products]))
        if report.days is not None:
            _merge(results, "day_sum", _disagree(report.total, [row.total for row in report.days]))
        _merge(results, "answer_ratio", any(field.problem == MORE_ANSWERED_THAN_CALLS for field in report.unreadable))
    return dict(sorted(results.items()))


def _merge(results: dict[str, bool], check: str, disagree: bool | None) -> None:
    if disagree is not None:
        results[check] = results.get(check, False) or disagree


def _disagree(total: Rollup, parts: Sequence[Rollup]) -> bool | None:
    """Whether any figure that all of them state does not add up; None if there is no such figure."""
    verdicts = [
        _apart(total.calls, [part.calls for part in parts], Decimal(0)),
        _apart(total.answered_calls, [part.answered_calls for part in parts], Decimal(0)),
        _apart(total.minutes, [part.minutes for part in parts], MINUTES_TOLERANCE),
        _apart(total.cost, [part.cost for part in parts], COST_TOLERANCE),
    ]
    known = [verdict for verdict in verdicts if verdict is not None]
    return any(known) if known else None


def _apart(total: Decimal | int | None, parts: Sequence[Decimal | int | None], tolerance: Decimal) -> bool | None:
    known = [Decimal(part) for part in parts if part is not None]
    if total is None or len(known) < len(parts):
        return None
    return abs(sum(known, Decimal(0)) - total) > tolerance * len(known)
