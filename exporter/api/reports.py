"""The two answers: ``/dashboard`` and ``/analytics``, in today's shape and in the older published ones.

Sources: the Partner API notes. Today both endpoints share a body. Older ``/dashboard`` examples are flat
(``active_accounts``, or ``total_customers`` / ``active_customers`` / ``total_balance_held``); the older ``/analytics``
has ``totals`` and ``by_direction``. What such a body has is read, what it lacks is listed as unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from exporter.api.answer import nothing_read, open_answer
from exporter.api.fields import Fields
from exporter.api.model import (
    DIRECTIONS,
    MORE_ANSWERED_THAN_CALLS,
    Accounts,
    DayRow,
    Partner,
    Report,
    Rollup,
    Window,
)

T = TypeVar("T")

PRODUCTS = ("sip_trunking", "voice_api")
MAX_PRODUCTS = 16
MAX_DAYS = 4000

_PRODUCT = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_ZERO = Decimal(0)
_NO_CALLS = Rollup(calls=0, answered_calls=0, minutes=_ZERO, cost=_ZERO)


def parse_dashboard(body: bytes) -> Report:
    """Read an answer of ``/dashboard``. Raises Malformed if it is no JSON object with anything that was asked for."""
    top = open_answer(body)
    accounts, total = _accounts(top), _rollup(top.object("calls"))
    days, complete = _days(top, total)
    report = Report(
        partner=_partner(top.object("partner")),
        window=_window(top.object("period")),
        accounts=accounts,
        balance=_balance(top, accounts),
        currency=top.currency(),
        total=total,
        directions=_parts(_section(top, "traffic", total), DIRECTIONS, total),
        products=_products(top, total),
        days=days,
        complete_days=complete,
    )
    if report.balance is None and accounts == Accounts() and not days:
        _require_calls(report, top)
    return replace(report, unreadable=tuple(top.unreadable))


def parse_analytics(body: bytes) -> Report:
    """Read the calls in an answer of ``/analytics``; balance and accounts are read from ``/dashboard`` alone.

    Raises Malformed if it is no JSON object with anything that was asked for.
    """
    top = open_answer(body)
    older = _only_older(top, "totals", "calls")
    if older:
        totals, by_direction = top.object("totals"), top.object("by_direction")
        currency, total = totals.currency(), _older_totals(totals)
        directions = tuple((name, _older_direction(by_direction.object(name))) for name in DIRECTIONS)
    else:
        currency, total = top.currency(), _rollup(top.object("calls"))
        directions = _parts(_section(top, "traffic", total), DIRECTIONS, total)
    partner = top.object_if_any("partner")
    report = Report(
        partner=Partner(auth_id=partner.text("auth_id") if partner.states("auth_id") else None),
        window=_window(top.object("period")),
        currency=currency,
        total=total,
        directions=directions,
        products=_products(top, total),
    )
    _require_calls(report, top)
    return replace(report, unreadable=tuple(top.unreadable))


def _require_calls(report: Report, top: Fields) -> None:
    """Raise Malformed if no call is counted, unless the answer states its days and a (bad) total."""
    rollups = [report.total, *(rollup for _, rollup in (*report.directions, *report.products))]
    stated = report.window is not None and "calls" in top.names()
    if not stated and all(rollup == Rollup() for rollup in rollups):
        raise nothing_read(top)


def _only_older(top: Fields, older: str, current: str) -> bool:
    return older in top and current not in top


def _partner(fields: Fields) -> Partner:
    def stated(key: str) -> str | None:
        return None if fields.says_none(key) else fields.text(key)

    return Partner(
        auth_id=stated("auth_id"),
        slug=stated("slug"),
        billing_model=stated("billing_model"),
        max_accounts=None if fields.says_none("max_accounts") else fields.count("max_accounts"),
    )


def _window(fields: Fields) -> Window | None:
    first, last = fields.day("from"), fields.day("to")
    if first is None or last is None:
        return None
    if first > last:
        fields.reject("from", "later than to")
        return None
    return Window(first=first, last=last)


def _accounts(top: Fields) -> Accounts:
    if "accounts" in top:
        return _counted(top.object("accounts"), "total", "active")
    if "active_accounts" in top:
        return Accounts(active=top.count("active_accounts"))
    if "active_customers" in top or "total_customers" in top:
        return _counted(top, "total_customers", "active_customers")
    top.reject("accounts", "missing")
    return Accounts()


def _counted(fields: Fields, total_key: str, active_key: str) -> Accounts:
    total, active = fields.count(total_key), fields.count(active_key)
    if total is not None and active is not None and active > total:
        fields.reject(active_key, f"more than {total_key}")
        active = None
    return Accounts(total=total, active=active)


def _balance(top: Fields, accounts: Accounts) -> Decimal | None:
    """The balance held by all customers together, which is none where there are none."""
    if _only_older(top, "total_balance_held", "total_balance"):
        return top.signed("total_balance_held")
    none = "total_balance" not in top and accounts.total == 0
    return None if none else top.signed("total_balance")


def _rollup(fields: Fields, *, with_minutes: bool = True, with_cost: bool = True) -> Rollup:
    """A roll-up; of no calls, the sums may be null or missing, and are zero."""
    calls = fields.count("total_calls")

    def of_calls(read: Callable[[str], T | None], key: str, zero: T) -> T | None:
        return zero if calls == 0 and not fields.states(key) else read(key)

    answered_calls = of_calls(fields.count, "answered_calls", 0)
    minutes = of_calls(fields.amount, "total_minutes", _ZERO) if with_minutes else None
    cost = of_calls(fields.amount, "total_cost", _ZERO) if with_cost else None
    if calls is not None and answered_calls is not None and answered_calls > calls:
        fields.reject("answered_calls", MORE_ANSWERED_THAN_CALLS)
        answered_calls = None
    return Rollup(calls=calls, answered_calls=answered_calls, minutes=minutes, cost=cost)


def _older_totals(fields: Fields) -> Rollup:
    seconds = fields.amount("total_duration_seconds")
    rollup = _rollup(fields, with_minutes=False)
    return replace(rollup, minutes=None if seconds is None else seconds / 60)


def _older_direction(fields: Fields) -> Rollup:
    return Rollup(calls=fields.count("calls"), cost=fields.amount("cost"))


def _section(top: Fields, key: str, total: Rollup) -> Fields:
    """The object with the parts of a total, which may be missing where there were no calls."""
    return top.object_if_any(key) if total.calls == 0 else top.object(key)


def _parts(
    section: Fields, names: Sequence[str], total: Rollup, *, with_cost: bool = True
) -> tuple[tuple[str, Rollup], ...]:
    """The roll-ups that a total is made of.

    An API may leave out a part that had no calls. That it had none is only known where the others make up the total.
    """
    stated = {
        name: _rollup(section.object(name), with_cost=with_cost) for name in names if section.holds_anything(name)
    }
    left_out = [name for name in names if name not in stated]
    counts = [rollup.calls for rollup in stated.values() if rollup.calls is not None]
    if left_out and len(counts) == len(stated) and sum(counts) == total.calls:
        no_calls = _NO_CALLS if with_cost else replace(_NO_CALLS, cost=None)
        stated.update(dict.fromkeys(left_out, no_calls))
    return tuple(
        (name, stated[name] if name in stated else _rollup(section.object(name), with_cost=with_cost)) for name in names
    )


def _products(top: Fields, total: Rollup) -> tuple[tuple[str, Rollup], ...]:
    """The known products, and whatever others the API has come to list."""
    section = _section(top, "by_product", total)
    others = [name for name in section.names() if name not in PRODUCTS]
    readable = [name for name in others if _PRODUCT.fullmatch(name)][: MAX_PRODUCTS - len(PRODUCTS)]
    if len(readable) < len(others):
        section.reject("*", f"{len(others) - len(readable)} products with unusable names, or too many")
    return _parts(section, (*PRODUCTS, *readable), total)


def _days(top: Fields, total: Rollup) -> tuple[tuple[DayRow, ...] | None, bool]:
    """The rows, oldest first, and whether every one of them could be read whole."""
    if "time_series" not in top and total.calls == 0:
        return (), True
    if top.says_none("time_series"):
        return None, False
    problems_before = len(top.unreadable)
    rows = top.rows("time_series", MAX_DAYS)
    if rows is None:
        return None, False
    days: dict[date, DayRow] = {}
    for row in rows:
        day = row.day("date")
        if day is None:
            continue
        if day in days:
            row.reject("date", "the same day twice; the first row counts")
            continue
        days[day] = _day_row(day, row)
    return tuple(days[day] for day in sorted(days)), len(top.unreadable) == problems_before


def _day_row(day: date, row: Fields) -> DayRow:
    total = _rollup(row)
    directions = _parts(row, DIRECTIONS, total, with_cost=False)
    return DayRow(day=day, total=total, **dict(directions))
