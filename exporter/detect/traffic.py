"""Silence: are there still calls where calls are usual?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from statistics import median
from typing import Annotated

from exporter.detect.observations import Day, Moment, Thresholds
from exporter.detect.profile import MAX_DAYS, MIN_DAYS
from exporter.detect.ranges import BY_WEEKDAY, Amount, Minute
from exporter.detect.week import Week

LEFT = 0.02
"""The share of the usual calls that silence leaves: records of earlier calls still come for two hours.

With it the sum below grows while there are fewer than (1 - 0.02) / -ln(0.02) = a quarter of the usual calls.
"""
SILENT_MINUTES, LOW_MINUTES = 30.0, 60.0
"""How long silence, and little traffic, must last: longer than this, and than one poll and a half."""
LOW_SCORE, MAX_SCORE = 0.5, 2.0
"""The score of traffic that is low for so long; silence has 1."""
PAGING_SHARE = 0.5
"""Of the minimum, that must be usual for silence to go on paging: where about as many are usual, it pages once."""


@dataclass(slots=True)
class Traffic:
    """The calls of the last week by hour, and Page's sum of the evidence that hardly any are left of a Poisson flow."""

    polled: Minute = 0.0
    week: Week = field(default_factory=Week)
    weekday_shares: Annotated[list[Amount], BY_WEEKDAY] = field(default_factory=lambda: [1.0] * 7)
    """The least that each weekday had of the median day's calls, at most 1."""
    nats: Amount = 0.0
    minutes: Amount = 0.0
    """For which the sum has been above 0, and the calls that came and were usual since."""
    calls: Amount = 0.0
    usual: Amount = 0.0
    pages: bool = False
    """Whether silence pages, and goes on with fewer usual calls than it takes to begin."""

    def learn(self, days: Sequence[Day]) -> None:
        """Weekdays that are quieter: a Saturday in the first week is not compared with a Friday."""
        days = days[-MAX_DAYS:]
        busy = [day.calls for day in days if day.calls > 0]
        if len(busy) < MIN_DAYS:
            return
        usual = median(busy)
        for weekday in range(7):
            same = [day.calls for day in days if day.weekday == weekday]
            self.weekday_shares[weekday] = min(1.0, min(same) / usual) if same else 1.0

    def observe(self, moment: Moment, calls: float) -> None:
        """Count the calls since the previous poll; those of a longer gap are no evidence."""
        minutes, first, self.polled = moment.minute - self.polled, self.polled == 0, moment.minute
        self.week.move_to(moment)
        if first or not 0 < minutes <= moment.max_gap:
            return
        self.week.add(minutes, calls)
        usual = (self.expected(moment) or 0.0) / 60 * minutes
        self.nats = max(0.0, self.nats + usual * (1 - LEFT) + calls * log(LEFT))
        if self.nats <= 0:
            self.minutes = self.calls = self.usual = 0.0
        else:
            self.minutes += minutes
            self.calls += calls
            self.usual += usual

    def expected(self, moment: Moment) -> float | None:
        """Calls an hour that can be counted on now; None if too few days had calls at this hour."""
        at = moment.hour_of_day - 0.5
        first, part = int(at // 1) % 24, at % 1
        one, other = self._sure(moment.weekday, first), self._sure(moment.weekday, (first + 1) % 24)
        return None if one is None or other is None else one * (1 - part) + other * part

    def _sure(self, weekday: int, hour: int) -> float | None:
        usual, last = self.week.usual(hour), self.week.last(weekday, hour)
        if usual is None:
            return None
        sure = usual * self.weekday_shares[weekday]
        return sure if last is None else min(sure, last)

    def score(self, moment: Moment, thresholds: Thresholds) -> float | None:
        """Above 1 is silence, above 0.5 an hour far below usual; None where too few calls are usual to say."""
        silent_calls, low_calls = 2 * thresholds.no_traffic_minimum_calls, thresholds.traffic_low_minimum_calls
        expected = self.expected(moment) or 0.0
        enough = silent_calls * (PAGING_SHARE if self.pages else 1)
        if self.calls <= LEFT * self.usual and expected > enough:
            score = min(self.minutes / max(SILENT_MINUTES, 1.5 * moment.interval), MAX_SCORE)
            self.pages = score > 1
            return score
        self.pages = False
        if expected <= min(silent_calls, low_calls):
            return None
        low = self.minutes / max(LOW_MINUTES, 1.5 * moment.interval)
        return min(LOW_SCORE * low, 0.99) if expected > low_calls else 0.0
