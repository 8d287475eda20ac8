"""A small Vobiz on loopback: answers from its books, and refuses, changes shape or hangs, as a test sets it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta

from tests.ledger.api_model import DIRECTIONS, SHOWN_DAYS, Books, Json, answer, dashboard
from tests.rig.vobiz import AnyAnswer, json_answer
from tests.rig.waiting import PATIENCE

Refusal = tuple[int, dict[str, str]]


class Vobiz:
    """What it is asked is kept in ``asked``: ``dashboard``, or the days that ``/analytics`` was asked for.

    ``refusals`` maps an endpoint to a status and headers, ``refused_days`` the days of a request (as in
    ``asked``) to a status, 0 for a connection that ends without an answer. ``change`` may alter any answer before it
    is sent. While ``open`` is not set, requests wait.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self.asked: list[str] = []
        self.refusals: dict[str, Refusal] = {}
        self.refused_days: dict[str, int] = {}
        self.change: Callable[[str, Json], Json | None] = lambda endpoint, said: None
        self.open = threading.Event()
        self.open.set()
        self.waiting = threading.Event()

    def script(self, endpoint: str, query: dict[str, str]) -> AnyAnswer:
        """For :class:`~tests.rig.vobiz.ScriptedVobiz`."""
        days = (query.get("from_date", ""), query.get("to_date", ""))
        self.asked.append("dashboard" if endpoint == "dashboard" else "..".join(dict.fromkeys(days)))
        if not self.open.is_set():
            self.waiting.set()
            self.open.wait(PATIENCE)
        if endpoint in self.refusals:
            status, headers = self.refusals[endpoint]
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            return json_answer(b"{}", status=f"{status} Scripted", headers=lines)
        if self.asked[-1] in self.refused_days:
            refused = self.refused_days[self.asked[-1]]
            return (refused, b"{}") if refused else lambda peer: False
        if endpoint == "dashboard":
            said = dashboard(self.books)
        else:
            said = answer(self.books, first=self._day(days[0], SHOWN_DAYS), last=self._day(days[1], 0))
        said = self.change(endpoint, said) or said
        return 200, json.dumps(said).encode()

    def _day(self, text: str, ago: int) -> date:
        return date.fromisoformat(text) if text else self.books.today - timedelta(days=ago)


def older_shape(endpoint: str, said: Json) -> Json:
    """The same answer in the older published shapes: a flat ``/dashboard``, ``/analytics`` with ``totals``."""
    if endpoint == "dashboard":
        return {"active_accounts": 2, "total_balance": 284500.0, "currency": said["currency"], "calls_today": 5}
    totals = said["calls"]
    return {
        "period": said["period"],
        "totals": {
            "total_calls": totals["total_calls"],
            "answered_calls": totals["answered_calls"],
            "failed_calls": totals["total_calls"] - totals["answered_calls"],
            "total_duration_seconds": round(totals["total_minutes"] * 60),
            "total_cost": float(totals["total_cost"]),
            "currency": said["currency"],
        },
        "by_direction": {
            name: {
                "calls": said["traffic"][name]["total_calls"],
                "cost": float(said["traffic"][name]["total_cost"]),
            }
            for name in DIRECTIONS
        },
        "top_customers": [],
    }
