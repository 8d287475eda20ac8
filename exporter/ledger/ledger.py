"""The ledger of one partner: pure, without clock or I/O.

The API's figures are cumulative per day. They start again at the server's midnight, are sometimes corrected downward,
and a day's figures may still grow after it is over. For every day, lane and figure the ledger keeps the highest value
ever given (the *mark*); what rises above a mark is new, and is added to the total. So the same answer twice adds
nothing, a correction takes nothing away, and what fills a corrected gap is not counted again.

The first observation of a group only sets marks: what happened before is history, not growth. The same holds for a
figure of a day at or before ``since`` that was never seen: its earlier value is unknown, so none of it is called new.
And for the cost of a day that is suddenly given in another currency: it restates money that was counted already.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from exporter.ledger.observation import COST_FIGURE, PRODUCT_LANE, PRODUCTS_GROUP, Key, Observation

KEPT_DAYS = 62
"""Days with calls whose marks are kept at least: twice what the API shows. More if an answer shows more."""

SECONDS_TOLERANCE = Decimal(12)
COST_TOLERANCE = Decimal("0.05")
"""What rounding can explain between two directions and two products: minutes come to a tenth, cost to a hundredth."""

_ZERO = Decimal(0)


class Ledger:
    """Marks per day, and totals since the ledger was begun. Not thread-safe: one poll of one partner at a time."""

    def __init__(self) -> None:
        self.corrections = 0
        """Polls in which the API lowered a figure that it had already given."""
        self.marks: dict[date, dict[Key, Decimal]] = {}
        self.lowered: dict[date, dict[Key, Decimal]] = {}
        """The figure last given, where below its mark: a correction counts when it is made, not while it lasts."""
        self.totals: dict[Key, Decimal] = {}
        self.since: dict[str, date] = {}
        """By group: up to this day, a figure never seen before has an unknown past."""
        self.shown = 0
        """The most days that one answer held: an answer for a single day must not shorten what is kept."""

    def record(self, *observations: Observation) -> bool:
        """Take in what one poll saw; returns whether anything changed that is worth saving."""
        changed = corrected = False
        for observation in observations:
            new, lower = self._record_one(observation)
            changed |= new
            corrected |= lower
        self.corrections += corrected
        return changed or corrected

    def product_gaps(self) -> tuple[date, ...]:
        """Days whose products, as last given, are not what their directions say, newest first: ask for them again."""
        since = self.since.get(PRODUCTS_GROUP)
        if since is None:
            return ()
        days = [day for day in self.marks if day > since or any(_is_product(lane) for lane, _ in self.marks[day])]
        return tuple(day for day in sorted(days, reverse=True) if _has_gap(self._given(day)))

    def _record_one(self, observation: Observation) -> tuple[bool, bool]:
        first_ever = observation.group not in self.since
        if first_ever:
            before = observation.first - timedelta(days=1)
            self.since[observation.group] = before if observation.complete else observation.last
        since = self.since[observation.group]
        changed, corrected = first_ever, False
        for day, figures in observation.days:
            marks = self.marks.setdefault(day, {})
            for key, value in figures:
                mark = marks.get(key)
                if mark is None:
                    history = first_ever or day <= since or _in_other_currency(key, marks)
                    mark = value if history else _ZERO
                    marks[key] = mark
                    self.totals.setdefault(key, _ZERO)
                    changed = True
                if value > mark:
                    self.totals[key] += value - mark
                    marks[key] = value
                    changed = True
                previous = self.lowered.get(day, {}).get(key, mark)
                if value != previous:
                    changed = True
                    corrected |= value < previous
                    self._remember_given(day, key, value)
        if len(observation.days) > self.shown:
            self.shown = len(observation.days)
            changed = True
        self._prune()
        return changed, corrected

    def _given(self, day: date) -> dict[Key, Decimal]:
        return {**self.marks[day], **self.lowered.get(day, {})}

    def _remember_given(self, day: date, key: Key, value: Decimal) -> None:
        given = self.lowered.setdefault(day, {})
        if value < self.marks[day][key]:
            given[key] = value
        else:
            given.pop(key, None)
        if not given:
            del self.lowered[day]

    def _prune(self) -> None:
        """Forget the oldest days. By their number, not by the server's date: a date that jumps must not cost marks."""
        surplus = len(self.marks) - max(KEPT_DAYS, 2 * self.shown)
        for day in sorted(self.marks)[: max(surplus, 0)]:
            del self.marks[day]
            self.lowered.pop(day, None)
            for group, since in self.since.items():
                self.since[group] = max(since, day)


def _in_other_currency(key: Key, marks: Mapping[Key, Decimal]) -> bool:
    lane, figure = key
    return figure.startswith(COST_FIGURE) and any(
        other == lane and name.startswith(COST_FIGURE) for other, name in marks if name != figure
    )


def _has_gap(figures: Mapping[Key, Decimal]) -> bool:
    """Whether a figure that the directions have is another one in the sum of the products."""
    directions, products = _sums(figures, product=False), _sums(figures, product=True)
    return any(abs(value - products.get(figure, _ZERO)) > _tolerance(figure) for figure, value in directions.items())


def _sums(figures: Mapping[Key, Decimal], *, product: bool) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for (lane, figure), value in figures.items():
        if _is_product(lane) == product:
            sums[figure] = sums.get(figure, _ZERO) + value
    return sums


def _is_product(lane: str) -> bool:
    return lane.startswith(PRODUCT_LANE)


def _tolerance(figure: str) -> Decimal:
    if figure == "seconds":
        return SECONDS_TOLERANCE
    return COST_TOLERANCE if figure.startswith(COST_FIGURE) else _ZERO
