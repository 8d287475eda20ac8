"""The daemon's pages over one polled partner, without the daemon: what the HTTP targets ask for."""

from __future__ import annotations

from datetime import date
from typing import cast

from exporter.api.client import PartnerClient
from exporter.api.model import Report
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.daemon.daemon import routes
from exporter.daemon.partners import Environment
from exporter.poll.counting import Ledgers
from exporter.poll.poller import PartnerPoller
from exporter.web.http import Handler
from tests.fuzz.answers import ANALYTICS, DASHBOARD
from tests.poll.rig import config_of


class _Client:
    credentials_renewed = False

    def dashboard(self) -> Report:
        return parse_dashboard(DASHBOARD)

    def analytics(self, first: date | None, last: date | None) -> Report:
        return parse_analytics(ANALYTICS)


def pages() -> Handler:
    """All pages, with a reload that always works."""
    assert parse_dashboard(DASHBOARD).days
    assert parse_analytics(ANALYTICS).window
    environment = Environment()
    environment.telemetry.add_partner("acme")
    config = config_of("http://127.0.0.1", periods=("today", "30d"))
    poller = PartnerPoller(
        config.partners[0],
        config,
        client=cast(PartnerClient, _Client()),
        ledgers=Ledgers(),
        publish=environment.store.publish,
        clock=environment.clock,
    )
    poller.poll()
    return routes(
        environment,
        telemetry_path="/metrics",
        alive=lambda: True,
        reload=lambda: None,
        accept_usual=lambda *_: True,
        lifecycle=True,
    )
