"""How long to wait after the API refused: credentials retried at full speed get an account locked, and a rate limit
that is answered by retries feeds itself."""

from __future__ import annotations

from exporter.api.errors import Refusal

MOST_INTERVALS = 10
LONGEST_WAIT = 900.0
"""Seconds. An interval longer than this is kept."""


class Pace:
    """The wait until the next try: the interval, doubled with each refusal in a row, or what the API asked for."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._refusals = 0

    def after(self, refusal: Refusal | None) -> float:
        """Seconds from the start of this try to the start of the next; None means that it was not refused."""
        if refusal is None:
            self._refusals = 0
            return self._interval
        wait = self._interval * min(2.0 ** min(self._refusals, 10), MOST_INTERVALS)
        self._refusals += 1
        if refusal.retry_after is not None:
            wait = refusal.retry_after
        return max(self._interval, min(wait, LONGEST_WAIT))
