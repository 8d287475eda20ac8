"""The Partner API's answers, field by field in the documented order and types.

Counts are numbers, money is a string, minutes are a whole number (``25``) or have one decimal place (``25.5``).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone

from .books import TOTAL, DayRow, Tally
from .climate import DIRECTIONS, PRODUCTS
from .customers import Customer, Profile
from .partner import SimulatedPartner
from .records import Record

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


def record_page(partner: SimulatedPartner, records: Sequence[Record], *, page: int, size: int) -> Json:
    """Return the body of ``/cdrs``: one page, from 1, of records that are the newest first."""
    part = records[(page - 1) * size : page * size]
    pages = -(-len(records) // size)
    return {
        "success": True,
        "account_id": partner.auth_id,
        "count": len(part),
        "data": [_record(partner, record) for record in part],
        "pagination": {
            "page": page,
            "per_page": size,
            "total": len(records),
            "pages": pages,
            "has_next": page < pages,
            "has_prev": page > 1,
        },
    }


def _record(partner: SimulatedPartner, record: Record) -> Json:
    cause, customer = record.cause, partner.customers[record.customer]
    answered = record.begun + record.ring
    # people's numbers, which nobody should read: made up, as every host under .test is
    number, other = f"+9100{record.id % 10**8:08d}", f"+9199{record.id * 7 % 10**8:08d}"
    outbound = record.direction == "outbound"
    return {
        "id": record.id,
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{partner.auth_id}/{record.id}")),
        "account_id": customer.auth_id,
        "call_direction": record.direction,
        "context": {"voice_api": "voice-api", "sip_trunking": "sip-trunk"}[record.product],
        "caller_id_number": number if outbound else other,
        "caller_id_name": customer.name,
        "destination_number": other if outbound else number,
        "network_addr": f"192.0.2.{record.id % 254 + 1}",
        "sip_call_id": f"{record.id}@sip.vobiz.test",
        "start_time": _moment(record.begun),
        "answer_time": _moment(answered) if cause.failure is None else None,
        "end_time": _moment(answered + record.talk),
        "duration": round(record.ring) + record.talk,
        "billsec": record.talk,
        "ring_time": round(record.ring),
        "hangup_cause": cause.word,
        "hangup_cause_code": cause.code,
        "hangup_cause_name": cause.name,
        "hangup_source": cause.source,
        "failure_code": None if cause.failure is None else str(cause.failure),
        "failure_reason": None if cause.failure is None else cause.name,
        "mos": None if cause.failure else round(4.4 - record.id % 7 / 20, 2),
        "jitter": None if cause.failure else record.id % 12,
        "packet_loss": None if cause.failure else record.id % 3 / 10,
        "region": "ap-south-1",
        "origination_region": "IN",
        "carrier_ip": f"198.51.100.{record.id % 4 + 1}",
        "trunk_id": f"trunk-{record.customer + 1}" if record.product == "sip_trunking" else None,
        "cost": f"{record.cost // 100}.{record.cost % 100:02d}000",
        "currency": CURRENCY,
        "codec": "PCMA",
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


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
