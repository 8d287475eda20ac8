"""One poll of one partner: fetch, parse, record, save, publish."""

from __future__ import annotations

from exporter.poller.books import Books
from exporter.poller.poller import PartnerPoller

__all__ = ["Books", "PartnerPoller"]
