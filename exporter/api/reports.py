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
from typing import TypeAlias, TypeVar

from exporter.api.answer import malformed, open_answer
from exporter.api.fields import Fields
from exporter.api.model import (
    DIRECTIONS,
    MORE_ANSWERED_THAN_CALLS,
    NO_CALLS,
    Accounts,
    DayRow,
    Partner,
    Report,
    Rollup,
    Window,
)

T = TypeVar("T")
Parts: TypeAlias = tuple[tuple[str, Rollup], ...]

PRODUCTS = ("sip_trunking", "voice_api")
MAX_PRODUCTS = 16
MAX_DAYS = 4000

_PRODUCT = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_ZERO = Decimal(0)


def parse_dashboard(body: bytes) -> Report:
    """Read an answer of ``/dashboard``. Raises ApiError if it is no JSON object with anything that was asked for."""
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

    Raises ApiError if it is no JSON object with anything that was asked for.
    """
    top = open_answer(body)
    directions: Parts
    if top.states("totals") and not top.states("calls"):
        totals, by_direction = top.object("totals"), top.object("by_direction")
        seconds = totals.amount("total_duration_seconds")
        total = replace(_rollup(totals, with_minutes=False), minutes=None if seconds is None else seconds / 60)
        stated = [(name, by_direction.object(name)) for name in DIRECTIONS]
        directions = tuple((name, Rollup(calls=one.count("calls"), cost=one.amount("cost"))) for name, one in stated)
        currency = totals.currency()
    else:
        currency, total = top.currency(), _rollup(top.object("calls"))
        directions = _parts(_section(top, "traffic", total), DIRECTIONS, total)
    report = Report(
        partner=Partner(auth_id=top.optional.object("partner").optional.text("auth_id")),
        window=_window(top.object("period")),
        currency=currency,
        total=total,
        directions=directions,
        products=_products(top, total),
    )
    _require_calls(report, top)
    return replace(report, unreadable=tuple(top.unreadable))


def _require_calls(report: Report, top: Fields) -> None:
    """Raise ApiError if no call is counted, unless the answer states its days and a (bad) total."""
    rollups = [report.total, *(rollup for _, rollup in (*report.directions, *report.products))]
    stated = report.window is not None and "calls" in top.names
    if not stated and all(rollup == Rollup() for rollup in rollups):
        raise malformed(top)


def _partner(fields: Fields) -> Partner:
    """Of a profile, a missing field is listed; one that holds a word for none is not."""

    def noted(key: str) -> Fields:
        return fields.optional if key in fields.names else fields

    return Partner(
        auth_id=noted("auth_id").text("auth_id"),
        slug=noted("slug").text("slug"),
        billing_model=noted("billing_model").text("billing_model"),
        max_accounts=noted("max_accounts").count("max_accounts"),
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
    if not top.states("accounts") and top.states("active_accounts"):
        return Accounts(active=top.count("active_accounts"))
    fields, total_key, active_key = top, "total_customers", "active_customers"
    if top.states("accounts"):
        fields, total_key, active_key = top.object("accounts"), "total", "active"
    elif not top.states(total_key) and not top.states(active_key):
        top.reject("accounts", "missing")
        return Accounts()
    total, active = fields.count(total_key), fields.count(active_key)
    if total is not None and active is not None and active > total:
        fields.reject(active_key, f"more than {total_key}")
        active = None
    return Accounts(total=total, active=active)


def _balance(top: Fields, accounts: Accounts) -> Decimal | None:
    """The balance held by all customers together, which is none where there are none."""
    if top.states("total_balance") or not top.states("total_balance_held"):
        none = not top.states("total_balance") and accounts.total == 0
        return None if none else top.signed("total_balance")
    return top.signed("total_balance_held")


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


def _section(top: Fields, key: str, total: Rollup) -> Fields:
    """The object with the parts of a total, which may be missing where there were no calls."""
    return (top.optional if total.calls == 0 else top).object(key)


def _parts(section: Fields, names: Sequence[str], total: Rollup, *, with_cost: bool = True) -> Parts:
    """The roll-ups that a total is made of.

    An API may leave out a part that had no calls. That it had none is only known where the others make up the total.
    """
    stated = {name: _rollup(section.object(name), with_cost=with_cost) for name in names if section.states_any(name)}
    calls = [rollup.calls for rollup in stated.values()]
    none = None
    if None not in calls and sum(filter(None, calls)) == total.calls:
        none = NO_CALLS if with_cost else replace(NO_CALLS, cost=None)
    return tuple(
        (name, stated.get(name) or none or _rollup(section.object(name), with_cost=with_cost)) for name in names
    )


def _products(top: Fields, total: Rollup) -> Parts:
    """The known products, and whatever others the API has come to list."""
    section = _section(top, "by_product", total)
    others = [name for name in section.names if name not in PRODUCTS]
    readable = [name for name in others if _PRODUCT.fullmatch(name)][: MAX_PRODUCTS - len(PRODUCTS)]
    if len(readable) < len(others):
        section.reject("*", f"{len(others) - len(readable)} products with unusable names, or too many")
    return _parts(section, (*PRODUCTS, *readable), total)


def _days(top: Fields, total: Rollup) -> tuple[tuple[DayRow, ...] | None, bool]:
    """The rows, oldest first, and whether every one of them could be read whole."""
    if not top.states("time_series") and total.calls == 0:
        return (), True
    problems_before = len(top.unreadable)
    rows = (top.optional if "time_series" in top.names else top).rows("time_series", MAX_DAYS)
    if rows is None:
        return None, False
    days: dict[date, DayRow] = {}
    for row in rows:
        day = row.day("date")
        if day in days:
            row.reject("date", "the same day twice; the first row counts")
        elif day is not None:
            total = _rollup(row)
            directions = dict(_parts(row, DIRECTIONS, total, with_cost=False))
            days[day] = DayRow(day=day, total=total, inbound=directions["inbound"], outbound=directions["outbound"])
    return tuple(days[day] for day in sorted(days)), len(top.unreadable) == problems_before
