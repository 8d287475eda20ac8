"""One poll of one partner: fetch, parse, record, save, publish."""

from __future__ import annotations

from exporter.poller.books import Books, Memory
from exporter.poller.customers import CustomersExtra, Reach
from exporter.poller.extras import Extra, Extras
from exporter.poller.health import EndpointHealth
from exporter.poller.poller import PartnerPoller
from exporter.poller.round import PER_PAGE
from exporter.poller.turn import Turn
from exporter.poller.wallet import WalletExtra

__all__ = [
    "PER_PAGE",
    "Books",
    "CustomersExtra",
    "EndpointHealth",
    "Extra",
    "Extras",
    "Memory",
    "PartnerPoller",
    "Reach",
    "Turn",
    "WalletExtra",
]
