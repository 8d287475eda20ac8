"""The calls booked on each day's row, and how many were booked since the simulation started. No float comes near them,
so sums hold to the last second and paisa.

The count follows one definition, which ``GET /_demo/truth`` repeats: for each day and each series (the total, a
direction, a product) it is the highest value that the row ever had, less the value it had at the start; summed over
days. It is what an observer who always looks would count once: a correction takes nothing off, and calls that fill
the gap again add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from .climate import DIRECTIONS, PRODUCTS

TOTAL = "total"
SERIES = (TOTAL, *DIRECTIONS, *PRODUCTS)

PULSE = 6
"""Seconds in a billing pulse: talk time is a multiple of it, so minutes have one decimal place at most."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Calls, how many of them were answered, their talk time in seconds, their cost in paise (1/100 of a rupee)."""

    calls: int = 0
    answered: int = 0
    seconds: int = 0
    cost: int = 0

    def add(self, other: Tally) -> None:
        """Add ``other`` (which may be negative) to this one."""
        self.calls += other.calls
        self.answered += other.answered
        self.seconds += other.seconds
        self.cost += other.cost

    def raise_to(self, other: Tally) -> Tally:
        """Raise each value that ``other`` exceeds, and return by how much each was raised."""
        growth = Tally(
            calls=max(0, other.calls - self.calls),
            answered=max(0, other.answered - self.answered),
            seconds=max(0, other.seconds - self.seconds),
            cost=max(0, other.cost - self.cost),
        )
        self.add(growth)
        return growth

    def part(self, millionths: int) -> Tally:
        """Return that share of this tally, rounded down; what stays behind is still a possible tally.

        One rounding rule for calls and answered calls: the smaller of two numbers then never keeps more than the
        larger.
        """
        return Tally(
            calls=self.calls * millionths // 1_000_000,
            answered=self.answered * millionths // 1_000_000,
            seconds=self.seconds // PULSE * millionths // 1_000_000 * PULSE,
            cost=self.cost * millionths // 1_000_000,
        )

    def negative(self) -> Tally:
        """Return this tally with every sign turned."""
        return Tally(calls=-self.calls, answered=-self.answered, seconds=-self.seconds, cost=-self.cost)

    def copy(self) -> Tally:
        """Return an equal tally that changes on its own."""
        return Tally(calls=self.calls, answered=self.answered, seconds=self.seconds, cost=self.cost)


class DayRow:
    """The values of one day: by direction and product together, and as the sums that the API shows."""

    __slots__ = ("cells", "highest", "series")

    def __init__(self) -> None:
        self.cells = {(direction, product): Tally() for direction in DIRECTIONS for product in PRODUCTS}
        self.series = {name: Tally() for name in SERIES}
        self.highest = {name: Tally() for name in SERIES}

    def add(self, direction: str, product: str, change: Tally) -> dict[str, Tally]:
        """Add ``change``, and return for each series it belongs to what rose above that series' highest value."""
        self.cells[direction, product].add(change)
        growth = {}
        for name in (TOTAL, direction, product):
            self.series[name].add(change)
            growth[name] = self.highest[name].raise_to(self.series[name])
        return growth

    def copy(self) -> DayRow:
        """Return an equal row that changes on its own."""
        twin = DayRow()
        twin.cells = {cell: tally.copy() for cell, tally in self.cells.items()}
        twin.series = {name: tally.copy() for name, tally in self.series.items()}
        twin.highest = {name: tally.copy() for name, tally in self.highest.items()}
        return twin


class Books:
    """All days of one partner. A day nobody has asked for yet is drawn by ``draw`` when it is first needed."""

    def __init__(self, *, draw: Callable[[date], DayRow]) -> None:
        self._draw = draw
        self._rows: dict[date, DayRow] = {}
        self.start_counting()

    def row(self, day: date) -> DayRow:
        """Return the row of ``day``, empty or not."""
        row = self._rows.get(day)
        if row is None:
            row = self._rows[day] = self._draw(day)
        return row

    def book(self, day: date, direction: str, product: str, change: Tally) -> None:
        """Book calls on the row of ``day`` and count what is new."""
        for name, growth in self.row(day).add(direction, product, change).items():
            self.counted[name].add(growth)
            self.withdrawn[name].add(growth)
            self.withdrawn[name].add(change.negative())

    def start_counting(self) -> None:
        """Count from here: all that the rows hold now is history."""
        self.counted = {name: Tally() for name in SERIES}
        self.withdrawn = {name: Tally() for name in SERIES}
        """Of what was counted, what the rows do not hold any more."""

    def take_back(self, day: date, share: float) -> int:
        """Lower every value of ``day`` by ``share`` (0 to 1); return the paise that are given back."""
        refund = 0
        for (direction, product), cell in self.row(day).cells.items():
            part = cell.part(round(share * 1_000_000))
            self.book(day, direction, product, part.negative())
            refund += part.cost
        return refund

    def sums(self, days: Iterable[date]) -> dict[str, Tally]:
        """Return each series summed over ``days``."""
        sums = {name: Tally() for name in SERIES}
        for day in days:
            for name, tally in self.row(day).series.items():
                sums[name].add(tally)
        return sums

    def copy(self) -> Books:
        """Return the books as they are now; later calls do not show in the copy."""
        twin = Books(draw=self._draw)
        twin._rows = {day: row.copy() for day, row in self._rows.items()}
        twin.counted = {name: tally.copy() for name, tally in self.counted.items()}
        twin.withdrawn = {name: tally.copy() for name, tally in self.withdrawn.items()}
        return twin
