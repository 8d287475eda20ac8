"""A whole poll: two answers in, one page out, and every value on the page can be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TypeVar

from exporter.clock import Clock
from exporter.metrics import families
from exporter.poll.books import Books, Memory
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import Snapshot
from tests.fuzz.answers import ANALYTICS, ANSWERS, DASHBOARD, WORDS
from tests.fuzz.target import Target

T = TypeVar("T")
SIGNED = ("vobiz_balance", "vobiz_alert_threshold")
BETWEEN = b"\n\n"


def target(_: Path) -> Target:
    """The target: the answers of ``/dashboard`` and ``/analytics``, with an empty line between them."""
    store = Memory()
    _poll(Books(partner="acme", auth_id="PA_1", store=store), (DASHBOARD, ANALYTICS), None)
    seeds = (*(answer + BETWEEN + ANALYTICS for answer in ANSWERS), *(DASHBOARD + BETWEEN + one for one in ANSWERS))
    return Target(
        holds="a poll never raises; every value on the page is finite, none but the balance is negative",
        check=partial(_check, store.entry("acme") or {}),
        seeds=seeds,
        words=(*WORDS, BETWEEN),
        max_length=8192,
    )


class _Client:
    """Answers of a client without the network between."""

    def __init__(self, dashboard: bytes, analytics: bytes) -> None:
        self._dashboard, self._analytics = dashboard, analytics

    def dashboard(self, decode: Callable[[bytes], T]) -> T:
        return decode(self._dashboard)

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        return decode(self._analytics)


def _check(begun: Mapping[str, object], data: bytes) -> None:
    dashboard, _, analytics = data.partition(BETWEEN)
    store = Memory()
    store.save("acme", begun)
    books = Books(partner="acme", auth_id="PA_1", store=store)
    known = {(total.lane, total.figure): total.value for total in books.totals()}
    page: Snapshot | None = None
    for answers in ((dashboard, analytics), (DASHBOARD, ANALYTICS)):
        page = _poll(books, answers, page)
        totals = {(total.lane, total.figure): total.value for total in page.totals}
        assert all(totals[key] >= value for key, value in known.items()), "a counter was lowered"
        known = totals
        _check_page(page)


def _poll(books: Books, answers: tuple[bytes, bytes], previous: Snapshot | None) -> Snapshot:
    pages: list[Snapshot] = []
    poller = PartnerPoller(
        partner="acme",
        client=_Client(*answers),
        books=books,
        publish=pages.append,
        periods=("today", "yesterday", "30d"),
        interval=60.0,
        slow_interval=300.0,
        stale_after=300.0,
        clock=Clock(wall=lambda: 1_782_900_000.0, elapsed=lambda: 5000.0),
        previous=previous,
    )
    assert 0 < poller.poll() <= 900
    return pages[-1]


def _check_page(page: Snapshot) -> None:
    shown = set()
    for family in families([page], 5000.0):
        for sample in family.samples:
            assert isfinite(sample.value), f"{sample.name} is {sample.value}"
            assert sample.value >= 0 or sample.name in SIGNED, f"{sample.name} is {sample.value}"
            series = (sample.name, *sorted(sample.labels.items()))
            assert series not in shown, f"{series} is there twice"
            shown.add(series)
