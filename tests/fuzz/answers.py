"""Answers of the API to begin with: today's shape, the older ones, and what they are made of."""

from __future__ import annotations

import json
import re

from tests.fuzz.target import split

_DAY = {"total_calls": 30, "answered_calls": 25, "total_minutes": 61.5, "total_cost": "18.45"}
_HALF = {"total_calls": 15, "answered_calls": 12, "total_minutes": 30, "total_cost": "9"}
_WINDOW = {"from": "2026-06-02", "to": "2026-07-01"}
_CURRENT = {
    "partner": {"auth_id": "PA_1", "slug": "acme", "billing_model": "prepaid", "max_accounts": 50, "balance": None},
    "period": _WINDOW,
    "accounts": {"total": 2, "active": 1, "customers": [{"auth_id": "MA_1", "name": "A", "email": "a@b.test"}]},
    "total_balance": "1003058.82000",
    "currency": "INR",
    "calls": {**_DAY, "total_calls": 60, "answered_calls": 50},
    "traffic": {"inbound": _DAY, "outbound": _DAY},
    "by_product": {"sip_trunking": _DAY, "voice_api": _DAY},
    "time_series": [
        {"date": "2026-06-30", **_DAY, "inbound": _HALF, "outbound": _HALF},
        {"date": "2026-07-01", **_DAY, "inbound": _HALF, "outbound": _HALF},
    ],
}
_OLDER = {
    "period": _WINDOW,
    "totals": {**_DAY, "failed_calls": 5, "total_duration_seconds": 3690, "currency": "INR"},
    "by_direction": {"inbound": {"calls": 10, "cost": 4}, "outbound": {"calls": 20, "cost": "8.5"}},
    "top_customers": [{"auth_id": "MA_1", "name": "A", "calls": 3, "cost": 1}],
}
_FLAT = {"active_accounts": 3, "total_balance": 284500.00, "currency": "INR", "calls_today": 5}
_FLAT_CUSTOMERS = {"total_customers": 5, "active_customers": 3, "total_balance_held": -5.5e2, "currency": "inr"}


def _encoded(answer: dict[str, object]) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()


DASHBOARD = _encoded(_CURRENT)
ANALYTICS = _encoded({**_CURRENT, "period": {"from": "2026-07-01", "to": "2026-07-01"}})
ANSWERS = (DASHBOARD, ANALYTICS, *map(_encoded, (_OLDER, _FLAT, _FLAT_CUSTOMERS)), b"\xef\xbb\xbf{}", b"[]", b'{"a":')
WORDS = (
    *sorted(set(re.findall(rb'"[a-z_]+":?', b"".join(ANSWERS)))),
    *split(b'null|true|"|{|}|[|]|,|:|-|1e999|1e-999|-0.0|1e15|1000000000000001|0.0000000000001|NaN', b'Infinity|"12 "'),
    *split(
        b'"2026-07-01"|"2026-06-02T00:00:00Z"|"2199-12-31"|"2000-01-01"|"2026-02-30"|"USD"|\\ud800',
        b"\\u0000|\xff|\xef\xbb\xbf",
    ),
)
