"""What the canned API says: the published shape, two months of calls, and a today that grows with the clock."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

DAYS = 62
"""That have calls; more than one answer shows, as after two months."""

_CALLS_A_DAY = 20_000
_CUSTOMER = {
    "auth_id": "MA_BENCH0001",
    "name": "Customer One",
    "email": "one@customer.test",
    "phone": "+910000000011",
    "is_active": True,
    "created_at": "2026-02-01T09:00:00.000000+00:00",
}


@lru_cache(maxsize=64)
def body(first: date, last: date, *, today: date, second: int, customers: int) -> bytes:
    """An answer for these days. ``second`` makes today's values: one call a second in each direction."""
    days = [today - timedelta(days=ago) for ago in range(DAYS)]
    rows = {
        day: _row(1 + second if day == today else _CALLS_A_DAY + day.toordinal() * 7_919 % 9_973)
        for day in days
        if first <= day <= last
    }
    one_way = _sum(rows.values(), 1)
    answer = {
        "partner": {"auth_id": "PA_BENCH", "slug": "bench", "billing_model": "direct", "max_accounts": 500},
        "period": {"from": first.isoformat(), "to": last.isoformat()},
        "accounts": {"total": customers, "active": customers, "customers": [_CUSTOMER] * customers},
        "total_balance": "40321.07500",
        "currency": "INR",
        "calls": _sum(rows.values(), 2),
        "traffic": {"inbound": one_way, "outbound": one_way},
        "by_product": {"sip_trunking": one_way, "voice_api": one_way},
        "time_series": [{"date": day.isoformat(), **row} for day, row in rows.items()],
    }
    return json.dumps(answer).encode()


def _row(calls: int) -> dict[str, Any]:
    """A day with so many calls in each direction."""
    one_way = {name: value for name, value in _rollup(calls).items() if name != "total_cost"}
    return {**_rollup(2 * calls), "inbound": one_way, "outbound": one_way}


def _sum(rows: Iterable[dict[str, Any]], parts: int) -> dict[str, Any]:
    """The roll-up of both directions (``parts`` 2), or of one: each carries half of every day."""
    return _rollup(sum(row["total_calls"] for row in rows) * parts // 2)


def _rollup(calls: int) -> dict[str, Any]:
    return {
        "total_calls": calls,
        "answered_calls": calls * 613 // 1_000,
        "total_minutes": round(calls * 1.237, 1),
        "total_cost": f"{calls * 0.317:.2f}",
    }
