"""The daemon's pages over one polled partner, without the daemon: what the HTTP targets ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.clock import Clock
from exporter.daemon.routes import routes
from exporter.ledger import AccountLedger
from exporter.metrics.telemetry import Telemetry
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import SnapshotStore
from exporter.web import App
from exporter.web.metrics_page import MetricsPage
from exporter.web.status import status_api, status_page
from tests.fuzz.answers import ANALYTICS, DASHBOARD

T = TypeVar("T")


class _Client:
    def dashboard(self, decode: Callable[[bytes], T]) -> T:
        return decode(DASHBOARD)

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        return decode(ANALYTICS)


def pages() -> App:
    """All pages, with a reload that always works."""
    assert parse_dashboard(DASHBOARD).days
    assert parse_analytics(ANALYTICS).window
    store, clock, telemetry = SnapshotStore(), Clock(), Telemetry()
    telemetry.add_partner("acme")
    poller = PartnerPoller(
        partner="acme",
        client=_Client(),
        account=AccountLedger(None, partner="acme", auth_id="PA_1"),
        publish=store.publish,
        periods=("today", "30d"),
        interval=60.0,
        slow_interval=300.0,
        stale_after=300.0,
        clock=clock,
    )
    poller.poll()
    return routes(
        telemetry_path="/metrics",
        metrics=MetricsPage(store=store, polls=telemetry.polls, process=telemetry.process, elapsed=clock.elapsed),
        status=status_page(store=store, clock=clock, telemetry_path="/metrics"),
        status_api=status_api(store=store, clock=clock),
        store=store,
        alive=lambda: True,
        reload=lambda: None,
    )
