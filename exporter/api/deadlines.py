"""One thread that ends all requests whose time is up.

A timer for each request would be a thread for each, and where memory has run out ``Thread.start`` may never return: it
waits for a thread that died before it had begun.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from itertools import count
from threading import Condition, Thread

_OUT_OF_MEMORY_SECONDS = 0.05


class Deadlines:
    """Calls what is due. For any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._changed = Condition()
        self._due: list[tuple[float, int]] = []
        self._calls: dict[int, Callable[[], None]] = {}
        self._numbers = count()
        self._thread: Thread | None = None

    def add(self, seconds: float, call: Callable[[], None]) -> int:
        """Call this in so many seconds, which takes next to no time itself; returns what :meth:`drop` is given."""
        with self._changed:
            if self._thread is None:
                thread = Thread(target=self._run, name="deadlines", daemon=True)
                thread.start()
                self._thread = thread
            number = next(self._numbers)
            self._calls[number] = call
            heapq.heappush(self._due, (self._monotonic() + seconds, number))
            if self._due[0][1] == number:
                self._changed.notify_all()
            return number

    def drop(self, number: int) -> None:
        """Do not make this call, unless it was made."""
        with self._changed:
            self._calls.pop(number, None)
            # what was dropped leaves when it is first in line, or when there is too much of it
            if len(self._due) > 64 and len(self._due) > 4 * len(self._calls):
                self._due = [entry for entry in self._due if entry[1] in self._calls]
                heapq.heapify(self._due)

    def _run(self) -> None:
        while True:
            try:
                call = self._next()
                if call is not None:
                    call()
            except MemoryError:
                # Without this thread no request would have an end, not even once there is memory again.
                time.sleep(_OUT_OF_MEMORY_SECONDS)

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while self._due and self._due[0][1] not in self._calls:
                heapq.heappop(self._due)
            wait = self._due[0][0] - self._monotonic() if self._due else None
            if wait is None or wait > 0:
                self._changed.wait(wait)
                return None
            return self._calls.pop(heapq.heappop(self._due)[1])


DEADLINES = Deadlines()
"""Of this process."""
