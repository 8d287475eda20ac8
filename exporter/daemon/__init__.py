"""The long-running program, and the one place where all the parts are put together."""

from __future__ import annotations

from exporter.daemon.daemon import Daemon, WebOptions, open_state, routes, state_in_use
from exporter.daemon.partners import Environment, Partner, Partners, make_client

__all__ = [
    "Daemon",
    "Environment",
    "Partner",
    "Partners",
    "WebOptions",
    "make_client",
    "open_state",
    "routes",
    "state_in_use",
]
