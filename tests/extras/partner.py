"""A partner whose wallet and customers a test sets, answering over a real socket as the API documents."""

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


class Partner:
    """Answers all four endpoints. ``statuses`` maps an endpoint to a refusal, ``before_page`` runs before each page."""

    def __init__(self, customers: Sequence[Json] = (), wallet: object = "250000.50000") -> None:
        self.customers = list(customers)
        self.profile: Json = {"auth_id": "PA_1", "email": "ops@secret.test", "name": "Secret", "balance": wallet}
        self.statuses: dict[str, int] = {}
        self.before_page: Callable[[int], None] = lambda page: None
        self.change: Callable[[Json], Json] = lambda body: body
        self.most_per_page = 1000

    def script(self, endpoint: str, query: dict[str, str]) -> Answer:
        """For :class:`~tests.rig.vobiz.ScriptedVobiz`."""
        if endpoint == "accounts":
            self.before_page(int(query["page"]))
        if endpoint in self.statuses:
            return self.statuses[endpoint], b"{}"
        if endpoint == "me":
            return 200, json.dumps(self.profile).encode()
        if endpoint == "accounts":
            return 200, json.dumps(self.change(self._page(int(query["page"]), int(query["per_page"])))).encode()
        return _MAIN(endpoint, query)

    def _page(self, page: int, size: int) -> Json:
        size = min(size, self.most_per_page)
        rows = self.customers[(page - 1) * size : page * size]
        return {"accounts": rows, "total": len(self.customers), "page": page, "size": size}
