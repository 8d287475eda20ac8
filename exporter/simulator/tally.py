"""Exact counts of calls. No float comes near them, so sums hold to the last second and paisa."""

from __future__ import annotations

from dataclasses import dataclass

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
        """Raise each figure that ``other`` exceeds, and return by how much each was raised."""
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
