"""Each call once: what one account's answers add up to, kept on disk.

A poll uses it in this order::

    store = LedgerStore(path, configured=auth_ids, now=wall)              # once; raises StoreError
    account = AccountLedger(store, partner=name, auth_id=auth_id)         # one for each account; loads its ledger

    seen = observations(dashboard, analytics)                             # Reports -> Observations
    grown = account.ledger.record(*seen, today=day, at=elapsed, refused=days)
    account.save(now=wall, others={"detector": data})                     # one transaction; durable on return
    publish(account.ledger.shown(), account.ledger.taken_back())

``account.ledger.missing_days(today)`` are the days to ask ``/analytics`` for, the most needed first.
"""

from __future__ import annotations

from exporter.ledger.account import AccountLedger, dump_ledger, load_ledger
from exporter.ledger.database import in_use
from exporter.ledger.ledger import Increments, Ledger
from exporter.ledger.observation import (
    COST_FIGURE,
    PRODUCT_LANE,
    TOTAL_LANE,
    Key,
    Observation,
    directions_observed,
    observations,
    products_observed,
)
from exporter.ledger.store import LedgerStore, StoreError

__all__ = [
    "COST_FIGURE",
    "PRODUCT_LANE",
    "TOTAL_LANE",
    "AccountLedger",
    "Increments",
    "Key",
    "Ledger",
    "LedgerStore",
    "Observation",
    "StoreError",
    "directions_observed",
    "dump_ledger",
    "in_use",
    "load_ledger",
    "observations",
    "products_observed",
]
