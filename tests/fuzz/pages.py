"""The daemon's pages over one polled partner, without the daemon: what the HTTP targets ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar, cast

from exporter.api.client import PartnerClient
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.daemon import Environment, routes
from exporter.poll.books import Books
from exporter.poll.poller import PartnerPoller
from exporter.web import App
from tests.fuzz.answers import ANALYTICS, DASHBOARD
from tests.poll.rig import config_of

T = TypeVar("T")


class _Client:
    credentials_renewed = False

    def dashboard(self, decode: Callable[[bytes], T]) -> T:
        return decode(DASHBOARD)

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        return decode(ANALYTICS)


def pages() -> App:
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
        books=Books(partner="acme", auth_id="PA_1", store=None),
        publish=environment.store.publish,
        clock=environment.clock,
    )
    poller.poll()
    return routes(environment, telemetry_path="/metrics", alive=lambda: True, reload=lambda: None)
