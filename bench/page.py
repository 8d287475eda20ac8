"""What the page costs after a poll of one partner, and after polls of all, against the client library's way."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest

from bench.scale.canned import body
from exporter.api.errors import Outcome
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.clock import Clock
from exporter.metrics import SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.evidence import baselines
from exporter.poll.snapshot import Dated, Health, Snapshot, SnapshotStore
from exporter.web.http import Request
from exporter.web.metrics_page import MetricsPage

PARTNERS = (1, 6, 58, 580)
TO_REACH = {58: 8.0}
"""Times less than the library's way, by number of partners; 58 have 10,000 series."""

_TODAY = date(2026, 7, 1)
_CLOCK = Clock()
_REQUEST = Request(
    method="GET", path="/metrics", query="", headers={"accept": "application/openmetrics-text; version=1.0.0"}
)


def main() -> int:
    """Print the table; 1 if the page costs more than is to be reached."""
    print("| partners | series | library | after a poll | times less | to reach | after all polls | times less |")
    print("|---|---|---|---|---|---|---|---|")
    reached = True
    for partners in PARTNERS:
        store, telemetry = _filled(partners)
        page = MetricsPage(store=store, polls=telemetry.polls, process=CollectorRegistry(), elapsed=_CLOCK.elapsed)
        library = CollectorRegistry(auto_describe=False)
        library.register(SnapshotCollector(store, _CLOCK.elapsed))
        library.register(telemetry.polls)

        def after(polls: int, page: MetricsPage = page, store: SnapshotStore = store) -> float:
            return _seconds(lambda: page(_REQUEST), before=lambda: _poll(store, polls))

        def theirs(library: CollectorRegistry = library) -> None:
            generate_latest(library)  # type: ignore[no-untyped-call]

        series = sum(len(family.samples) for family in library.collect())
        other, one, every = _seconds(theirs), after(1), after(partners)
        wanted = TO_REACH.get(partners, 1.0)
        reached = reached and other / one >= wanted and other / every >= 1
        cells = (partners, f"{series:,}", _ms(other), _ms(one), f"{other / one:.1f}", f"{wanted:g}", _ms(every))
        print(f"| {' | '.join(map(str, cells))} | {other / every:.1f} |", flush=True)
    return 0 if reached else 1


def _poll(store: SnapshotStore, polls: int) -> None:
    for snapshot in store.current()[:polls]:
        store.publish(replace(snapshot, polls=snapshot.polls + 1))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _filled(partners: int) -> tuple[SnapshotStore, Telemetry]:
    store, telemetry = SnapshotStore(), Telemetry()
    dashboard = parse_dashboard(body(_TODAY - timedelta(days=30), _TODAY, today=_TODAY, second=1, customers=3))
    analytics = parse_analytics(body(_TODAY, _TODAY, today=_TODAY, second=1, customers=3))
    at = _CLOCK.now()
    periods = {
        name: Dated(value=analytics, at=at, expires_after=3600.0)
        for name in ("today", "yesterday", "7d", "30d", "month")
    }
    lanes = ("inbound", "outbound", "product/sip_trunking", "product/voice_api")
    totals = {(lane, figure): Decimal(1763910) for lane in lanes for figure in ("calls", "answered_calls", "seconds")}
    for number in range(partners):
        name = f"partner-{number:04}"
        telemetry.add_partner(name)
        telemetry.request(name, "dashboard", Outcome.SUCCESS, 0.2)
        store.publish(
            Snapshot(
                partner=name,
                interval=60.0,
                polls=1,
                dashboard=Dated(value=dashboard, at=at, expires_after=3600.0),
                baselines=baselines(dashboard),
                periods=periods,
                totals=totals,
                corrections=0,
                health=dict.fromkeys(("dashboard", "analytics"), Health(up=True, last_success=at)),
                thresholds={f"threshold_{place}": 1.0 for place in range(23)},
            )
        )
    return store, telemetry


def _seconds(step: Callable[[], object], *, before: Callable[[], None] = lambda: None) -> float:
    """Processor time of one, the least of five; what comes before is not counted."""
    best = float("inf")
    for _ in range(5):
        before()
        began = time.process_time()
        step()
        best = min(best, time.process_time() - began)
    return best


if __name__ == "__main__":
    sys.exit(main())
