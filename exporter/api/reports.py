"""The two answers: ``/dashboard`` and ``/analytics``, in today's shape and in the older published ones.

Sources: the Partner API notes. Today both endpoints share a body. Older ``/dashboard`` examples are flat
(``active_accounts``, or ``total_customers`` / ``active_customers`` / ``total_balance_held``); the older ``/analytics``
has ``totals`` and ``by_direction``. What such a body has is read, what it lacks is listed as unreadable.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from exporter.api.fields import Fields, decode_object
from exporter.api.model import (
    DIRECTIONS,
    MORE_ANSWERED_THAN_CALLS,
    Accounts,
    DayRow,
    Partner,
    Report,
    Rollup,
    Unreadable,
    Window,
)

PRODUCTS = ("sip_trunking", "voice_api")
MOST_PRODUCTS = 16
MOST_DAYS = 4000

_PRODUCT = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{2,8}", re.ASCII)


def parse_dashboard(body: bytes) -> Report:
    """Read an answer of ``/dashboard``. Raises :class:`~exporter.api.errors.Malformed` if it is not a JSON object."""
    unreadable: list[Unreadable] = []
    top = Fields(decode_object(body), "", unreadable)
    older_balance = _only_older(top, "total_balance_held", "total_balance")
    days, complete = _days(top)
    return Report(
        partner=_partner(top.object("partner")),
        window=_window(top.object("period")),
        accounts=_accounts(top),
        balance=top.signed("total_balance_held" if older_balance else "total_balance"),
        currency=_currency(top),
        total=_rollup(top.object("calls")),
        directions=_parts(top.object("traffic"), DIRECTIONS),
        products=_products(top.object("by_product")),
        days=days,
        complete_days=complete,
        unreadable=tuple(unreadable),
    )


def parse_analytics(body: bytes) -> Report:
    """Read the call figures of an answer of ``/analytics``; account figures are read from ``/dashboard`` alone.

    Raises :class:`~exporter.api.errors.Malformed` if it is not a JSON object.
    """
    unreadable: list[Unreadable] = []
    top = Fields(decode_object(body), "", unreadable)
    older = _only_older(top, "totals", "calls")
    window = _window(top.object("period"))
    if older:
        totals, by_direction = top.object("totals"), top.object("by_direction")
        currency = _currency(totals)
        total = _older_totals(totals)
        directions = tuple((name, _older_direction(by_direction.object(name))) for name in DIRECTIONS)
    else:
        currency = _currency(top)
        total = _rollup(top.object("calls"))
        directions = _parts(top.object("traffic"), DIRECTIONS)
    return Report(
        window=window,
        currency=currency,
        total=total,
        directions=directions,
        products=_products(top.object("by_product")),
        unreadable=tuple(unreadable),
    )


def _only_older(top: Fields, older: str, current: str) -> bool:
    return older in top and current not in top


def _partner(fields: Fields) -> Partner:
    return Partner(
        auth_id=fields.text("auth_id"),
        slug=fields.text("slug"),
        billing_model=fields.text("billing_model"),
        max_accounts=fields.count("max_accounts"),
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


def _currency(fields: Fields) -> str | None:
    currency = fields.text("currency")
    if currency is not None and not _CURRENCY.fullmatch(currency):
        fields.reject("currency", "not a currency code")
        return None
    return currency


def _rollup(fields: Fields, *, with_cost: bool = True) -> Rollup:
    return _checked(
        fields,
        "answered_calls",
        Rollup(
            calls=fields.count("total_calls"),
            answered_calls=fields.count("answered_calls"),
            minutes=fields.amount("total_minutes"),
            cost=fields.amount("total_cost") if with_cost else None,
        ),
    )


def _older_totals(fields: Fields) -> Rollup:
    seconds = fields.amount("total_duration_seconds")
    return _checked(
        fields,
        "answered_calls",
        Rollup(
            calls=fields.count("total_calls"),
            answered_calls=fields.count("answered_calls"),
            minutes=None if seconds is None else seconds / 60,
            cost=fields.amount("total_cost"),
        ),
    )


def _older_direction(fields: Fields) -> Rollup:
    return Rollup(calls=fields.count("calls"), cost=fields.amount("cost"))


def _checked(fields: Fields, key: str, rollup: Rollup) -> Rollup:
    if rollup.calls is None or rollup.answered_calls is None or rollup.answered_calls <= rollup.calls:
        return rollup
    fields.reject(key, MORE_ANSWERED_THAN_CALLS)
    return replace(rollup, answered_calls=None)


def _parts(fields: Fields, names: tuple[str, ...]) -> tuple[tuple[str, Rollup], ...]:
    return tuple((name, _rollup(fields.object(name))) for name in names)


def _products(fields: Fields) -> tuple[tuple[str, Rollup], ...]:
    """The known products, and whatever others the API has come to list."""
    others = [name for name in fields.names() if name not in PRODUCTS]
    readable = [name for name in others if _PRODUCT.fullmatch(name)][: MOST_PRODUCTS - len(PRODUCTS)]
    if len(readable) < len(others):
        fields.reject("*", f"{len(others) - len(readable)} products with unusable names, or too many")
    return _parts(fields, (*PRODUCTS, *readable))


def _days(top: Fields) -> tuple[tuple[DayRow, ...] | None, bool]:
    """The rows, oldest first, and whether every one of them could be read whole."""
    problems_before = len(top.unreadable)
    rows = top.rows("time_series", MOST_DAYS)
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
        days[day] = DayRow(
            day=day,
            total=_rollup(row),
            inbound=_rollup(row.object("inbound"), with_cost=False),
            outbound=_rollup(row.object("outbound"), with_cost=False),
        )
    return tuple(days[day] for day in sorted(days)), len(top.unreadable) == problems_before
