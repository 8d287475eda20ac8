"""The `rate_limit` of a web configuration file: a bucket of tokens, as the exporter-toolkit has it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class TokenBucket:
    """Allows `burst` requests at once, and one more every `interval` seconds. `clock` is monotonic, in seconds."""

    def __init__(self, *, interval: float, burst: int, clock: Callable[[], float]) -> None:
        self._interval = interval
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._counted_at = clock()

    def take(self) -> bool:
        """Whether one more request is allowed now; if so, it counts."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._counted_at) / self._interval)
            self._counted_at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
