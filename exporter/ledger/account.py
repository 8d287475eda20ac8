"""One account's ledger together with the store that keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from exporter.ledger.ledger import Ledger
from exporter.ledger.store import LedgerStore

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
        self.ledger = Ledger(max_pause=max_pause)

    def saved(self, kind: str) -> bytes | None:
        """What was saved under another kind (``detector``), None if there is nothing; as it was given to ``save``."""
        raise NotImplementedError

    def save(self, *, now: float, others: Mapping[str, bytes] = _NOTHING) -> None:
        """Write the ledger and ``others`` (JSON by kind, such as ``detector``) in one transaction; durable on return.

        Nothing is written when nothing changed. A failed write is logged once, counted, and tried again at the next
        call; it does not raise.
        """
        raise NotImplementedError
