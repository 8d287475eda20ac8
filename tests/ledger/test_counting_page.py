"""The worked example of docs/counting.md is what the ledger does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import Observation

PAGE = Path(__file__).parents[2] / "docs" / "counting.md"
COST = ("all", "cost/INR")


def june(day: int) -> date:
    return date(2026, 6, day)


def dashboard(costs: dict[int, str], today: int) -> Observation:
    days = {june(day): {COST: Decimal(cost)} for day, cost in costs.items()}
    return Observation(
        group="directions", first=date(2026, 5, 25), last=june(today), complete=True, days=days, currency="INR"
    )


def test_the_month_of_the_page_comes_out_as_it_says() -> None:
    ledger, costs = Ledger(), {1: "0"}
    ledger.record(dashboard(costs, 1))
    rows: list[str] = []

    def polled(today: int, **changed: str) -> None:
        costs.update({int(day.removeprefix("d")): cost for day, cost in changed.items()})
        ledger.record(dashboard(costs, today))
        said = sum(map(Decimal, costs.values()))
        total, taken = ledger.totals[COST], ledger.taken_back()[COST]
        rows.append(f"| {said:.2f} | {total:.2f} | {taken:.2f} | {total - taken:.2f} |")

    for day in range(2, 14):
        polled(day, **{f"d{day}": "400"})
    polled(14, d14="1200")
    shown = [rows[-1]]
    polled(15, d14="1080")
    shown.append(rows[-1])
    for day in range(15, 20):
        polled(day, **{f"d{day}": "480"})
    polled(20, d19="472", d20="8")
    shown.append(rows[-1])
    for day in range(20, 31):
        polled(day, **{f"d{day}": "308" if day == 20 else "270"})
    shown.append(rows[-1])
    page = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.count("|") == 7 and "June" in line]
    assert [f"| {line.split('|', 3)[3].strip()}" for line in page] == shown
