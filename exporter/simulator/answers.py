"""The Partner API's answers, field by field in the documented order and types.

Counts are numbers, money is a string, minutes are a whole number (``25``) or have one decimal place (``25.5``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from .books import TOTAL, DayRow
from .climate import DIRECTIONS, PRODUCTS
from .customers import Customer, Profile
from .partner import SimulatedPartner
from .tally import Tally

CURRENCY = "INR"
MAX_ACCOUNTS = 500

Json = dict[str, object]


def minutes(seconds: int) -> int | float:
    """Return ``seconds`` (a multiple of 6) in minutes, exactly."""
    tenths = seconds // 6
    return tenths / 10 if tenths % 10 else tenths // 10


def cost(paise: int) -> str:
    """Return ``paise`` in rupees: ``"551.50"``, and ``"0"`` for nothing."""
    return f"{paise // 100}.{paise % 100:02d}" if paise else "0"


def money(units: int) -> str:
    """Return hundred-thousandths of a rupee in rupees, with all five decimals: ``"40321.07500"``."""
    sign = "-" if units < 0 else ""
    return f"{sign}{abs(units) // 100_000}.{abs(units) % 100_000:05d}"


def report(partner: SimulatedPartner, *, first: date, last: date) -> Json:
    """Return the body of ``/dashboard`` and ``/analytics`` for the days from ``first`` to ``last``, both included."""
    shown = partner.shown
    start, end = max(first, partner.first_day), min(last, shown.today)
    days = [start + timedelta(days=ahead) for ahead in range((end - start).days + 1)]
    sums = shown.books.sums(days)
    return {
        "partner": profile(partner, balance=None),
        "period": {"from": first.isoformat(), "to": last.isoformat()},
        "accounts": {**accounts(partner), "customers": [_customer(customer) for customer in partner.customers]},
        "total_balance": money(shown.balance),
        "currency": CURRENCY,
        "calls": _rollup(sums[TOTAL]),
        "traffic": {direction: _rollup(sums[direction]) for direction in DIRECTIONS},
        "by_product": {product: _rollup(sums[product]) for product in PRODUCTS},
        "time_series": [_day(day, row) for day in days if (row := shown.books.row(day)).series[TOTAL].calls],
    }


def profile(partner: SimulatedPartner, *, balance: str | None) -> Json:
    """Return the partner object: ``balance`` is null in reports, and the partner's own wallet in ``/me``."""
    about: Profile = partner.profile
    return {
        "id": about.id,
        "account_id": 610_000 + about.number,
        "name": f"Demo Partner {about.number}",
        "slug": f"demo-partner-{about.number}",
        "company": f"Demo Partner {about.number} Ltd",
        "auth_id": about.auth_id,
        "email": f"ops@demo-partner-{about.number}.test",
        "phone": f"+9100000{about.number:05d}",
        "billing_model": "direct",
        "is_active": True,
        "is_verified": False,
        "max_accounts": max(MAX_ACCOUNTS, len(partner.customers)),
        "can_create_accounts": True,
        "can_create_pricing_tiers": True,
        "can_view_cdrs": True,
        "can_transfer_balance": True,
        "default_pricing_tier_id": about.pricing_tier,
        "account_count": len(partner.customers),
        "balance": balance,
        "created_at": _stamp(about.created_at) + "Z",
        "updated_at": _stamp(about.updated_at) + "Z",
    }


def me(partner: SimulatedPartner) -> Json:
    """Return the body of ``/me``."""
    return profile(partner, balance=money(partner.shown.master))


def accounts(partner: SimulatedPartner) -> dict[str, int]:
    """Return how many customer accounts there are, and how many of them are active."""
    return {
        "total": len(partner.customers),
        "active": sum(customer.is_active for customer in partner.customers),
    }


def account_page(partner: SimulatedPartner, *, page: int, size: int) -> Json:
    """Return the body of ``/accounts``; pages count from 1, and one past the end is empty."""
    everyone = list(zip(partner.customers, partner.shown.credits, strict=True))
    return {
        "accounts": [_account(customer, credit) for customer, credit in everyone[(page - 1) * size : page * size]],
        "total": len(everyone),
        "page": page,
        "size": size,
    }


def _rollup(tally: Tally) -> Json:
    return {**_counts(tally), "total_cost": cost(tally.cost)}


def _counts(tally: Tally) -> Json:
    return {
        "total_calls": tally.calls,
        "answered_calls": tally.answered,
        "total_minutes": minutes(tally.seconds),
    }


def _day(day: date, row: DayRow) -> Json:
    series: Mapping[str, Tally] = row.series
    return {
        "date": day.isoformat(),
        **_rollup(series[TOTAL]),
        **{direction: _counts(series[direction]) for direction in DIRECTIONS},
    }


def _customer(customer: Customer) -> Json:
    return {
        "auth_id": customer.auth_id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "is_active": customer.is_active,
        "created_at": _stamp(customer.created_at) + "+00:00",
    }


def _account(customer: Customer, credit: int) -> Json:
    return {
        "auth_id": customer.auth_id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "cash_credits": money(credit),
        "is_active": customer.is_active,
        "enabled": customer.enabled,
        "kyc_status": customer.kyc_status,
        "billing_mode": "postpaid" if customer.postpaid else "prepaid",
        "postpaid": customer.postpaid,
        "cps_limit": 2,
        "concurrent_calls_limit": 10,
    }


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
