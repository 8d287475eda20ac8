"""What one poll added to the counters of one account, by lane and figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from exporter.ledger.observation import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Increments:
    """Growth of the counters in one poll: a key is (lane, figure), as in :class:`~exporter.ledger.Observation`.

    ``fresh`` came in since the previous poll, and is the only evidence of what happens now. ``late`` grew the counters
    as well and is no evidence: it was booked on an earlier day, or is the first since the start or since a pause, or
    came in an answer that also moved amounts, or in the first one after a leap of the server's date. A key of
    ``observed`` that is not in ``fresh`` did not grow today; of any other key nothing is known of now. ``days_lost``
    are the days that this poll found to be out of the API's reach, each reported once.
    """

    fresh: Mapping[Key, Decimal] = field(default_factory=dict)
    late: Mapping[Key, Decimal] = field(default_factory=dict)
    observed: frozenset[Key] = frozenset()
    days_lost: tuple[date, ...] = ()

    def evidence(self, lane: str) -> dict[str, Decimal]:
        """Fresh growth of one lane by figure (``calls``, ``answered_calls``, ``seconds``, ``cost/INR``), with zeros.

        A figure of which nothing is known in this poll is not in it.
        """
        return {figure: self.fresh.get((name, figure), Decimal(0)) for name, figure in self.observed if name == lane}


@dataclass(slots=True, kw_only=True)
class PollRecord:
    """What the ledger notes of one poll while it takes it in."""

    today: date
    at: float
    leapt: bool
    corrected: bool = False
    fresh: dict[Key, Decimal] = field(default_factory=dict)
    late: dict[Key, Decimal] = field(default_factory=dict)
    observed: set[Key] = field(default_factory=set)

    def add(self, key: Key, growth: Decimal, *, fresh: bool) -> None:
        """Note that a counter grew."""
        amounts = self.fresh if fresh else self.late
        amounts[key] = amounts.get(key, Decimal(0)) + growth

    def increments(self, *, days_lost: tuple[date, ...]) -> Increments:
        """The result."""
        return Increments(fresh=self.fresh, late=self.late, observed=frozenset(self.observed), days_lost=days_lost)
