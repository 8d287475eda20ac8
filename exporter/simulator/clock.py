"""The simulated clock: it runs at a speed of its own and can be stopped."""

from __future__ import annotations

from collections.abc import Callable

from .climate import DAY


class SimulatedClock:
    """Simulated time, in seconds since 1970, derived from ``clock`` (real seconds since 1970).

    It starts at the real time, or ``midnight_in`` simulated seconds before the next UTC midnight. It never goes back,
    even if the real clock is set back.
    """

    def __init__(self, *, clock: Callable[[], float], speed: float, midnight_in: float | None) -> None:
        self._clock = clock
        self._seen = clock()
        self._now = self._seen if midnight_in is None else self._seen // DAY * DAY + DAY - midnight_in
        self.speed = speed
        self.paused = False

    def now(self) -> float:
        """Return the simulated time."""
        seen = self._clock()
        if not self.paused:
            self._now += max(0.0, seen - self._seen) * self.speed
        self._seen = seen
        return self._now

    def pause(self) -> None:
        """Stop simulated time."""
        self.now()
        self.paused = True

    def resume(self) -> None:
        """Let simulated time run on from where it stands."""
        self.now()
        self.paused = False
