"""What is not believed before it was said again: another currency, and answers that contradict themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from exporter.ledger.day import Day
from exporter.ledger.observation import Key, Observation, is_cost

Values = dict[Key, Decimal]


@dataclass(slots=True, kw_only=True)
class Claims:
    """By group of lanes: ``currency`` is that of the costs, ``other_currency`` another one and the server's day when an
    answer first named it, ``doubted`` what the last answer claimed by day, if it contradicted itself."""

    currency: dict[str, str] = field(default_factory=dict)
    other_currency: dict[str, tuple[str, date]] = field(default_factory=dict)
    doubted: dict[str, dict[date, Values]] = field(default_factory=dict)

    def with_costs_that_count(self, seen: Observation, today: date) -> Observation:
        """The answer without costs in another currency than before; they count if they still come the next day.

        A currency that flaps restates the same money; one that has changed for good is still there a day later.
        """
        if seen.currency is None or self._is_current(seen.group, seen.currency, today):
            return seen
        days = tuple((day, tuple((key, value) for key, value in row if not is_cost(key))) for day, row in seen.days)
        return replace(seen, currency=None, days=days)

    def _is_current(self, group: str, currency: str, today: date) -> bool:
        code, since = self.other_currency.pop(group, (currency, today))
        if code == currency and today > since:
            self.currency[group] = currency
        if currency == self.currency.setdefault(group, currency):
            return True
        self.other_currency[group] = (currency, since if code == currency else today)
        return False

    def believed(self, seen: Observation, day: date, known: Day, values: Values) -> Values:
        """The values of a day as far as they count: of a doubtful answer, what the previous one claimed as well.

        That is the middle one of this claim, the previous one and what is known.
        """
        if not seen.doubtful:
            self.doubted.pop(seen.group, None)
            return values
        claims = self.doubted.setdefault(seen.group, {})
        before = claims.pop(day, {})
        middles = {key: _middle(value, before, known, key) for key, value in values.items()}
        believed = {key: middle for key, middle in middles.items() if middle is not None}
        held = {key: value for key, value in values.items() if believed.get(key) != value}
        if held:
            claims[day] = held
        return believed


def _middle(value: Decimal, before: Mapping[Key, Decimal], known: Day, key: Key) -> Decimal | None:
    if key not in known.marks:
        return min(value, before[key]) if key in before else None
    current = known.value(key)
    return sorted((value, before.get(key, current), current))[1]
