"""A partner whose wallet, customers and call records a test sets, answering over a real socket as the API documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.metrics.test_golden_pages import documented_answers
from tests.rig.vobiz import Answer

Json = dict[str, Any]

_MAIN = documented_answers("dashboard.json", "analytics-today.json")


def customer(number: int, balance: object = "1000.00000", **changes: object) -> Json:
    """One row of ``/accounts``, in the documented shape. Its name, e-mail and phone must never be seen."""
    return {
        "auth_id": f"MA_{number:05d}",
        "name": f"Secret Name {number}",
        "email": f"secret{number}@customer.test",
        "phone": f"+9190000{number:05d}",
        "cash_credits": balance,
        "is_active": True,
        "enabled": True,
        "kyc_status": "verified",
        "billing_mode": "prepaid",
        "postpaid": False,
        "cps_limit": 2,
        "concurrent_calls_limit": 10,
        **changes,
    }


def call_record(number: int, **changes: object) -> Json:
    """One row of ``/cdrs``, in the documented shape: an unanswered outbound call. Who called whom must not be seen."""
    return {
        "id": number,
        "uuid": f"uuid-{number}",
        "account_id": "MA_00001",
        "call_direction": "outbound",
        "answer_time": None,
        "billsec": 0,
        "ring_time": 12,
        "hangup_cause": "USER_BUSY",
        "hangup_cause_code": 3010,
        "hangup_cause_name": "User Busy",
        "hangup_source": "Carrier",
        "mos": None,
        **TELLTALES,
        **changes,
    }


TELLTALES: Json = {
    "caller_id_number": "+919876500001",
    "caller_id_name": "TELLTALE CALLER",
    "destination_number": "+919876500002",
    "network_addr": "203.0.113.77",
    "carrier_ip": "203.0.113.78",
    "sip_call_id": "telltale@sip.test",
}


class Partner:
    """Answers all endpoints. ``statuses`` maps an endpoint to a refusal, ``before_page`` runs before each page.

    ``records`` are those of ``/cdrs``, the newest first, ``booked`` the outbound calls of today that ``/dashboard``
    shows beside the documented ones.
    """

    def __init__(self, customers: Sequence[Json] = (), wallet: object = "250000.50000") -> None:
        self.customers = list(customers)
        self.profile: Json = {"auth_id": "PA_TEST0001", "email": "ops@secret.test", "name": "Secret", "balance": wallet}
        self.statuses: dict[str, int] = {}
        self.before_page: Callable[[int], None] = lambda page: None
        self.change: Callable[[Json], Json] = lambda body: body
        self.most_per_page = 1000
        self.records: list[Json] = []
        self.booked = 0

    def script(self, endpoint: str, query: dict[str, str]) -> Answer:
        """For :class:`~tests.rig.vobiz.ScriptedVobiz`."""
        if endpoint in ("accounts", "cdrs"):
            self.before_page(int(query["page"]))
        if endpoint in self.statuses:
            return self.statuses[endpoint], b"{}"
        if endpoint == "me":
            return 200, json.dumps(self.profile).encode()
        if endpoint == "accounts":
            return 200, json.dumps(self.change(self._page(int(query["page"]), int(query["per_page"])))).encode()
        if endpoint == "cdrs":
            page, size = int(query["page"]), int(query["per_page"])
            return 200, json.dumps({"success": True, "data": self.records[(page - 1) * size : page * size]}).encode()
        status, body = _MAIN(endpoint, query)
        return status, self._with_booked(body) if endpoint == "dashboard" else body

    def call(self, number: int, **changes: object) -> None:
        """Book a call, and put its record before the others."""
        self.booked += 1
        self.records.insert(0, call_record(number, **changes))

    def _with_booked(self, body: bytes) -> bytes:
        said = json.loads(body)
        today = said["time_series"][-1]
        for row in (today, today["outbound"], said["calls"], said["traffic"]["outbound"]):
            row["total_calls"] += self.booked
        return json.dumps(said).encode()

    def _page(self, page: int, size: int) -> Json:
        size = min(size, self.most_per_page)
        rows = self.customers[(page - 1) * size : page * size]
        return {"accounts": rows, "total": len(self.customers), "page": page, "size": size}
