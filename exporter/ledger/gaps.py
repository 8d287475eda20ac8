"""Which past days are still to be asked for: not answered since they ended, or with sums that do not agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal

from exporter.ledger.day import ZERO, Day
from exporter.ledger.observation import COST_FIGURE, PRODUCTS_GROUP, Key, is_product

SHOWN_DAYS = timedelta(days=30)
"""How far before today the API shows days."""

SECONDS_TOLERANCE = Decimal(12)
COST_TOLERANCE = Decimal("0.05")
"""What rounding can explain between two directions and two products: minutes come to a tenth, cost to a hundredth."""

Days = Mapping[date, Day]


def missing(days: Days, group: str, *, since: date, today: date) -> list[date]:
    """The past days, as far as the API shows them, that a group needs an answer for; newest first."""
    past = (today - timedelta(days=n) for n in range(1, SHOWN_DAYS.days + 1))
    return [day for day in past if _is_missing(days.get(day, Day()), day, group, since)]


def is_unanswered(days: Days, day: date, groups: Collection[str]) -> bool:
    """Whether there was no answer at all for one of the groups since the day ended."""
    asked = days.get(day, Day()).asked
    return any(asked.get(group, day) <= day for group in groups)


def has_gap(day: Day) -> bool:
    """Whether the sum of the directions and that of the products differ in some figure that the directions have."""
    directions, products = _sums(day, product=False), _sums(day, product=True)
    return any(abs(value - products.get(figure, ZERO)) > _tolerance(figure) for figure, value in directions.items())


def _is_missing(known: Day, day: date, group: str, since: date) -> bool:
    if day >= since and known.covered.get(group, day) <= day:
        return True
    comparable = day >= since or any(is_product(key) for key in known.marks)
    return group == PRODUCTS_GROUP and comparable and has_gap(known)


def _sums(day: Day, *, product: bool) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    keys: list[Key] = [key for key in day.marks if is_product(key) == product]
    for key in keys:
        sums[key[1]] = sums.get(key[1], ZERO) + day.value(key)
    return sums


def _tolerance(figure: str) -> Decimal:
    if figure == "seconds":
        return SECONDS_TOLERANCE
    return COST_TOLERANCE if figure.startswith(COST_FIGURE) else ZERO
