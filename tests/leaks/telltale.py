"""Secrets and personal data that are recognised wherever they turn up."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

TOKEN = "tok+9Zq7/LeakMe=4Xw"
NEXT_TOKEN = "tok+Rotated8Kq/Leak"
PROXY_PASSWORD = "pr0xyPassw0rd7"
AUTH_ID = "PA_LEAKTEST1"

_SECRETS = (TOKEN, NEXT_TOKEN, PROXY_PASSWORD)
_PERSONAL = ("Telltale", "asha.leak", "@customer.test", "9812345678", "MA_LEAK", "Ratnakar", "ops@partner.test")
"""Parts of the customers' and the partner's names, addresses, numbers and ids below."""

_CUSTOMERS = [
    {
        "auth_id": f"MA_LEAK{number:04}",
        "name": f"Asha Telltale {number}",
        "email": f"asha.leak{number}@customer.test",
        "phone": "+919812345678",
        "is_active": True,
        "created_at": "2026-01-01T00:00:00Z",
    }
    for number in range(20)
]
_PARTNER = {
    "auth_id": AUTH_ID,
    "slug": "acme",
    "name": "Ratnakar Telltale",
    "company": "Ratnakar & Sons",
    "email": "ops@partner.test",
    "phone": "+919812345678",
    "billing_model": "prepaid",
    "max_accounts": 50,
}
_ROLLUP = {"total_calls": 20, "answered_calls": 10, "total_minutes": 5, "total_cost": "1.5"}


def body(**changed: object) -> bytes:
    """An answer of either endpoint that is full of personal data."""
    day = {"total_calls": 10, "answered_calls": 5, "total_minutes": 2.5}
    answer: dict[str, object] = {
        "partner": _PARTNER,
        "period": {"from": "2026-07-01", "to": "2026-07-01"},
        "accounts": {"total": 20, "active": 20, "customers": _CUSTOMERS},
        "total_balance": "1003058.82",
        "currency": "INR",
        "calls": _ROLLUP,
        "traffic": {"inbound": {**_ROLLUP, **day}, "outbound": {**_ROLLUP, **day}},
        "by_product": {"sip_trunking": _ROLLUP, "voice_api": {**_ROLLUP, "total_calls": 0, "answered_calls": 0}},
        "time_series": [{"date": "2026-07-01", **_ROLLUP, "inbound": day, "outbound": day}],
        "top_customers": _CUSTOMERS,
    }
    return json.dumps({**answer, **changed}).encode()


def found_in(text: str) -> list[str]:
    """What of all that is in a text, as it is or in a form that is easily turned back."""
    forms = [form for secret in _SECRETS for form in _forms(secret)]
    return [form for form in (*forms, *_PERSONAL) if form in text]


def _forms(secret: str) -> tuple[str, ...]:
    return (
        secret,
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("="),
        secret.encode().hex(),
        json.dumps(secret)[1:-1],
        secret[:10],
        secret[-10:],
    )
