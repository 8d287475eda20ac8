"""One account's ledger together with the store that keeps it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType

from exporter.ledger.ledger import Ledger
from exporter.ledger.saved import LedgerDataError, dump_ledger, load_ledger
from exporter.ledger.store import LedgerStore, StoreWriteError

log = logging.getLogger(__name__)

LEDGER_KIND = "ledger"

_NOTHING: Mapping[str, bytes] = MappingProxyType({})


class AccountLedger:
    """The ledger of one account, in memory while the process lives, and on disk before anybody is shown what it says.

    ``store`` None keeps it no longer than the process runs. ``partner`` is for the log alone: the account is
    ``auth_id``, the id that requests are sent with. ``max_pause``: seconds without an observation after which growth is
    no evidence of what happens now. ``on_failure`` is called at each failed write.
    """

    def __init__(
        self,
        store: LedgerStore | None,
        *,
        partner: str,
        auth_id: str,
        max_pause: float = 1200.0,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self.partner = partner
        self.auth_id = auth_id
        self._store = store
        self._on_failure = on_failure
        self._saved: dict[str, bytes] = {}
        self._failing = False
        self.ledger = self._load(max_pause)

    def saved(self, kind: str) -> bytes | None:
        """What was saved under another kind (``detector``), as it was given to :meth:`save`; None if there is none."""
        return None if self._store is None else self._store.load(self.auth_id, kind)

    def save(self, *, now: float, others: Mapping[str, bytes] = _NOTHING) -> None:
        """Write the ledger and ``others`` (JSON by kind, such as ``detector``) in one transaction; durable on return.

        ``now`` is in seconds since the epoch. Nothing is written when nothing changed. A failed write is logged once,
        counted each time, and tried again at the next call; it does not raise.
        """
        if self._store is None:
            return
        rows = {**others, LEDGER_KIND: dump_ledger(self.ledger)}
        changed = {kind: data for kind, data in rows.items() if self._saved.get(kind) != data}
        if not changed:
            return
        try:
            self._store.save(self.auth_id, changed, now=now)
        except StoreWriteError as error:
            self._on_failure()
            if not self._failing:
                log.error(
                    "state not saved",
                    extra={
                        "partner": self.partner,
                        "problem": str(error),
                        "action": "free space or fix permissions; what was counted since is in memory alone",
                    },
                )
            self._failing = True
            return
        if self._failing:
            log.info("state saved again", extra={"partner": self.partner})
        self._failing = False
        self._saved.update(changed)

    def _load(self, max_pause: float) -> Ledger:
        data = self.saved(LEDGER_KIND)
        if data is not None:
            try:
                return load_ledger(data, max_pause=max_pause)
            except LedgerDataError as error:
                log.error(
                    "saved counters cannot be used, they start again",
                    extra={"partner": self.partner, "problem": str(error)},
                )
        return Ledger(max_pause=max_pause)
