"""Toll fraud: spend or outbound minutes far above everything that was usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

from exporter.detect.observations import Moment, Thresholds
from exporter.detect.profile import MAX_DAYS, MIN_DAYS
from exporter.detect.state import number
from exporter.detect.week import PeakWeek, Week

QUARTER = 15.0
"""Minutes over which an amount is averaged."""
DAY_SHARE, QUIET_SHARE, QUIET_RATIO = 0.5, 0.04, 0.01
"""Of an ordinary day's amount: what is too much for a quarter of an hour at any time, and at an hour whose quarters
never had more than the last."""
MAX_SCORE = 10.0
PATIENCE = 1440.0
"""Minutes of paging after which what is seen is learned as usual."""


@dataclass(slots=True)
class Spike:
    """An amount that is spent: its mean of the last quarter of an hour, and the week's highest."""

    polled: float = number()
    quarters: PeakWeek = field(default_factory=PeakWeek)
    totals: Week = field(default_factory=Week)
    quarter: float = number(low=0)
    """The amount of a quarter of an hour, exponentially averaged, and of what it is made (minutes, or calls)."""
    units: float = number(low=0)
    day: float = number(-1.0, low=-1)
    """The amount of an ordinary day with calls, and what one of its units costs; -1: unknown."""
    unit_price: float = number(-1.0, low=-1)
    paged: float = number(low=0)
    score: float = number(low=0)

    def learn(self, amounts: Sequence[float], units: Sequence[float]) -> None:
        """The amounts of the complete days, and of what they are made."""
        amounts, units = amounts[-MAX_DAYS:], units[-MAX_DAYS:]
        used = [amount for amount in amounts if amount > 0]
        self.day = sum(used) / len(used) if len(used) >= MIN_DAYS else -1.0
        self.unit_price = sum(amounts) / sum(units) if self.day > 0 and sum(units) > 0 else -1.0

    def observe(self, moment: Moment, amount: float, units: float) -> None:
        """Count what came since the previous poll; what a longer gap brought is averaged over it."""
        minutes, first, self.polled = moment.minute - self.polled, self.polled == 0, moment.minute
        for week in (self.quarters, self.totals):
            week.move_to(moment, remember=self.score <= 1 or self.paged > PATIENCE)
        if first or minutes <= 0:
            return
        keep = exp(-minutes / QUARTER)
        self.quarter = self.quarter * keep + amount / minutes * QUARTER * (1 - keep)
        self.units = self.units * keep + units / minutes * QUARTER * (1 - keep)
        if minutes <= moment.max_gap:
            self.quarters.add(minutes, self.quarter)
            self.totals.add(minutes, amount)
        self.paged = self.paged + minutes if self.score > 1 else 0.0

    def expected(self, moment: Moment) -> float | None:
        """The amount of an hour that is usual now."""
        return self.totals.usual(int(moment.hour_of_day))

    def judge(self, moment: Moment, minimum: float, thresholds: Thresholds) -> float | None:
        """Above 1 is a spike: what :class:`exporter.detect.Thresholds` says of it. None without enough days."""
        highest, reasons = self.quarters.highest(), []
        if self.day > 0:
            reasons.append(self.quarter / (DAY_SHARE * self.day))
        if highest is not None:
            reasons.append(self.quarter / (thresholds.spike_sheer_ratio * highest))
            if self.unit_price > 0 and self.units > 0:
                price = self.quarter / self.units / self.unit_price
                reasons.append(
                    min(self.quarter / (thresholds.spike_ratio * highest), price / thresholds.spike_price_ratio)
                )
        if self.day > 0 and self._is_quiet(int(moment.hour_of_day)):
            reasons.append(self.quarter / (QUIET_SHARE * self.day))
        if not reasons:
            self.score = 0.0
            return None
        self.score = min(max(reasons), self.quarter / minimum if minimum > 0 else MAX_SCORE, MAX_SCORE)
        return self.score

    def _is_quiet(self, hour: int) -> bool:
        """Whether this hour and its neighbours never had much."""
        around = [self.quarters.same_hour(hour + more) for more in (-1, 0, 1)]
        return all(len(values) >= MIN_DAYS for values in around) and all(
            value < QUIET_RATIO * self.day for values in around for value in values
        )
