"""The month as it happens: events when they are due, and a look at everything every half second."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import date

from tests.rig.counting import Counters, CountingExporter, backward, shown_counters, true_counters
from tests.rig.process import ProcessError
from tests.rig.simulated import SimulatedVobiz
from tests.rig.waiting import WaitedTooLongError, wait_for
from tests.soak.plan import AWAY, CORRECTION, DAY, KILL, RESTARTS, TERM, Event
from tests.soak.usage import Usage, usage

LOOK = 0.5
"""Real seconds between looks."""

_REQUESTS = re.compile(r'^vobiz_api_requests_total\{endpoint="dashboard",.*\} (\S+)$', re.MULTILINE)


class Month:
    """Runs a plan. Afterwards it holds what was done and seen; ``problems`` is what was wrong, in words."""

    def __init__(self, *, vobiz: SimulatedVobiz, exporter: CountingExporter, say: Callable[[str], None]) -> None:
        self.lives = 0
        self.polls = 0
        self.done: Counter[str] = Counter()
        self.midnights = 0
        self.samples: list[Usage] = []
        self.largest_state = 0
        self.seconds = 0.0
        self.problems: list[str] = []
        self.truth: Counters = {}
        self.shown: Counters = {}
        self._vobiz = vobiz
        self._auth_id = vobiz.partners[0][0]
        self._exporter = exporter
        self._polls_of_this_life = 0
        self._say = say
        self._back_at: float | None = None
        self._said = 0

    def run(self, events: list[Event], seconds: float) -> None:
        """Let so many simulated seconds pass, and settle."""
        self._vobiz.pause()
        self._start()
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
            duration = f"{event.seconds:.0f}s"
            self._vobiz.begin(kind=event.what, partner=self._auth_id, duration=duration, **event.words)

    def _end(self, number: signal.Signals) -> None:
        if self._exporter.running:
            code = self._exporter.stop(number)
            if number == signal.SIGTERM and code:
                raise ProcessError(f"the exporter ended with exit code {code} after SIGTERM")

    def _return(self) -> None:
        self._back_at = None
        if not self._exporter.running:
            self._start()

    def _start(self) -> None:
        self._exporter.start()
        self._exporter.wait_until_ready()
        # Products are shown again once every day that may have grown was asked for, which can take a second poll.
        wait_for(lambda: self.shown.keys() <= self._exporter.counters().keys(), "the counters that were shown before")
        self.lives += 1
        self._polls_of_this_life = 0

    def _correct(self) -> None:
        """Take values back when all of them have been seen: what nobody saw, nobody can count."""
        self._settle()
        self._vobiz.begin(kind=CORRECTION, partner=self._auth_id, depth=0.1)
        self._settle()
        self._vobiz.resume()

    def _settle(self) -> None:
        """Stop time, and wait until the counters are the truth."""
        self._return()
        self._vobiz.end_all()
        self._vobiz.pause()
        try:
            wait_for(self._shows_the_truth)
        except WaitedTooLongError:
            differ = [series for series in self.truth if self.shown.get(series) != self.truth[series]]
            wrong = ", ".join(f"{series}: {self.shown.get(series)}, not {self.truth[series]}" for series in differ)
            self.problems.append(f"counters that are not the truth after {self.polls} polls: {wrong}")

    def _shows_the_truth(self) -> bool:
        truth = true_counters(self._vobiz.truth(self._auth_id))
        self.truth = {series: value - self._at_start[series] for series, value in truth.items()}
        self._compare()
        return self.shown == self.truth

    def _look(self, at: float) -> None:
        if not self._exporter.running:
            return
        self._compare()
        self.samples.append(usage(self._exporter.pid, at=at, life=self.lives))
        if self._exporter.state.exists():
            self.largest_state = max(self.largest_state, self._exporter.state.stat().st_size)
        if at // DAY > self._said:
            self._said = int(at // DAY)
            self._say(f"day {self._said}: {self.polls} polls, {sum(self.done.values())} events")

    def _compare(self) -> None:
        page = self._exporter.page()
        polls = int(sum(map(float, _REQUESTS.findall(page))))
        self.polls += polls - self._polls_of_this_life
        self._polls_of_this_life = polls
        shown = shown_counters(page)
        if gone := backward(self.shown, shown):
            self.problems.append(f"counters that went back: {gone}")
        self.shown = shown


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
