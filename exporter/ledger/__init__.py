"""Each call once: what one account's answers add up to, kept on disk.

A poll uses it in this order::

    store = LedgerStore(path, configured=auth_ids, now=wall)              # once; raises StoreError
    account = AccountLedger(store, partner=name, auth_id=auth_id)         # one for each account; loads its ledger

    seen = observations(dashboard, analytics)                             # Reports -> Observations
    grown = account.ledger.record(*seen, today=day, at=elapsed, refused=days)
    scores = detector.judge(grown)
    account.save(now=wall, others={"detector": detector.dump()})          # one transaction; durable on return
    publish(account.ledger.shown(), account.ledger.taken_back(), ...)

Before that, :func:`other_account` says whether an answer belongs to another account than the one that asked; such an
answer is not used. ``account.ledger.missing_days(today)`` are the days to ask ``/analytics`` for, the most needed
first.
"""

from __future__ import annotations

from exporter.ledger.account import AccountLedger
from exporter.ledger.increments import Increments
from exporter.ledger.ledger import Ledger
from exporter.ledger.lock import path_in_use
from exporter.ledger.observation import (
    COST_FIGURE,
    DIRECTIONS_GROUP,
    PRODUCT_LANE,
    PRODUCTS_GROUP,
    TOTAL_LANE,
    Key,
    Observation,
    directions_observed,
    observations,
    other_account,
    products_observed,
)
from exporter.ledger.saved import LedgerDataError, dump_ledger, load_ledger
from exporter.ledger.store import LedgerStore, StoreError, StoreWriteError

__all__ = [
    "COST_FIGURE",
    "DIRECTIONS_GROUP",
    "PRODUCTS_GROUP",
    "PRODUCT_LANE",
    "TOTAL_LANE",
    "AccountLedger",
    "Increments",
    "Key",
    "Ledger",
    "LedgerDataError",
    "LedgerStore",
    "Observation",
    "StoreError",
    "StoreWriteError",
    "directions_observed",
    "dump_ledger",
    "load_ledger",
    "observations",
    "other_account",
    "path_in_use",
    "products_observed",
]
