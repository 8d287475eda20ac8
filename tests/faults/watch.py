"""Looks at ``/metrics`` several times a second, and judges every figure on every page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from tests.e2e.processes import fetch
from tests.faults.figures import Figures, samples, wrong

LOOK = 0.2
PATIENCE = 40.0
"""Seconds after which nothing is waited for any more: a loaded machine is slow, a hang is for ever."""


class NotWithinTimeError(Exception):
    """Something that has to come has not come; says what."""


class StoppedError(Exception):
    """The matrix is to end before its time."""


class Watch:
    """The pages of one daemon, from the start of ``with`` to its end. ``url`` may change when it is restarted."""

    def __init__(self, url: Callable[[], str | None], stop: threading.Event) -> None:
        self._url = url
        self._stop = stop
        self._news = threading.Condition()
        self._page: Mapping[str, Figures] = {}
        self._allowed: dict[str, tuple[Figures, ...]] = {}
        self._wrong: dict[str, dict[str, None]] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.unreachable = 0
        """How many looks in a row brought no page."""

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def allow(self, partner: str, *truths: Figures) -> None:
        """From now on a figure of this partner must be that of one of these, or absent."""
        with self._news:
            self._allowed[partner] = truths

    def wrong(self, partner: str) -> list[str]:
        """The figures that were neither right nor absent since this was last asked."""
        with self._news:
            return list(self._wrong.pop(partner, {}))

    def page(self, partner: str = "") -> Figures:
        """The samples of a partner on the last page."""
        with self._news:
            return self._page.get(partner, {})

    def until(self, holds: Callable[[Figures], bool], what: str, *, partner: str = "") -> Figures:
        """The first page on which this holds. Raises NotWithinTimeError, and StoppedError."""
        end = time.monotonic() + PATIENCE
        # outside of the lock, as it may wait for locks itself
        while not holds(page := self.page(partner)):
            with self._news:
                self._news.wait_for(lambda: self._page.get(partner, {}) is not page, LOOK * 5)
            self.go_on(end, what)
        return page

    def go_on(self, end: float, what: str) -> None:
        """Raises NotWithinTimeError after the end, and StoppedError when everything is to stop."""
        if self._stop.is_set():
            raise StoppedError
        if time.monotonic() > end:
            raise NotWithinTimeError(what)

    def reach(self) -> str | None:
        """The page as it is now, None if there is none to be had."""
        url = self._url()
        if url is None:
            return None
        try:
            return fetch(url, timeout=5).decode()
        except OSError:
            return None

    def _run(self) -> None:
        while not self._closing.wait(LOOK):
            text = self.reach()
            page = {} if text is None else samples(text)
            with self._news:
                self.unreachable = 0 if text is not None else self.unreachable + 1
                if text is None:
                    continue
                self._page = page
                for partner, truths in self._allowed.items():
                    self._wrong.setdefault(partner, {}).update(dict.fromkeys(wrong(page.get(partner, {}), truths)))
                self._news.notify_all()
