"""What one answer says of single days, in the ledger's terms.

A *lane* is ``inbound``, ``outbound``, ``all`` (which has the cost that ``/dashboard`` gives per day, without direction)
or ``product/voice_api``. A *figure* is ``calls``, ``answered_calls``, ``seconds`` or ``cost/INR``. Lanes come in two
groups, because two endpoints give them: ``directions`` and ``products``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from exporter.api.model import DIRECTIONS, DayRow, Report, Rollup

Key = tuple[str, str]
"""Lane and figure."""

Figures = tuple[tuple[Key, Decimal], ...]

DIRECTIONS_GROUP = "directions"
PRODUCTS_GROUP = "products"
TOTAL_LANE = "all"
PRODUCT_LANE = "product/"
COST_FIGURE = "cost/"
COUNT_FIGURES = ("calls", "answered_calls", "seconds")

MAX_SPAN = timedelta(days=400)
"""How far before its last day an answer is believed that a day without a row had no calls."""

_MILLISECOND = Decimal("0.001")
_ZERO = Rollup(calls=0, answered_calls=0, minutes=Decimal(0), cost=Decimal(0))
_ROUNDING = Rollup(calls=0, answered_calls=0, minutes=Decimal("0.1"), cost=Decimal("0.01"))
"""By how much a sum may exceed its total, for each part: the API rounds each of them by itself."""


def is_product(key: Key) -> bool:
    """Whether a key is of a product."""
    return key[0].startswith(PRODUCT_LANE)


def is_cost(key: Key) -> bool:
    """Whether a key is of money."""
    return key[1].startswith(COST_FIGURE)


def group_of(key: Key) -> str:
    """The group of lanes that a key is in."""
    return PRODUCTS_GROUP if is_product(key) else DIRECTIONS_GROUP


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
    days: tuple[tuple[date, Figures], ...]
    partial: frozenset[date] = frozenset()
    doubtful: bool = False
    currency: str | None = None

    def covers(self, day: date) -> bool:
        """Whether all figures of a day are known from this answer, those that it lacks being zero."""
        if self.doubtful or day in self.partial or not self.first <= day <= self.last:
            return False
        return self.complete or any(day == known for known, _ in self.days)

    def span(self) -> list[date]:
        """The days that it covers whether they have a row or not: none if it may lack some."""
        if not self.complete or self.doubtful:
            return []
        days = min(self.last - self.first, MAX_SPAN).days
        return [self.last - timedelta(days=n) for n in range(days, -1, -1)]

    def zeros(self, day: date, keys: Iterable[Key]) -> list[Key]:
        """Those of the keys that it says are zero: it covers the day, and has no figure of their lane."""
        if not self.covers(day):
            return []
        lanes = {lane for (lane, _), _ in dict(self.days).get(day, ())}
        absent = [key for key in keys if key[0] not in lanes and group_of(key) == self.group]
        return [key for key in absent if not is_cost(key) or key[1] == f"{COST_FIGURE}{self.currency}"]


def directions_keys(currency: str | None) -> list[Key]:
    """All keys of the directions."""
    keys = [(lane, figure) for lane in DIRECTIONS for figure in COUNT_FIGURES]
    return keys if currency is None else [*keys, (TOTAL_LANE, COST_FIGURE + currency)]


def other_account(report: Report, auth_id: str) -> str | None:
    """The account that an answer says it is of, if it is another one than asked: never use such an answer.

    A cache or a wrong route can give one account's answer to another.
    """
    stated = report.partner.auth_id
    return None if stated in (None, auth_id) else stated


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
    if report.days is not None:
        return _rows_observed(report, report.days)
    parts = [(name, _known(rollup, report)) for name, rollup in report.directions]
    if report.window is None or not report.window.single_day or not parts:
        return None
    figures = [*_figures(TOTAL_LANE, Rollup(cost=report.total.cost), report.currency)]
    for name, rollup in parts:
        figures += _counts(name, rollup)
    return _single_day(report, DIRECTIONS_GROUP, figures, [rollup for _, rollup in parts])


def products_observed(report: Report) -> Observation | None:
    """Calls by product, of an answer for a single day; None for any other answer."""
    if report.window is None or not report.window.single_day:
        return None
    parts = [(name, _known(rollup, report)) for name, rollup in report.products]
    figures = [figure for name, rollup in parts for figure in _figures(PRODUCT_LANE + name, rollup, report.currency)]
    return _single_day(report, PRODUCTS_GROUP, figures, [rollup for _, rollup in parts])


def _rows_observed(report: Report, days: Sequence[DayRow]) -> Observation | None:
    if report.window is None and not days:
        return None
    first = report.window.first if report.window else days[0].day
    last = report.window.last if report.window else days[-1].day
    known = (
        report.complete_days and None not in (report.window, report.currency) and all(row.day <= last for row in days)
    )
    return Observation(
        group=DIRECTIONS_GROUP,
        first=first,
        last=last,
        complete=known and _add_up([row.total for row in days], report.total),
        days=tuple((row.day, _row_figures(row, report.currency)) for row in days),
        partial=frozenset(row.day for row in days if report.currency is None or not _whole(row)),
        doubtful=_contradicts(report, days),
        currency=report.currency,
    )


def _single_day(
    report: Report, group: str, figures: Sequence[tuple[Key, Decimal]], parts: Sequence[Rollup]
) -> Observation | None:
    if report.window is None or not figures:
        return None
    day = report.window.last
    complete = report.currency is not None and _add_up([part for part in parts if part != Rollup()], report.total)
    lacking = any(None in (part.calls, part.answered_calls, part.minutes) for part in parts if part != Rollup())
    return Observation(
        group=group,
        first=day,
        last=day,
        complete=complete,
        days=((day, tuple(figures)),),
        partial=frozenset() if complete and not lacking else frozenset({day}),
        doubtful=_exceed(parts, report.total),
        currency=report.currency,
    )


def _known(rollup: Rollup, report: Report) -> Rollup:
    """A part that is missing from an answer without calls had none."""
    return _ZERO if rollup == Rollup() and report.total.calls == 0 else rollup


def _add_up(parts: Sequence[Rollup], total: Rollup) -> bool:
    """Whether the parts account for all calls: if not, a part that is missing may have had some."""
    known = [part.calls for part in parts if part.calls is not None]
    return len(known) == len(parts) and sum(known) == total.calls


def _contradicts(report: Report, rows: Sequence[DayRow]) -> bool:
    """Whether the rows claim more than the roll-ups, or a row's directions more than the row."""
    traffic = dict(report.directions)
    return (
        _exceed([row.total for row in rows], report.total)
        or _exceed([row.inbound for row in rows], traffic.get("inbound", Rollup()))
        or _exceed([row.outbound for row in rows], traffic.get("outbound", Rollup()))
        or any(_exceed([row.inbound, row.outbound], row.total) for row in rows)
    )


def _exceed(parts: Sequence[Rollup], total: Rollup) -> bool:
    """Whether some figure of the parts adds up to more than the total says."""
    for figure in ("calls", "answered_calls", "minutes", "cost"):
        limit = getattr(total, figure)
        known = [value for part in parts if (value := getattr(part, figure)) is not None]
        if limit is not None and sum(known) > limit + getattr(_ROUNDING, figure) * len(known):
            return True
    return False


def _whole(row: DayRow) -> bool:
    counts = (row.inbound, row.outbound)
    return row.total.cost is not None and not any(
        None in (part.calls, part.answered_calls, part.minutes) for part in counts
    )


def _row_figures(row: DayRow, currency: str | None) -> Figures:
    return (
        *_counts("inbound", row.inbound),
        *_counts("outbound", row.outbound),
        *_figures(TOTAL_LANE, Rollup(cost=row.total.cost), currency),
    )


def _counts(lane: str, rollup: Rollup) -> Iterable[tuple[Key, Decimal]]:
    return _figures(lane, rollup, None)


def _figures(lane: str, rollup: Rollup, currency: str | None) -> Iterable[tuple[Key, Decimal]]:
    if rollup.calls is not None:
        yield (lane, "calls"), Decimal(rollup.calls)
    if rollup.answered_calls is not None:
        yield (lane, "answered_calls"), Decimal(rollup.answered_calls)
    if rollup.minutes is not None:
        yield (lane, "seconds"), (rollup.minutes * 60).quantize(_MILLISECOND)
    if rollup.cost is not None and currency is not None:
        yield (lane, COST_FIGURE + currency), rollup.cost
