"""A whole poll: two answers in, one page out, and every value on the page can be shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import isfinite
from pathlib import Path
from typing import TypeVar

from exporter.clock import Clock
from exporter.metrics import families
from exporter.poller import Books, PartnerPoller
from exporter.snapshot import Snapshot
from fuzz.answers import ANALYTICS, ANSWERS, DASHBOARD, WORDS
from fuzz.target import Target

T = TypeVar("T")
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
        longest=8192,
    )


class _Client:
    """Answers of a client without the network between."""

    def __init__(self, dashboard: bytes, analytics: bytes) -> None:
        self._dashboard, self._analytics = dashboard, analytics

    def dashboard(self, decode: Callable[[bytes], T]) -> T:
        return decode(self._dashboard)

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        return decode(self._analytics)


def _check(data: bytes) -> None:
    dashboard, _, analytics = data.partition(BETWEEN)
    pages: list[Snapshot] = []
    books = Books(partner="acme", auth_id="PA_1", store=None)
    known: dict[tuple[str, str], object] = {}
    for answers in ((DASHBOARD, ANALYTICS), (dashboard, analytics), (dashboard, ANALYTICS), (DASHBOARD, ANALYTICS)):
        poller = PartnerPoller(
            partner="acme",
            client=_Client(*answers),
            books=books,
            publish=pages.append,
            periods=("today", "yesterday", "7d", "30d", "month"),
            interval=60.0,
            slow_interval=300.0,
            stale_after=300.0,
            clock=Clock(wall=lambda: 1_782_900_000.0, elapsed=lambda: 5000.0),
            previous=pages[-1] if pages else None,
        )
        assert 0 < poller.poll() <= 900
        totals = {(total.lane, total.figure): total.value for total in pages[-1].totals}
        assert all(totals[key] >= value for key, value in known.items())  # type: ignore[operator]
        known = dict(totals)
        _check_page(pages[-1])


def _check_page(page: Snapshot) -> None:
    shown = set()
    for family in families([page], 5000.0):
        for sample in family.samples:
            assert isfinite(sample.value), f"{sample.name} is {sample.value}"
            assert sample.value >= 0 or sample.name in SIGNED, f"{sample.name} is {sample.value}"
            series = (sample.name, *sorted(sample.labels.items()))
            assert series not in shown, f"{series} is there twice"
            shown.add(series)
