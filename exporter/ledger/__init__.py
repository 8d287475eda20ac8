"""Each call once: high-water marks per day, and the totals that grow by what rises above them."""

from __future__ import annotations

from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import (
    COST_FIGURE,
    PRODUCT_LANE,
    Observation,
    directions_observed,
    products_observed,
)
from exporter.ledger.saved import LedgerDataError, dump_ledger, load_ledger

__all__ = [
    "COST_FIGURE",
    "PRODUCT_LANE",
    "Ledger",
    "LedgerDataError",
    "Observation",
    "directions_observed",
    "dump_ledger",
    "load_ledger",
    "products_observed",
]
