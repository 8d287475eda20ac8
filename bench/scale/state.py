"""A state file as it is after two months: marks of 62 days for each partner, the most that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from bench.scale.canned import DAYS, body
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger import Ledger, LedgerStore, directions_observed, dump_ledger, products_observed


def write_state(path: Path, auth_ids: Mapping[str, str], today: date) -> None:
    """Write it, for partners by name."""
    ledger = Ledger()
    first = today - timedelta(days=DAYS - 1)
    directions = directions_observed(parse_dashboard(body(first, today, today=today, second=0, customers=3)))
    assert directions is not None
    ledger.record(directions)
    for ago in range(DAYS):
        day = today - timedelta(days=ago)
        products = products_observed(parse_analytics(body(day, day, today=today, second=0, customers=3)))
        assert products is not None
        ledger.record(products, today=today)
    dumped = dump_ledger(ledger)
    store = LedgerStore(path, configured=list(auth_ids.values()), now=0.0)
    for auth_id in auth_ids.values():
        store.save(auth_id, {"ledger": dumped}, now=0.0)
    store.close()
