"""The extra ``customers``: every customer's balance, from all pages of ``/accounts``."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Protocol

from exporter.api.errors import ApiError, Refusal
from exporter.api.model import AccountPage, Customers
from exporter.clock import Clock, Moment
from exporter.poll.customers import Wishes, summary
from exporter.poll.round import Round
from exporter.poll.snapshot import Dated, Snapshot
from exporter.poll.turn import Turn

log = logging.getLogger(__name__)

PAGES_A_POLL = 10
MOST_ROUNDS = 3
"""Rounds in a row, when customers come and go while they are read; the last one is taken as it is."""


class AccountsClient(Protocol):
    """What is asked of :class:`exporter.api.PartnerClient`."""

    def accounts(self, page: int) -> AccountPage:
        """A page, counted from 1. Raises ApiError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far to go: pages of a round, pages of one poll, seconds into a poll until which a page is asked for."""

    pages: int
    pages_a_poll: int = PAGES_A_POLL
    patience: float
    rounds: int = MOST_ROUNDS


class CustomersExtra:
    """Reads a round over as many polls as it takes, and shows it when it is whole.

    The first failure ends a round, and nothing of it is shown; the one before stays until it is too old.
    """

    endpoint = "accounts"

    def __init__(
        self,
        *,
        partner: str,
        client: AccountsClient,
        turn: Turn,
        wishes: Wishes,
        reach: Reach,
        stale_after: float,
        clock: Clock,
        known: Dated[Customers] | None,
        dropped: int,
    ) -> None:
        self.turn = turn
        self._partner = partner
        self._client = client
        self._wishes = wishes
        self._reach = reach
        self._stale_after = stale_after
        self._clock = clock
        self._latest = known
        self._dropped = dropped
        self._round: Round | None = None
        self._shifted = 0
        self._told_unread = False

    def poll(self, began: Moment) -> Refusal | None:
        """Go on with the round, or begin one if it is time; returns a refusal that concerns the whole partner."""
        if self._round is None:
            if not self.turn.due:
                return None
            self._round = Round(began=began, most=self._reach.pages)
        try:
            self._read(self._round, began)
        except ApiError as error:
            self._round = None
            return self.turn.failed(error)
        if self._round.done:
            self._end(self._round)
            self._round = None
        return None

    def not_asked(self, error: ApiError) -> None:
        """The API failed the main endpoints, so it is left in peace, and a round begun is of no use any more."""
        self._round = None
        self.turn.not_asked(error)

    def onto(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what is known here."""
        return replace(snapshot, customers=self._latest, series_dropped=self._dropped)

    def _read(self, round_: Round, began: Moment) -> None:
        for _ in range(self._reach.pages_a_poll):
            round_.add(self._client.accounts(round_.pages + 1))
            if round_.done or self._clock.elapsed() - began.elapsed > self._reach.patience:
                return

    def _end(self, round_: Round) -> None:
        if round_.shifted:
            self._shifted += 1
            if self._shifted < self._reach.rounds:
                return
            log.warning(
                "customers came or went in each round, a few may be missing or counted although gone",
                extra={"partner": self._partner, "rounds": self._shifted, "read": len(round_.accounts)},
            )
        self._shifted = 0
        figures = summary(tuple(round_.accounts.values()), self._wishes, total=round_.total)
        self._tell_unread(figures, len(round_.accounts))
        self._dropped += figures.dropped
        self.turn.worked(round_.began, round_.unreadable)
        at = self._clock.now()
        took = at.elapsed - round_.began.elapsed
        expires_after = self._stale_after + self.turn.every + MOST_ROUNDS * took
        self._latest = Dated(value=figures, at=at, expires_after=expires_after)

    def _tell_unread(self, figures: Customers, read: int) -> None:
        if figures.unread and not self._told_unread:
            log.warning(
                "not all customers were read, figures of customers are of the others",
                extra={
                    "partner": self._partner,
                    "read": read,
                    "unread": figures.unread,
                    "action": "raise customers.pages_limit if there are more than it allows",
                },
            )
        self._told_unread = bool(figures.unread)
