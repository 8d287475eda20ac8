"""Scrapes as Prometheus makes them, and how long the slowest took."""

from __future__ import annotations

import threading
import time
import urllib.request
from types import TracebackType

_HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}


def fetch(url: str) -> str:
    """A page, uncompressed."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


class Scraper:
    """Scrapes in a thread of its own for as long as the ``with`` lasts. A failed scrape took for ever."""

    def __init__(self, url: str, *, every: float) -> None:
        self.slowest = 0.0
        self.scrapes = 0
        self._url = url
        self._every = every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Scraper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._every):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(urllib.request.Request(self._url, headers=_HEADERS), timeout=60) as answer:
                    answer.read()
                took = time.monotonic() - began
            except OSError:
                took = float("inf")
            self.scrapes += 1
            self.slowest = max(self.slowest, took)
