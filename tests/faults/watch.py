"""Looks at ``/metrics`` several times a second, and judges every value on every page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from tests.faults.values import Values, samples, wrong
from tests.rig.fetch import fetch
from tests.rig.waiting import wait_for

LOOK = 0.2
"""Seconds between looks."""


class StoppedError(Exception):
    """The matrix is to end before its time."""


class Watch:
    """The pages of one daemon, from the start of ``with`` to its end. ``url`` may change when it is restarted."""

    def __init__(self, url: Callable[[], str | None], stop: threading.Event) -> None:
        self._url = url
        self._stop = stop
        self._lock = threading.Lock()
        self._page: Mapping[str, Values] = {}
        self._allowed: dict[str, tuple[Values, ...]] = {}
        self._wrong: dict[str, dict[str, None]] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def allow(self, partner: str, *truths: Values) -> None:
        """From now on a value of this partner must be that of one of these, or absent."""
        with self._lock:
            self._allowed[partner] = truths

    def wrong(self, partner: str) -> list[str]:
        """The values that were neither right nor absent since this was last asked."""
        with self._lock:
            return list(self._wrong.pop(partner, {}))

    def page(self, partner: str = "") -> Values:
        """The samples of a partner on the last page."""
        with self._lock:
            return self._page.get(partner, {})

    def until(self, holds: Callable[[Values], bool], what: str, *, partner: str = "") -> None:
        """Wait for a page on which this holds. Raises WaitedTooLongError, and StoppedError."""
        self.wait_for(lambda: holds(self.page(partner)), what)

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds. Raises WaitedTooLongError, and StoppedError when everything is to stop."""

        def look() -> bool:
            if self._stop.is_set():
                raise StoppedError
            return holds()

        # many wait at a time, and each look at a page takes a while
        wait_for(look, what, pause=LOOK)

    def reach(self, path: str = "/metrics") -> str | None:
        """A page as it is now, None if there is none to be had."""
        url = self._url()
        if url is None:
            return None
        try:
            return fetch(url.replace("/metrics", path), timeout=5).decode()
        except OSError:
            return None

    def _run(self) -> None:
        while not self._closing.wait(LOOK):
            text = self.reach()
            if text is None:
                continue
            page = samples(text)
            with self._lock:
                self._page = page
                for partner, truths in self._allowed.items():
                    self._wrong.setdefault(partner, {}).update(dict.fromkeys(wrong(page.get(partner, {}), truths)))
