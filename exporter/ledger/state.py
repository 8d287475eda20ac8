"""What is kept of an account from one start to the next: its days and totals, and what is not believed yet.

It is saved as JSON, with amounts as text: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from exporter.ledger.day import Day
from exporter.ledger.observation import GROUPS, MAX_SPAN, Key, Observation, group_of, is_cost

SHOWN_DAYS = 30
"""How many days before today the API shows."""

_DAY = timedelta(days=1)

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
        group, currency = seen.group, seen.currency
        if currency is None:
            return seen
        code, since = self.other_currency.pop(group, (currency, today))
        if code == currency and today > since:
            self.currency[group] = currency
        if currency == self.currency.setdefault(group, currency):
            return seen
        self.other_currency[group] = (currency, since if code == currency else today)
        days = {day: {key: row[key] for key in row if not is_cost(key)} for day, row in seen.days.items()}
        return replace(seen, currency=None, days=days)

    def believed(self, seen: Observation, day: date, known: Day, values: Values) -> Values:
        """The values of a day as far as they count: of a doubtful answer, what the previous one claimed as well.

        That is the middle one of this claim, the previous one and what is known.
        """
        if not seen.doubtful:
            self.doubted.pop(seen.group, None)
            return values
        claims = self.doubted.setdefault(seen.group, {})
        before = claims.pop(day, {})
        claims[day] = values
        believed: Values = {}
        for key, value in values.items():
            if key in known.marks:
                current = known.value(key)
                believed[key] = sorted((value, before.get(key, current), current))[1]
            elif key in before:
                believed[key] = min(value, before[key])
        return believed


@dataclass(kw_only=True)
class LedgerState:
    """The attributes of a ledger.

    ``totals`` are all counters. ``corrections`` are the polls in which the API lowered a figure that it had given,
    ``days_lost`` the days that it could no longer show when they were asked for. ``days`` are those that are kept, the
    longest not seen first; ``remainder`` is what was taken back of the others. ``since`` is the server's day when the
    account was first asked: up to it, a value whose past is unknown is history. ``opening`` is, by figure, what the
    directions had on that day when they were first known. ``today`` is the server's day as far as it is confirmed,
    ``leap`` another date, far from it, that the last answer named, ``reach`` the oldest day that the API can show.
    """

    totals: dict[Key, Decimal] = field(default_factory=dict)
    corrections: int = 0
    days_lost: int = 0
    days: dict[date, Day] = field(default_factory=dict)
    remainder: dict[Key, Decimal] = field(default_factory=dict)
    since: date = date.max
    opening: dict[str, Decimal] | None = None
    today: date | None = None
    leap: date | None = None
    reach: date | None = None
    claims: Claims = field(default_factory=Claims)

    def missing(self, group: str, today: date) -> list[date]:
        """The past days, as far as the API shows them, that a group needs an answer for."""
        past = [day for n in range(1, SHOWN_DAYS + 1) if (day := today - n * _DAY) >= self.since]
        return [day for day in past if self._is_given(group) and self.days.get(day, Day()).is_missing(day, group)]

    def is_unanswered(self, day: date) -> bool:
        """Whether there was no answer at all since a day ended for one of the groups that the API gives."""
        asked = self.days.get(day, Day()).asked
        return any(asked.get(group, day) <= day for group in GROUPS if self._is_given(group))

    def lost(self, today: date) -> tuple[date, ...]:
        """The days that have left the API's reach since the last call without an answer from after their end.

        None if that would be more than a year: then a date was wrong.
        """
        reach = today - SHOWN_DAYS * _DAY
        before, self.reach = self.reach, max(reach, self.reach or reach)
        first = max(self.since, before or reach)
        days = (first + n * _DAY for n in range((reach - first).days) if reach - first <= MAX_SPAN)
        return tuple(day for day in days if self.is_unanswered(day))

    def _is_given(self, group: str) -> bool:
        return any(group_of(key) == group for key in self.totals)


def dump_state(state: LedgerState) -> bytes:
    """The state as JSON: its attributes by name, a key as ``inbound calls``."""
    return msgspec.json.encode(_with_keys(msgspec.to_builtins(state), _joined))


def load_state(data: bytes) -> LedgerState:
    """The state that :func:`dump_state` wrote. Raises ValueError if it did not."""
    try:
        return msgspec.convert(_with_keys(msgspec.json.decode(data), _split), LedgerState)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise ValueError(f"not a saved ledger: {error}") from None


def _with_keys(value: Any, convert: Callable[[Any], Any]) -> Any:
    if not isinstance(value, dict):
        return value
    return {convert(key): _with_keys(inner, convert) for key, inner in value.items()}


def _joined(key: Any) -> str:
    return " ".join(key) if isinstance(key, tuple) else key


def _split(key: str) -> Any:
    return tuple(key.split(" ")) if " " in key else key
