"""Keeps a message that clients can provoke from filling the log."""

from __future__ import annotations

import threading
from collections.abc import Callable

_MOST_KEPT = 64


class Throttle:
    """Allows each message once in `seconds`. `clock` is monotonic, in seconds."""

    def __init__(self, *, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}

    def allows(self, message: str) -> bool:
        """Whether the message may be logged now; if so, that counts."""
        with self._lock:
            now = self._clock()
            said = self._said.pop(message, None)
            if said is not None and now - said < self._seconds:
                self._said[message] = said
                return False
            if len(self._said) >= _MOST_KEPT:
                self._said.pop(next(iter(self._said)))
            self._said[message] = now
            return True
