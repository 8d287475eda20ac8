"""Which windows to ask ``/analytics`` for, and what was got for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from exporter.api.model import Report, Window
from exporter.poll.periods import ROLLUP_PERIOD, TODAY, YESTERDAY, window_of
from exporter.poll.snapshot import Dated

MOST_GAPS = 3
"""Days asked for again in one poll, to be polite after a long pause."""

LONGEST_GAP_WAIT = 6 * 3600.0


class AnalyticsPlan:
    """Today is asked for at every poll, the rest every ``slow_interval`` seconds and when the server's day changes.

    Yesterday is always among them, shown or not: products are only given by ``/analytics``, and calls are still booked
    on a day after its midnight. A day whose products do not account for its calls is asked for again, ever less often
    while that does not help.
    """

    def __init__(self, *, periods: Sequence[str], slow_interval: float) -> None:
        self._shown = tuple(period for period in periods if period != ROLLUP_PERIOD)
        self._asked = tuple(dict.fromkeys((TODAY, YESTERDAY, *self._shown)))
        self._slow_interval = slow_interval
        self._got: dict[str, tuple[Window, Dated[Report]]] = {}
        self._tries: dict[date, tuple[int, float]] = {}

    def due(self, today: date, elapsed: float) -> list[tuple[str, Window]]:
        """The periods to ask for now, today first."""
        windows = ((period, window_of(period, today)) for period in self._asked)
        return [(period, window) for period, window in windows if self._is_due(period, window, elapsed)]

    def gaps_due(self, gaps: Iterable[date], today: date, elapsed: float) -> list[date]:
        """Those of the days with product gaps to ask for now; each waits longer after each try."""
        gaps = [day for day in gaps if day != today]
        self._tries = {day: tries for day, tries in self._tries.items() if day in gaps}
        due = [day for day in gaps if self._tries.get(day, (0, elapsed))[1] <= elapsed][:MOST_GAPS]
        for day in due:
            tries = self._tries.get(day, (0, 0.0))[0]
            wait = min(self._slow_interval * 2.0 ** min(tries, 20), LONGEST_GAP_WAIT)
            self._tries[day] = (tries + 1, elapsed + wait)
        return due

    def got(self, period: str, window: Window, report: Dated[Report]) -> None:
        """Keep an answer as the latest of its period."""
        self._got[period] = (window, report)

    def current(self, today: date) -> tuple[tuple[str, Dated[Report]], ...]:
        """The latest answers of the shown periods, without those whose days have moved on since.

        None of them outlives today's: a slower period is good for long, but not once ``/analytics`` has fallen silent.
        """
        if TODAY not in self._got:
            return ()
        todays = self._got[TODAY][1]
        silent_from = todays.at.elapsed + todays.expires_after
        return tuple(
            (period, _ending_by(silent_from, self._got[period][1]))
            for period in self._shown
            if period in self._got and self._got[period][0] == window_of(period, today)
        )

    def _is_due(self, period: str, window: Window, elapsed: float) -> bool:
        if period == TODAY or period not in self._got:
            return True
        asked, report = self._got[period]
        return asked != window or elapsed - report.at.elapsed >= self._slow_interval


def _ending_by(elapsed: float, report: Dated[Report]) -> Dated[Report]:
    return replace(report, expires_after=min(report.expires_after, elapsed - report.at.elapsed))
