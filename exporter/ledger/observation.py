"""What one answer says of single days, in the ledger's terms.

A *lane* is ``inbound``, ``outbound``, ``all`` (which has the cost that ``/dashboard`` gives per day, without direction)
or ``product/voice_api``. A *figure* is ``calls``, ``answered_calls``, ``seconds`` or ``cost/INR``. Lanes come in two
groups, because two endpoints give them: ``directions`` and ``products``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from exporter.api.model import DIRECTIONS, ROUNDING, DayRow, Report, Rollup, Window

Key = tuple[str, str]
"""Lane and figure."""

Figures = Mapping[Key, Decimal]

DIRECTIONS_GROUP = "directions"
PRODUCTS_GROUP = "products"
GROUPS = (DIRECTIONS_GROUP, PRODUCTS_GROUP)
TOTAL_LANE = "all"
PRODUCT_LANE = "product/"
COST_FIGURE = "cost/"
COUNT_FIGURES = ("calls", "answered_calls", "seconds")

MAX_SPAN = timedelta(days=400)
"""How far before its last day an answer is believed that a day without a row had no calls."""

_ROW_FIGURES = 2 * len(COUNT_FIGURES) + 1
"""How many figures a row has that could be read whole."""
_MILLISECOND = Decimal("0.001")


def is_cost(key: Key) -> bool:
    """Whether a key is of money."""
    return key[1].startswith(COST_FIGURE)


def group_of(key: Key) -> str:
    """The group of lanes that a key is in."""
    return PRODUCTS_GROUP if key[0].startswith(PRODUCT_LANE) else DIRECTIONS_GROUP


def directions_keys(currency: str | None) -> list[Key]:
    """All keys of the directions."""
    keys = [(lane, figure) for lane in DIRECTIONS for figure in COUNT_FIGURES]
    return keys if currency is None else [*keys, (TOTAL_LANE, COST_FIGURE + currency)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Cumulative figures of some days, as one answer gave them.

    ``first`` to ``last`` are the days that it covers; what it says of a later one is not believed. ``complete``: its
    parts account for all of its calls, so that a day or lane that it lacks had none. ``partial`` are days of which a
    figure could not be read. ``doubtful``: its parts add up to more than the totals that it states itself. Costs are
    in ``currency``.
    """

    group: str
    first: date
    last: date
    complete: bool
    days: Mapping[date, Figures]
    partial: frozenset[date] = frozenset()
    doubtful: bool = False
    currency: str | None = None

    def covers(self, day: date) -> bool:
        """Whether all figures of a day are known from this answer, those that it lacks being zero."""
        if self.doubtful or day in self.partial or not self.first <= day <= self.last:
            return False
        return self.complete or day in self.days

    def known_days(self) -> list[date]:
        """The days that it says something of: those with a row, and if it is complete, those without calls."""
        days = [day for day in self.days if day <= self.last]
        if not self.complete or self.doubtful:
            return days
        span = min(self.last - self.first, MAX_SPAN).days
        return list(dict.fromkeys([*(self.last - timedelta(days=n) for n in range(span, -1, -1)), *days]))

    def zeros(self, day: date, keys: Iterable[Key]) -> list[Key]:
        """Those of the keys that it says are zero: it covers the day, and has no figure of their lane."""
        if not self.covers(day):
            return []
        lanes = {lane for lane, _ in self.days.get(day, ())}
        absent = [key for key in keys if key[0] not in lanes and group_of(key) == self.group]
        return [key for key in absent if not is_cost(key) or key[1] == f"{COST_FIGURE}{self.currency}"]


def observations(dashboard: Report | None, analytics: Iterable[Report]) -> tuple[Observation, ...]:
    """What the answers of one poll say: directions from ``/dashboard``, products from single days of ``/analytics``.

    The latter also give the directions of a day that ``/dashboard`` did not cover.
    """
    whole = None if dashboard is None else directions_observed(dashboard)
    seen = [whole]
    for report in analytics:
        if report.window is not None and report.window.single_day:
            if whole is None or not whole.covers(report.window.last):
                seen.append(directions_observed(report))
            seen.append(products_observed(report))
    return tuple(observation for observation in seen if observation is not None)


def directions_observed(report: Report) -> Observation | None:
    """Calls by direction and day, and cost by day: from ``time_series``, or from the roll-ups of a single day.

    None if the answer has neither.
    """
    rows, window = report.days or (), report.window
    if report.days is None and window is not None and window.single_day:
        parts = {name: replace(rollup, cost=None) for name, rollup in report.directions}
        rows = (DayRow(day=window.last, total=report.total, **parts),) if parts else ()
    if not rows and (window is None or report.days is None):
        return None
    window = window or Window(first=rows[0].day, last=rows[-1].day)
    stated = report.complete_days and report.window is not None and report.currency is not None
    totals = [row.total for row in rows]
    days = {}
    for row in rows:
        lanes = {"inbound": row.inbound, "outbound": row.outbound, TOTAL_LANE: Rollup(cost=row.total.cost)}
        days[row.day] = _figures(lanes, report.currency)
    traffic = {"inbound": Rollup(), "outbound": Rollup(), **dict(report.directions)}
    return Observation(
        group=DIRECTIONS_GROUP,
        first=window.first,
        last=window.last,
        complete=stated and all(row.day <= window.last for row in rows) and _add_up(totals, report),
        days=days,
        partial=frozenset(day for day, figures in days.items() if len(figures) < _ROW_FIGURES),
        doubtful=_exceed(totals, report.total)
        or _exceed([row.inbound for row in rows], traffic["inbound"])
        or _exceed([row.outbound for row in rows], traffic["outbound"])
        or any(_exceed([row.inbound, row.outbound], row.total) for row in rows),
        currency=report.currency,
    )


def products_observed(report: Report) -> Observation | None:
    """Calls by product, of an answer for a single day; None for any other answer."""
    figures = _figures({PRODUCT_LANE + name: rollup for name, rollup in report.products}, report.currency)
    if report.window is None or not report.window.single_day or not figures:
        return None
    day = report.window.last
    parts = [rollup for _, rollup in report.products if rollup != Rollup()]
    complete = report.currency is not None and _add_up(parts, report)
    lacking = any(None in (part.calls, part.answered_calls, part.minutes) for part in parts)
    return Observation(
        group=PRODUCTS_GROUP,
        first=day,
        last=day,
        complete=complete,
        days={day: figures},
        partial=frozenset() if complete and not lacking else frozenset({day}),
        doubtful=_exceed(parts, report.total),
        currency=report.currency,
    )


def _add_up(parts: Sequence[Rollup], report: Report) -> bool:
    """Whether the parts account for all calls: if not, a part that is missing may have had some."""
    known = [part.calls for part in parts if part.calls is not None]
    return len(known) == len(parts) and sum(known) == report.total.calls


def _exceed(parts: Sequence[Rollup], total: Rollup) -> bool:
    """Whether some figure of the parts adds up to more than the total says."""
    for figure, rounding in ROUNDING.items():
        limit = getattr(total, figure)
        known = [value for part in parts if (value := getattr(part, figure)) is not None]
        if limit is not None and sum(known) > limit + rounding * len(known):
            return True
    return False


def _figures(lanes: Mapping[str, Rollup], currency: str | None) -> Figures:
    """All that is known, by lane and figure; no cost without a currency."""
    figures: dict[Key, Decimal] = {}
    for lane, rollup in lanes.items():
        if rollup.calls is not None:
            figures[lane, "calls"] = Decimal(rollup.calls)
        if rollup.answered_calls is not None:
            figures[lane, "answered_calls"] = Decimal(rollup.answered_calls)
        if rollup.minutes is not None:
            figures[lane, "seconds"] = (rollup.minutes * 60).quantize(_MILLISECOND)
        if rollup.cost is not None and currency is not None:
            figures[lane, COST_FIGURE + currency] = rollup.cost
    return figures
