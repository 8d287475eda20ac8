"""One account's ledger together with the store that keeps it, as JSON with amounts as text: nothing is rounded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from exporter.ledger.ledger import Ledger
from exporter.ledger.state import LedgerState
from exporter.ledger.store import LedgerStore

log = logging.getLogger(__name__)

LEDGER_KIND = "ledger"

_NOTHING: Mapping[str, bytes] = MappingProxyType({})


class LedgerDataError(ValueError):
    """Saved data that no ledger of this version wrote."""


def dump_ledger(ledger: Ledger) -> bytes:
    """The ledger as JSON: the attributes of :class:`LedgerState` by name, a key as ``inbound calls``."""
    return msgspec.json.encode(_with_keys(msgspec.to_builtins(ledger), _joined))


def load_ledger(data: bytes, *, max_pause: float = 1200.0) -> Ledger:
    """The ledger that :func:`dump_ledger` wrote down. Raises :class:`LedgerDataError` if it did not."""
    try:
        state = msgspec.convert(_with_keys(msgspec.json.decode(data), _split), LedgerState)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise LedgerDataError(f"not a saved ledger: {error}") from None
    return Ledger(state, max_pause=max_pause)


def _with_keys(value: Any, convert: Callable[[Any], Any]) -> Any:
    if not isinstance(value, dict):
        return value
    return {convert(key): _with_keys(inner, convert) for key, inner in value.items()}


def _joined(key: Any) -> str:
    return " ".join(key) if isinstance(key, tuple) else key


def _split(key: str) -> Any:
    return tuple(key.split(" ")) if " " in key else key


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
        self._auth_id = auth_id
        self._store = store
        self._on_failure = on_failure
        self.ledger = self._load(max_pause)

    def saved(self, kind: str) -> bytes | None:
        """What was saved under another kind (``detector``), as it was given to :meth:`save`; None if there is none."""
        return None if self._store is None else self._store.load(self._auth_id, kind)

    def save(self, *, now: float, others: Mapping[str, bytes] = _NOTHING) -> None:
        """Write the ledger and ``others`` (JSON by kind, such as ``detector``) in one transaction; durable on return.

        ``now`` is in seconds since the epoch. A failed write is counted, and made good by the next one that works.
        """
        if self._store is None:
            return
        if not self._store.save(self._auth_id, {**others, LEDGER_KIND: dump_ledger(self.ledger)}, now=now):
            self._on_failure()

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
