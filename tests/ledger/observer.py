"""An observer that remembers every figure it was shown, and says at the end what the counters must be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.ledger.api_model import Series

Shown = Mapping[tuple[date, Series], Decimal]


@dataclass
class Observer:
    """The truth by definition: for each series, the sum over days of the highest figure shown less the one known first.

    ``known_from`` is, for each kind of answer, the first day whose calls are all new: of a day before it, the first
    figure ever shown is history.
    """

    known_from: dict[str, date] = field(default_factory=dict)
    shown: dict[tuple[date, Series], list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    history: set[tuple[date, Series]] = field(default_factory=set)
    corrections: int = 0
    _lowered: bool = False

    def see(self, kind: str, figures: Shown, *, first: date, last: date, whole: bool) -> None:
        """One answer. ``whole``: nothing that it should have said was missing or unreadable."""
        begins = kind not in self.known_from
        if begins:
            self.known_from[kind] = first if whole else last + timedelta(days=1)
        for key, value in figures.items():
            if key not in self.shown and (begins or key[0] < self.known_from[kind]):
                self.history.add(key)
            self._lowered |= bool(self.shown[key]) and value < self.shown[key][-1]
            self.shown[key].append(value)

    def end_poll(self) -> None:
        """All answers of one poll were seen: figures that fell count as one correction."""
        self.corrections += self._lowered
        self._lowered = False

    def truth(self) -> dict[Series, Decimal]:
        """What each counter must say, by series."""
        totals: dict[Series, Decimal] = {}
        for key, values in self.shown.items():
            before = values[0] if key in self.history else Decimal(0)
            totals[key[1]] = totals.get(key[1], Decimal(0)) + max(values) - before
        return totals
