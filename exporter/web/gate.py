"""One at a time through a narrow place, turn by turn among clients."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from exporter.web.fairness import oldest_of_largest_group


class _Ticket:
    __slots__ = ("client", "number", "outcome")

    def __init__(self, client: str, number: int) -> None:
        self.client = client
        self.number = number
        self.outcome: bool | None = None


class FairGate:
    """Lets one caller through at a time; the others wait, at most `waiting` of them.

    A client that was let through gives way to all others, so that one who guesses passwords all day does not make
    anybody else wait for more than one guess. When more come than may wait, the oldest caller of the client with the
    most is turned away.
    """

    def __init__(self, *, waiting: int) -> None:
        self._most_waiting = waiting
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._issued = 0
        self._inside: _Ticket | None = None
        self._last_client: str | None = None

    def __len__(self) -> int:
        """How many callers wait."""
        return len(self._waiting)

    @contextlib.contextmanager
    def turn(self, client: str) -> Iterator[bool]:
        """Waits for the client's turn; yields whether it came, or the caller was turned away."""
        ticket = self._queue_up(client)
        try:
            yield bool(ticket.outcome)
        finally:
            if ticket.outcome:
                self._leave()

    def _queue_up(self, client: str) -> _Ticket:
        with self._changed:
            self._issued += 1
            ticket = _Ticket(client, self._issued)
            self._waiting.append(ticket)
            if len(self._waiting) > self._most_waiting:
                self._turn_one_away()
            self._let_next_in()
            self._changed.wait_for(lambda: ticket.outcome is not None)
        return ticket

    def _leave(self) -> None:
        with self._changed:
            self._inside = None
            self._let_next_in()

    def _turn_one_away(self) -> None:
        chosen = oldest_of_largest_group(
            self._waiting, group=lambda ticket: ticket.client, since=lambda ticket: ticket.number
        )
        if chosen is not None:
            self._waiting.remove(chosen)
            chosen.outcome = False
            self._changed.notify_all()

    def _let_next_in(self) -> None:
        if self._inside is not None or not self._waiting:
            return
        chosen = min(self._waiting, key=lambda ticket: (ticket.client == self._last_client, ticket.number))
        self._waiting.remove(chosen)
        self._inside, self._last_client = chosen, chosen.client
        chosen.outcome = True
        self._changed.notify_all()
