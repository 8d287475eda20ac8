"""A whole poll: two answers in, one page out, and every value on the page can be shown."""

from __future__ import annotations

from datetime import date
from math import isfinite
from pathlib import Path
from typing import cast

from exporter.api.client import PartnerClient
from exporter.api.model import Report
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.clock import Clock
from exporter.metrics.collector import SnapshotCollector
from exporter.poll.counting import Ledgers
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import Snapshot, SnapshotStore
from tests.fuzz.answers import ANALYTICS, ANSWERS, DASHBOARD, WORDS
from tests.fuzz.target import Target
from tests.poll.rig import config_of

SIGNED = ("vobiz_balance", "vobiz_alert_threshold")
BETWEEN = b"\n\n"


def target(_: Path) -> Target:
    """The target: the answers of ``/dashboard`` and ``/analytics``, with an empty line between them."""
    seeds = (*(answer + BETWEEN + ANALYTICS for answer in ANSWERS), *(DASHBOARD + BETWEEN + one for one in ANSWERS))
    return Target(
        holds="a poll never raises; every value on the page is finite, none but the balance is negative",
        check=_check,
        seeds=seeds,
        words=(*WORDS, BETWEEN),
        max_length=8192,
    )


class _Client:
    """Answers of a client without the network between."""

    credentials_renewed = False

    def __init__(self, dashboard: bytes, analytics: bytes) -> None:
        self._dashboard, self._analytics = dashboard, analytics

    def dashboard(self) -> Report:
        return parse_dashboard(self._dashboard)

    def analytics(self, first: date | None, last: date | None) -> Report:
        return parse_analytics(self._analytics)


def _check(data: bytes) -> None:
    dashboard, _, analytics = data.partition(BETWEEN)
    ledgers = Ledgers()
    poller: PartnerPoller | None = None
    for answers in ((DASHBOARD, ANALYTICS), (dashboard, analytics), (DASHBOARD, ANALYTICS)):
        totals = {} if poller is None else poller.snapshot.totals
        poller = _poll(ledgers, answers, poller)
        later = poller.snapshot.totals
        assert all(later.get(key, value) >= value for key, value in totals.items()), "a counter was lowered"
        _check_page(poller.snapshot)


def _poll(ledgers: Ledgers, answers: tuple[bytes, bytes], previous: PartnerPoller | None) -> PartnerPoller:
    config = config_of("http://127.0.0.1", periods=("today", "yesterday", "30d"))
    poller = PartnerPoller(
        config.partners[0],
        config,
        client=cast(PartnerClient, _Client(*answers)),
        ledgers=ledgers,
        publish=lambda _: None,
        clock=Clock(wall=lambda: 1_782_900_000.0, elapsed=lambda: 5000.0),
        previous=previous,
    )
    poller.poll()
    return poller


def _check_page(page: Snapshot) -> None:
    store, shown = SnapshotStore(), set()
    store.publish(page)
    for family in SnapshotCollector(store, lambda: 5000.0).collect():
        for sample in family.samples:
            assert isfinite(sample.value), f"{sample.name} is {sample.value}"
            assert sample.value >= 0 or sample.name in SIGNED, f"{sample.name} is {sample.value}"
            series = (sample.name, *sorted(sample.labels.items()))
            assert series not in shown, f"{series} is there twice"
            shown.add(series)
