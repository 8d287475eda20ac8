"""``python -m bench.ledger``: what counting each call once costs a poll, and what keeping the counters on disk costs.

Every figure is also a ratio to decoding the same answer with ``json.loads``, measured in the same run.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from exporter.api.model import Report
from exporter.api.records import parse_cdrs
from exporter.api.reports import parse_dashboard
from exporter.ledger.ledger import KEPT_DAYS, Ledger
from exporter.ledger.observation import PRODUCT_LANE, Observation, directions_observed
from exporter.ledger.state import dump_state
from exporter.ledger.store import LedgerStore
from exporter.poll.causes import CauseTally

_TODAY = date(2026, 7, 1)
_DAYS = (31, 365)
_PARTNERS = (1, 100)
_MEASURED_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; ``seconds`` for one time, ``compared`` is what ``json.loads`` takes for the answer."""

    what: str
    seconds: float
    compared: float


def main() -> int:
    """Print the tables."""
    print("A poll's record, processor time\n")
    _print([row for days in _DAYS for row in _records(days)])
    print("\nTwo pages of 100 new call records (collect: [causes]), processor time\n")
    _print(_causes())
    print(
        f"\nA write of the state with fsync, elapsed time: one partner's poll, {KEPT_DAYS} days kept for each partner\n"
    )
    with tempfile.TemporaryDirectory() as directory:
        _print([_write(partners, Path(directory)) for partners in _PARTNERS])
    return 0


def _records(days: int) -> list[Row]:
    answer = _answer(days)
    report = parse_dashboard(answer)
    seen = _observed(report)
    ledger, emptied = _ledger(seen), _ledger(seen)

    def record_all(n: int) -> None:
        emptied.days.clear()
        emptied.record(seen)

    steps: dict[str, Callable[[int], object]] = {
        "parse the answer": lambda n: parse_dashboard(answer),
        "days of the answer": lambda n: directions_observed(report),
        "record, nothing new": lambda n: ledger.record(seen),
        "record, every figure new": record_all,
        "look for days to ask again": lambda n: ledger.missing_days(_TODAY),
        "write down as data": lambda n: dump_state(ledger),
    }
    compared = _measure(lambda n: json.loads(answer), time.process_time)
    return [
        Row(what=f"{what}, {days} days", seconds=_measure(step, time.process_time), compared=compared)
        for what, step in steps.items()
    ]


def _causes() -> list[Row]:
    pages = [
        json.dumps({"success": True, "data": [_record(n) for n in range(start, start + 100)]}).encode()
        for start in (0, 100)
    ]
    records = [record for page in pages for record in parse_cdrs(page).items]
    tally = CauseTally()
    tally.add((), complete=True, booked=0, at=0.0)
    at = itertools.cycle(60.0 * minute for minute in range(50))

    def count(n: int) -> None:
        new = [replace(record, key=f"{n}-{record.key}") for record in records]
        tally.add(new, complete=True, booked=0, at=next(at))

    steps: dict[str, Callable[[int], object]] = {
        "parse the pages": lambda n: [parse_cdrs(page) for page in pages],
        "count the records": count,
        "shares and histograms": lambda n: tally.shown(3_000.0),
        "write down as data": lambda n: msgspec.json.encode(tally),
    }
    compared = _measure(lambda n: [json.loads(page) for page in pages], time.process_time)
    return [
        Row(what=what, seconds=_measure(step, time.process_time), compared=compared) for what, step in steps.items()
    ]


def _record(number: int) -> dict[str, object]:
    return {
        "id": number,
        "uuid": f"0-{number}",
        "account_id": f"MA_{number % 20:05d}",
        "call_direction": "outbound",
        "caller_id_number": f"+9190000{number:05d}",
        "destination_number": f"+9191000{number:05d}",
        "answer_time": None,
        "billsec": 0,
        "ring_time": number % 40,
        "hangup_cause": "USER_BUSY",
        "hangup_cause_code": 3010,
        "hangup_cause_name": f"Cause {number % 8}",
        "hangup_source": "Carrier",
        "mos": None,
    }


def _write(partners: int, directory: Path) -> Row:
    # a row that has not changed is not written
    entries = [
        {"ledger": dump_state(_ledger(_observed(parse_dashboard(_answer(KEPT_DAYS, calls)))))} for calls in (5000, 5001)
    ]
    names = [f"PA_BENCH{n:03d}" for n in range(partners)]
    path = directory / f"{partners}.db"
    state = LedgerStore(path, configured=names, now=0.0)
    try:
        for name in names:
            state.save(name, entries[0], now=0.0)
        numbers = itertools.count(partners)

        def save(_: int) -> None:
            number = next(numbers)
            state.save(names[number % partners], entries[number // partners % 2], now=0.0)

        seconds = _measure(save, time.perf_counter)
    finally:
        state.close()
    answer = _answer(31)
    compared = _measure(lambda n: json.loads(answer), time.perf_counter)
    size = path.stat().st_size / 1024
    return Row(what=f"{partners:,} partners, {size:,.0f} KiB", seconds=seconds, compared=compared)


def _observed(report: Report) -> Observation:
    seen = directions_observed(report)
    if seen is None:
        raise ValueError("the answer has no days")
    return seen


def _ledger(seen: Observation) -> Ledger:
    """A ledger that holds these days, and as many figures of two products."""
    ledger = Ledger()
    ledger.record(seen)
    for day, figures in seen.days.items():
        products = {
            (PRODUCT_LANE + product, figure): value
            for product, of in (("sip_trunking", "inbound"), ("voice_api", "outbound"))
            for (lane, figure), value in figures.items()
            if lane in (of, "all")
        }
        ledger.record(Observation(group="products", first=day, last=day, complete=True, days={day: products}))
    return ledger


def _measure(step: Callable[[int], object], clock: Callable[[], float]) -> float:
    """Seconds for one time, the least of three rounds."""
    step(0)
    best = float("inf")
    for _ in range(3):
        times, began = 0, clock()
        while clock() - began < _MEASURED_SECONDS / 3:
            step(times)
            times += 1
        best = min(best, (clock() - began) / times)
    return best


def _print(rows: list[Row]) -> None:
    print("| step | time | times json.loads of the answer |")
    print("|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.seconds * 1000:.3f} ms | {row.seconds / row.compared:.2f} |", flush=True)


def _answer(days: int, calls: int = 5000) -> bytes:
    """An answer of ``/dashboard`` with calls on each of these days."""
    part = {"total_calls": calls, "answered_calls": calls // 2, "total_minutes": calls / 2}
    both = {"total_calls": 2 * calls, "answered_calls": calls // 2 * 2, "total_minutes": calls, "total_cost": "551.50"}
    rows: list[dict[str, Any]] = [
        {"date": (_TODAY - timedelta(days=ago)).isoformat(), **both, "inbound": part, "outbound": part}
        for ago in range(days)
    ]
    answer = {
        "period": {"from": rows[-1]["date"], "to": rows[0]["date"]},
        "currency": "INR",
        "calls": {**both, "total_calls": 2 * calls * days},
        "time_series": rows,
    }
    return json.dumps(answer).encode()


if __name__ == "__main__":
    sys.exit(main())
