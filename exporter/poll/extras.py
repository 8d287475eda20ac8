"""The extras of one partner: what is collected beyond the two endpoints, where the configuration asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from exporter.api.errors import ApiError, Refusal
from exporter.clock import Moment
from exporter.poll.snapshot import Health, Snapshot
from exporter.poll.turn import Turn


class Extra(Protocol):
    """One of them: :class:`~exporter.poll.wallet.WalletExtra`, :class:`~exporter.poll.accounts.CustomersExtra`."""

    @property
    def endpoint(self) -> str:
        """The value of the ``endpoint`` label."""

    @property
    def turn(self) -> Turn:
        """When it is asked, and how that goes."""

    def poll(self, began: Moment) -> Refusal | None:
        """Ask what is due; returns a refusal that concerns the whole partner."""

    def not_asked(self, error: ApiError) -> None:
        """The API failed the main endpoints."""

    def onto(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what is known."""


class Extras:
    """All of them, in the order in which they are asked."""

    def __init__(self, extras: Sequence[Extra] = ()) -> None:
        self._extras = tuple(extras)

    def poll(self, began: Moment) -> tuple[bool, Refusal | None]:
        """Ask each that is due, until one of them meets a rate limit; whether there is news, and that refusal."""
        before = self.health
        for extra in self._extras:
            refusal = extra.poll(began)
            if refusal is not None:
                return True, refusal
        return self.health != before, None

    def not_asked(self, error: ApiError) -> bool:
        """The API failed the main endpoints, so none is asked; whether that is news."""
        for extra in self._extras:
            extra.not_asked(error)
        return bool(self._extras)

    def onto(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what all of them know."""
        for extra in self._extras:
            snapshot = extra.onto(snapshot)
        return snapshot

    @property
    def health(self) -> tuple[tuple[str, Health], ...]:
        """How each endpoint fares."""
        return tuple((extra.endpoint, extra.turn.health.current) for extra in self._extras)
