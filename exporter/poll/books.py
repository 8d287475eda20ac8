"""A partner's ledger together with where it is kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import msgspec

from exporter.ledger import Ledger, LedgerDataError, Observation, dump_ledger, load_ledger
from exporter.poll.snapshot import Total
from exporter.state import StateWriteError

log = logging.getLogger(__name__)


class Store(Protocol):
    """Where entries are kept between runs: :class:`exporter.state.StateFile`."""

    def entry(self, name: str) -> dict[str, Any] | None:
        """The entry as it was last given to :meth:`save`, whether that worked or not."""

    def save(self, name: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry; on disk when this returns. Raises StateWriteError if it is not."""

    def keep_copy(self) -> Path | None:
        """Copy all entries as they are on disk; where to, None if that failed."""


class Memory:
    """A store that forgets when the process ends."""

    def __init__(self) -> None:
        self._entries: dict[str, bytes] = {}

    def entry(self, name: str) -> dict[str, Any] | None:
        encoded = self._entries.get(name)
        return None if encoded is None else msgspec.json.decode(encoded, type=dict[str, Any])

    def save(self, name: str, entry: Mapping[str, Any]) -> None:
        self._entries[name] = msgspec.json.encode(entry)

    def keep_copy(self) -> Path | None:
        return None


class Books:
    """Records observations, and saves the ledger before anyone is shown what it says. For any thread.

    Between polls the ledger is only in the store: as objects it takes eight times the memory, and a thousand partners
    have a thousand of them. ``store`` None keeps it no longer than the process runs: counters start at 0 on every
    start. ``on_failure`` is called at each failed write.
    """

    def __init__(
        self, *, partner: str, auth_id: str, store: Store | None, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._partner = partner
        self.auth_id = auth_id
        self._store: Store = Memory() if store is None else store
        self._on_failure = on_failure
        self._unsaved = False
        self._failing = False
        self._recording = threading.Lock()
        self._unstored: Ledger | None = None
        """A ledger of which the store has nothing yet."""
        self._look_at(self._load())

    def record(self, *observations: Observation) -> None:
        """Take in what one poll saw. A failed write is told once and counted, and tried again at the next poll."""
        with self._recording:
            ledger = self._load() if self._unstored is None else self._unstored
            self._unsaved |= ledger.record(*observations)
            self._look_at(ledger)
            if self._unsaved:
                self._save(ledger)

    def totals(self) -> tuple[Total, ...]:
        """The counters as they stand."""
        return self._totals

    @property
    def corrections(self) -> int | None:
        """Polls in which the API lowered a figure; None before anything was recorded."""
        return self._corrections

    def product_gaps(self) -> tuple[date, ...]:
        """Days whose products do not account for their calls, newest first."""
        return self._gaps

    def _look_at(self, ledger: Ledger) -> None:
        """Remember what may be asked between polls."""
        self._totals = tuple(
            Total(lane=lane, figure=figure, value=value) for (lane, figure), value in ledger.totals.items()
        )
        self._corrections = ledger.corrections if ledger.since else None
        self._gaps = ledger.product_gaps()

    def _save(self, ledger: Ledger) -> None:
        self._unstored = None
        try:
            self._store.save(self._partner, {"auth_id": self.auth_id, "ledger": dump_ledger(ledger)})
        except StateWriteError as error:
            self._on_failure()
            if not self._failing:
                log.error(
                    "state not saved",
                    extra={
                        "partner": self._partner,
                        "problem": str(error),
                        "action": "free space or fix permissions; a restart before that would let counters go back",
                    },
                )
            self._failing = True
            return
        if self._failing:
            log.info("state saved again", extra={"partner": self._partner})
        self._unsaved = self._failing = False

    def _load(self) -> Ledger:
        """The ledger as the store has it, or a new one, which is then kept here until it is saved."""
        entry = self._store.entry(self._partner)
        if entry is not None and entry.get("auth_id") != self.auth_id:
            log.warning(
                "partner has another auth_id than before, counters start afresh", extra={"partner": self._partner}
            )
        elif entry is not None:
            try:
                return load_ledger(entry.get("ledger", {}))
            except LedgerDataError as error:
                log.error(
                    "saved counters unusable, they start afresh",
                    extra={"partner": self._partner, "problem": str(error), "put_aside_as": self._store.keep_copy()},
                )
        self._unstored = Ledger()
        return self._unstored
