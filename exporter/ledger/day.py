"""What the ledger keeps of one day, and how amounts that only moved are distinguished from new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product

from exporter.ledger.observation import (
    COST_FIGURE,
    COUNT_FIGURES,
    DIRECTIONS_GROUP,
    PRODUCTS_GROUP,
    Figures,
    Key,
    group_of,
    is_cost,
)

ZERO = Decimal(0)

SECONDS_TOLERANCE = Decimal(12)
COST_TOLERANCE = Decimal("0.05")
"""What rounding can explain between two directions and two products: minutes come to a tenth, cost to a hundredth."""

Place = tuple[date, Key]
"""One figure of one lane on one day."""


@dataclass(slots=True, kw_only=True)
class Day:
    """Marks of one day, by key.

    ``marks`` are the highest values ever given, less what was moved in. ``given`` are the values last given, where
    they are not the marks. ``moved`` is the part of the value given that was counted in another lane or on another day
    (below zero where it went away). ``covered`` is, by group, the server's day when all of this day was last known;
    ``asked`` when any of it was last answered.
    """

    marks: dict[Key, Decimal] = field(default_factory=dict)
    given: dict[Key, Decimal] = field(default_factory=dict)
    moved: dict[Key, Decimal] = field(default_factory=dict)
    covered: dict[str, date] = field(default_factory=dict)
    asked: dict[str, date] = field(default_factory=dict)

    def value(self, key: Key, unknown: Decimal = ZERO) -> Decimal:
        """The value last given; ``unknown`` for a key without a mark."""
        return self.given.get(key, self.marks.get(key, unknown))

    def has_other_currency(self, key: Key) -> bool:
        """Whether a key is a cost that this lane has in another currency already: then it is the same money again."""
        return is_cost(key) and any(known[0] == key[0] and is_cost(known) for known in self.marks)

    def fall(self, key: Key, value: Decimal) -> Decimal:
        """By how much a value is lower than the one last given; 0 if it is not."""
        return max(self.value(key) - value, ZERO)

    def rise(self, key: Key, value: Decimal) -> Decimal:
        """By how much a value exceeds the mark; 0 if it does not."""
        return max(value - self.moved.get(key, ZERO) - self.marks[key], ZERO)

    def move(self, key: Key, amount: Decimal) -> None:
        """Note that this part of what is given from now on was counted in another place."""
        moved = self.moved.pop(key, ZERO) + amount
        if moved:
            self.moved[key] = moved

    def take(self, key: Key, value: Decimal) -> Decimal:
        """Keep the value given; returns the growth above the mark, which is raised."""
        growth = self.rise(key, value)
        self.marks[key] += growth
        self.given.pop(key, None)
        if value != self.marks[key]:
            self.given[key] = value
        return growth

    def taken_back(self) -> Iterator[tuple[Key, Decimal]]:
        """By key, what the counters have of this day less what the API gives now, where that differs."""
        for key, value in self.given.items():
            yield key, self.marks[key] - value

    def is_missing(self, day: date, group: str) -> bool:
        """Whether a past day needs an answer: there was no whole one since it ended, or the sums do not agree."""
        return self.covered.get(group, day) <= day or (group == PRODUCTS_GROUP and self._has_gap())

    def _has_gap(self) -> bool:
        """Whether directions and products add up to different sums in some figure that the directions have.

        A day that is covered and has no row had no calls.
        """
        directions = dict.fromkeys(COUNT_FIGURES, ZERO) if DIRECTIONS_GROUP in self.covered else {}
        products: dict[str, Decimal] = {}
        for key in self.marks:
            sums = products if group_of(key) == PRODUCTS_GROUP else directions
            sums[key[1]] = sums.get(key[1], ZERO) + self.value(key)
        return any(abs(value - products.get(figure, ZERO)) > _tolerance(figure) for figure, value in directions.items())


def _tolerance(figure: str) -> Decimal:
    if figure.startswith(COST_FIGURE):
        return COST_TOLERANCE
    return SECONDS_TOLERANCE if figure == "seconds" else ZERO


def offset(days: Mapping[date, Day], values: Mapping[date, Figures]) -> bool:
    """Match what rises with what falls in the same answers: that much was moved, and nothing new happened.

    Calls are dated again, a server changes its time zone, a product is renamed, a call becomes an outbound one: the
    amount is taken out of one place and put into another, of the same lane or of the same day. The counters have it
    already. When it moves back, the same rule undoes it. Returns whether anything was matched.
    """
    falls: dict[Place, Decimal] = {}
    rises: dict[Place, Decimal] = {}
    for day, figures in values.items():
        for key, value in figures.items():
            if fall := days[day].fall(key, value):
                falls[day, key] = fall
            elif rise := days[day].rise(key, value):
                rises[day, key] = rise
    matched = False
    for same_lane, source, target in product((True, False), falls, rises):
        (day, (lane, figure)), (other_day, (other_lane, other_figure)) = source, target
        related = figure == other_figure and (lane == other_lane if same_lane else day == other_day)
        if related and (amount := min(falls[source], rises[target])):
            falls[source] -= amount
            rises[target] -= amount
            days[day].move(source[1], -amount)
            days[other_day].move(target[1], amount)
            matched = True
    return matched
