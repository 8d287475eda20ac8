"""The month as it happens: events when they are due, and a look at everything every half second."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import date

from tests.drill.vobiz import SimulatedVobiz
from tests.soak.counters import Counters, backward, true_counters
from tests.soak.daemon import Daemon
from tests.soak.plan import AWAY, CORRECTION, DAY, KILL, RESTARTS, TERM, Event
from tests.soak.usage import Usage

LOOK = 0.5
"""Real seconds between looks."""

SETTLED_WITHIN = 90.0
"""Real seconds that the exporter is given to have seen everything, once simulated time stands still."""


class Course:
    """Runs a plan. Afterwards it holds what was done and seen; ``problems`` is what was wrong, in words."""

    def __init__(self, *, vobiz: SimulatedVobiz, auth_id: str, daemon: Daemon, say: Callable[[str], None]) -> None:
        self.done: Counter[str] = Counter()
        self.midnights = 0
        self.samples: list[Usage] = []
        self.largest_state = 0
        self.seconds = 0.0
        self.problems: list[str] = []
        self.truth: Counters = {}
        self.shown: Counters = {}
        self._vobiz = vobiz
        self._auth_id = auth_id
        self._daemon = daemon
        self._say = say
        self._back_at: float | None = None
        self._said = 0

    def run(self, events: list[Event], seconds: float) -> None:
        """Let so many simulated seconds pass, and settle."""
        self._vobiz.pause()
        self._daemon.start()
        truth = self._vobiz.truth(self._auth_id)
        self._at_start, first_day, began = true_counters(truth), truth["today"], self._vobiz.now()
        self._vobiz.resume()
        waiting = list(events)
        while (at := self._vobiz.now() - began) < seconds:
            if self._back_at is not None and at >= self._back_at:
                self._return()
            while waiting and waiting[0].at <= at:
                self._happen(waiting.pop(0))
            self._look(at)
            time.sleep(LOOK)
        self.seconds = self._vobiz.now() - began
        self._settle()
        today = self._vobiz.truth(self._auth_id)["today"]
        self.midnights = _ordinal(today) - _ordinal(first_day)

    def _happen(self, event: Event) -> None:
        self.done[event.what] += 1
        if event.what in RESTARTS:
            if event.what == TERM:
                self._end(signal.SIGTERM)
            elif event.what in (KILL, AWAY):
                self._end(signal.SIGKILL)
            self._back_at = event.at + event.seconds
            if event.what != AWAY:
                self._return()
        elif event.what == CORRECTION:
            self._correct()
        else:
            self._vobiz.cause(self._auth_id, {"kind": event.what, "duration": f"{event.seconds:.0f}s", **event.words})

    def _end(self, number: signal.Signals) -> None:
        if self._daemon.running:
            self._daemon.end(number)

    def _return(self) -> None:
        self._back_at = None
        self._daemon.start()

    def _correct(self) -> None:
        """Take figures back when all of them have been seen: what nobody saw, nobody can count."""
        self._settle()
        self._vobiz.cause(self._auth_id, {"kind": CORRECTION, "depth": 0.1})
        self._settle()
        self._vobiz.resume()

    def _settle(self) -> None:
        """Stop time, and wait until the counters are the truth."""
        self._return()
        self._vobiz.clear_all()
        self._vobiz.pause()
        end = time.monotonic() + SETTLED_WITHIN
        while True:
            truth = true_counters(self._vobiz.truth(self._auth_id))
            self.truth = {series: value - self._at_start[series] for series, value in truth.items()}
            self._compare()
            if self.shown == self.truth or time.monotonic() > end:
                break
            time.sleep(LOOK)
        if self.shown != self.truth:
            self.problems.append(f"counters that are not the truth after {self._daemon.polls} polls: {self._differ()}")

    def _look(self, at: float) -> None:
        if not self._daemon.running:
            return
        self._compare()
        self.samples.append(self._daemon.usage(at=at))
        if self._daemon.state.exists():
            self.largest_state = max(self.largest_state, self._daemon.state.stat().st_size)
        if at // DAY > self._said:
            self._said = int(at // DAY)
            self._say(f"day {self._said}: {self._daemon.polls} polls, {sum(self.done.values())} events")

    def _compare(self) -> None:
        shown = self._daemon.counters()
        if gone := backward(self.shown, shown):
            self.problems.append(f"counters that went back: {gone}")
        self.shown = shown

    def _differ(self) -> str:
        differ = [series for series in self.truth if self.shown.get(series) != self.truth[series]]
        return ", ".join(
            f"{name} {of}: {self.shown.get((name, of))}, not {self.truth[name, of]}" for name, of in differ
        )


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
