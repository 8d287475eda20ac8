"""The extra ``wallet``: the partner's own wallet, from ``/me``."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from exporter.api.errors import ApiError, Refusal
from exporter.api.model import Wallet
from exporter.clock import Clock, Moment
from exporter.poll.snapshot import Dated, Snapshot
from exporter.poll.turn import Turn


class WalletClient(Protocol):
    """What is asked of :class:`exporter.api.PartnerClient`."""

    def me(self) -> Wallet:
        """The answer of ``/me``. Raises ApiError."""


class WalletExtra:
    """Asks when it is due, and keeps the latest answer, good for ``stale_after`` seconds beyond the next one."""

    endpoint = "me"

    def __init__(
        self, *, client: WalletClient, turn: Turn, stale_after: float, clock: Clock, known: Dated[Wallet] | None
    ) -> None:
        self.turn = turn
        self._client = client
        self._expires_after = stale_after + turn.every
        self._clock = clock
        self._latest = known

    def poll(self, began: Moment) -> Refusal | None:
        """Ask if it is time; returns a refusal that concerns the whole partner."""
        if not self.turn.due:
            return None
        try:
            wallet = self._client.me()
        except ApiError as error:
            return self.turn.failed(error)
        self.turn.worked(began, wallet.unreadable)
        self._latest = Dated(value=wallet, at=self._clock.now(), expires_after=self._expires_after)
        return None

    def not_asked(self, error: ApiError) -> None:
        """The API failed the main endpoints, so it is left in peace."""
        self.turn.not_asked(error)

    def onto(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what is known here."""
        return replace(snapshot, wallet=self._latest)
