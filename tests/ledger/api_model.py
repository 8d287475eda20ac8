"""The books of a simulated partner, and the documented JSON that the API makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

DIRECTIONS = ("inbound", "outbound")
PRODUCTS = ("sip_trunking", "voice_api")
CELLS = tuple((direction, product) for direction in DIRECTIONS for product in PRODUCTS)
SHOWN_DAYS = 30

Tally = tuple[int, int, int, int]
"""Calls, answered calls, tenths of a minute, hundredths of the currency."""

Series = tuple[str, str]
"""Lane and figure, which name a counter."""

Json = dict[str, Any]

PROFILE: Json = json.loads((Path(__file__).parents[1] / "data" / "dashboard.json").read_bytes())["partner"]
"""The documented profile, so that a field which the exporter comes to read is there."""


@dataclass
class Books:
    """What is booked on each day, by direction and product."""

    today: date
    currency: str = "INR"
    days: dict[date, dict[tuple[str, str], Tally]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Products that the API has come to call something else."""

    def book(self, day: date, cell: tuple[str, str], change: Tally) -> None:
        """Add calls to a day, or take some away; no figure falls below zero."""
        cells = self.days.setdefault(day, {})
        old = cells.get(cell, (0, 0, 0, 0))
        calls, answered, tenths, cost = (max(a + b, 0) for a, b in zip(old, change, strict=True))
        cells[cell] = (calls, min(answered, calls), tenths, cost) if calls else (0, 0, 0, 0)

    def move(self, source: tuple[date, tuple[str, str]], target: tuple[date, tuple[str, str]]) -> None:
        """Book all calls of one kind and day on another one instead."""
        day, cell = source
        tally = self.days.get(day, {}).get(cell, (0, 0, 0, 0))
        self.book(day, cell, (-tally[0], -tally[1], -tally[2], -tally[3]))
        self.book(*target, tally)

    def figures(self, day: date) -> dict[Series, Decimal]:
        """Every series that the API can give of a day, from both endpoints."""
        figures: dict[Series, Decimal] = {}
        for direction in DIRECTIONS:
            figures |= without_cost(direction, self.sum([day], direction=direction))
        figures["all", f"cost/{self.currency}"] = Decimal(self.sum([day])[3]) / 100
        for product in PRODUCTS:
            tally = self.sum([day], product=product)
            lane = f"product/{self.names.get(product, product)}"
            figures |= {**without_cost(lane, tally), (lane, f"cost/{self.currency}"): Decimal(tally[3]) / 100}
        return figures

    def sum(self, days: Iterable[date], *, direction: str | None = None, product: str | None = None) -> Tally:
        """The calls of some days, of all kinds or of one."""
        tallies = [
            tally
            for day in days
            for cell, tally in self.days.get(day, {}).items()
            if direction in (None, cell[0]) and product in (None, cell[1])
        ]
        calls, answered, tenths, cost = map(sum, zip((0, 0, 0, 0), *tallies, strict=True))
        return calls, answered, tenths, cost

    def copy(self) -> Books:
        """The same books, which stand still from now on: what a replica that lags behind has."""
        return deepcopy(self)


def without_cost(lane: str, tally: Tally) -> dict[Series, Decimal]:
    calls, answered, tenths, _ = tally
    return {
        (lane, "calls"): Decimal(calls),
        (lane, "answered_calls"): Decimal(answered),
        (lane, "seconds"): Decimal(tenths * 6),
    }


def answer(books: Books, *, first: date, last: date) -> Json:
    """The body of ``/dashboard`` and ``/analytics`` for the days from first to last, in today's shape."""
    days = sorted(day for day in books.days if first <= day <= last)
    return {
        "partner": dict(PROFILE),
        "period": {"from": first.isoformat(), "to": last.isoformat()},
        "accounts": {"total": 3, "active": 2, "customers": []},
        "total_balance": "40321.07500",
        "currency": books.currency,
        "calls": rollup(books.sum(days)),
        "traffic": {name: rollup(books.sum(days, direction=name)) for name in DIRECTIONS},
        "by_product": {books.names.get(name, name): rollup(books.sum(days, product=name)) for name in PRODUCTS},
        "time_series": [_row(books, day) for day in days if any(books.sum([day]))],
    }


def dashboard(books: Books) -> Json:
    """The body of ``/dashboard``: the last 30 days and today."""
    return answer(books, first=books.today - timedelta(days=SHOWN_DAYS), last=books.today)


def body(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer).encode()


def rollup(tally: Tally) -> Json:
    calls, answered, tenths, cost = tally
    return {
        "total_calls": calls,
        "answered_calls": answered,
        "total_minutes": tenths / 10 if tenths % 10 else tenths // 10,
        "total_cost": f"{cost // 100}.{cost % 100:02d}" if cost else "0",
    }


def _row(books: Books, day: date) -> Json:
    parts: Json = {name: rollup(books.sum([day], direction=name)) for name in DIRECTIONS}
    for part in parts.values():
        del part["total_cost"]
    return {"date": day.isoformat(), **rollup(books.sum([day])), **parts}
