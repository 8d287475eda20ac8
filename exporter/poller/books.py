"""A partner's ledger together with where it is kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from exporter.ledger import Ledger, LedgerDataError, Observation, dump_ledger, load_ledger
from exporter.snapshot import Total
from exporter.state import StateWriteError

log = logging.getLogger(__name__)


class Store(Protocol):
    """Where entries are kept between runs: :class:`exporter.state.StateFile`."""

    def entry(self, name: str) -> dict[str, Any] | None:
        """The entry as it was last saved."""

    def save(self, name: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry; on disk when this returns. Raises StateWriteError if it is not."""

    def keep_copy(self) -> Path | None:
        """Copy all entries as they are on disk; where to, None if that failed."""


class Books:
    """Records observations, and saves the ledger before anyone is shown what it says. For any thread.

    ``store`` None keeps nothing: counters start at 0 on every start. ``on_failure`` is called at each failed write.
    """

    def __init__(
        self, *, partner: str, auth_id: str, store: Store | None, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._partner = partner
        self.auth_id = auth_id
        self._store = store
        self._on_failure = on_failure
        self._unsaved = False
        self._failing = False
        self._recording = threading.Lock()
        self.ledger = self._load()

    def record(self, *observations: Observation) -> None:
        """Take in what one poll saw. A failed write is told once and counted, and tried again at the next poll."""
        with self._recording:
            self._unsaved |= self.ledger.record(*observations)
            if self._store is not None and self._unsaved:
                self._save(self._store)

    def totals(self) -> tuple[Total, ...]:
        """The counters as they stand."""
        return tuple(
            Total(lane=lane, figure=figure, value=value) for (lane, figure), value in self.ledger.totals.items()
        )

    @property
    def begun(self) -> bool:
        """Whether anything was ever recorded: before that there is nothing to count from."""
        return bool(self.ledger.since)

    def _save(self, store: Store) -> None:
        try:
            store.save(self._partner, {"auth_id": self.auth_id, "ledger": dump_ledger(self.ledger)})
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
        entry = None if self._store is None else self._store.entry(self._partner)
        if self._store is None or entry is None:
            return Ledger()
        if entry.get("auth_id") != self.auth_id:
            log.warning(
                "partner has another auth_id than before, counters start afresh", extra={"partner": self._partner}
            )
            return Ledger()
        try:
            return load_ledger(entry.get("ledger", {}))
        except LedgerDataError as error:
            log.error(
                "saved counters unusable, they start afresh",
                extra={"partner": self._partner, "problem": str(error), "put_aside_as": self._store.keep_copy()},
            )
            return Ledger()
