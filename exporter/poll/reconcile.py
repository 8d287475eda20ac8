"""Does the API's own arithmetic hold? Each check compares values of one answer with each other.

==================  ====================================================
``direction_sum``   inbound and outbound add up to the total
``product_sum``     the products add up to the total
``day_sum``         the days of ``time_series`` add up to the roll-up
``answer_ratio``    nothing has more answered calls than calls
``window``          the answer covers the days that were asked for
==================  ====================================================

A check whose values are not all known has no result.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exporter.api.model import MORE_ANSWERED_THAN_CALLS, ROUNDING, Report, Rollup

CHECKS = ("answer_ratio", "day_sum", "direction_sum", "product_sum", "window")


def mismatches(reports: Sequence[Report], *, wrong_window: bool = False) -> dict[str, bool]:
    """Each check that had something to compare, and whether it found a contradiction in any of the answers."""
    results = {"window": wrong_window}
    for report in reports:
        parts = {
            "direction_sum": [rollup for _, rollup in report.directions],
            "product_sum": [rollup for _, rollup in report.products],
            **({} if report.days is None else {"day_sum": [row.total for row in report.days]}),
        }
        found = {check: _disagree(report.total, rollups) for check, rollups in parts.items()}
        found["answer_ratio"] = any(field.problem == MORE_ANSWERED_THAN_CALLS for field in report.unreadable)
        for check, disagree in found.items():
            if disagree is not None:
                results[check] = results.get(check, False) or disagree
    return dict(sorted(results.items()))


def _disagree(total: Rollup, parts: Sequence[Rollup]) -> bool | None:
    """Whether any value that all of them state does not add up; None if there is no such value."""
    compared = False
    for name, rounding in ROUNDING.items():
        whole, amounts = getattr(total, name), [getattr(part, name) for part in parts]
        if whole is not None and None not in amounts:
            compared = True
            if abs(sum(map(Decimal, amounts), Decimal(0)) - whole) > rounding * len(amounts):
                return True
    return False if compared else None
