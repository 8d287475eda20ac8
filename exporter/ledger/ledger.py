"""The ledger of one account: pure, without clock or I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from exporter.ledger.increments import Increments
from exporter.ledger.observation import Key, Observation


class Ledger:
    """Interface; see the next commit. Not thread-safe: one poll of one account at a time."""

    def __init__(self, *, max_pause: float = 1200.0) -> None:
        self.totals: dict[Key, Decimal] = {}
        """All counters. What may be shown of them: :meth:`shown`."""
        self.corrections = 0
        """Polls in which the API lowered a figure that it had already given."""
        self.days_lost = 0
        """Days that the API could no longer show when they were asked for."""

    def record(
        self, seen: Iterable[Observation], *, today: date, at: float, refused: Iterable[date] = ()
    ) -> Increments:
        """Take in what one poll saw.

        ``today`` is the server's day, ``at`` the elapsed clock in seconds. ``refused`` are days that ``/analytics`` was
        asked for without getting an answer that could be used.
        """
        raise NotImplementedError

    def shown(self) -> Mapping[Key, Decimal]:
        """The counters that were observed since the start: no other may be published, it might step back later."""
        raise NotImplementedError

    def taken_back(self) -> Mapping[Key, Decimal]:
        """By counter that is shown, what the API has withdrawn of it: counter less this is what the API says now.

        Negative where the API moved amounts into a lane that had been counted in another one.
        """
        raise NotImplementedError

    def missing_days(self, today: date) -> tuple[date, ...]:
        """Past days to ask ``/analytics`` for: without an answer from after their end (newest first), then those whose
        answer was incomplete or whose products do not add up to their directions (newest first)."""
        raise NotImplementedError
