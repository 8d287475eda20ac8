"""Toll fraud: spend or outbound minutes far above all that this hour had within a week, and expensive or long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from statistics import fmean

from exporter.detect.observations import Moment, Thresholds
from exporter.detect.profile import MAX_DAYS, MIN_DAYS
from exporter.detect.ranges import Amount, AmountOrUnknown, Minute
from exporter.detect.week import Week

QUARTER = 15.0
"""Minutes over which an amount is averaged."""
DAY_SHARE, SHEER_SHARE, EXPENSIVE_SHARE = 0.5, 0.04, 0.003
"""Of an ordinary day's amount: a quarter of an hour with the first is a spike at any time. One with less than the
second is none by its amount alone, one with less than the third is none even if it is expensive: a few calls in an hour
that usually has none are no fraud."""
CALLS = 6.0
"""Calls that a spike takes at least: however expensive or long one is, it counts for a sixth of what pages. With three,
the uneven worlds of the benchmark have several times the false pages, and fraud is found no sooner."""
CEILING, DOUBT = 1.5, 0.5
"""The highest score, so that a spike is over soon after it ends; and the score above which nothing is learned."""
NO_LIMIT = 1e15
PATIENCE = 1440.0
"""Minutes of paging after which what is seen is learned as usual."""


@dataclass(slots=True)
class Spike:
    """An amount that is spent: its mean of the last quarter of an hour, and the week's highest by hour."""

    polled: Minute = 0.0
    quarters: Week = field(default_factory=lambda: Week(peak=True))
    totals: Week = field(default_factory=Week)
    quarter: Amount = 0.0
    """The amount of a quarter of an hour, exponentially averaged, and of what it is made (minutes, or calls)."""
    units: Amount = 0.0
    day: AmountOrUnknown = -1.0
    """The amount of an ordinary day with calls, and what one of its units costs; -1: unknown."""
    unit_price: AmountOrUnknown = -1.0
    call_limit: Amount = NO_LIMIT
    """The most that one call counts for."""
    spent: Amount = 0.0
    """The amount since it would have paged but for the minimum."""
    paged: Amount = 0.0
    score: Amount = 0.0
    doubted: bool = False
    """Whether a spike was suspected within the hour."""

    def learn(self, amounts: Sequence[float], units: Sequence[float]) -> None:
        """The amounts of the complete days, and of what they are made."""
        amounts, units = amounts[-MAX_DAYS:], units[-MAX_DAYS:]
        used = [amount for amount in amounts if amount > 0]
        self.day = sum(used) / len(used) if len(used) >= MIN_DAYS else -1.0
        # Of means: days of which one of both is unknown may be missing in the other.
        self.unit_price = fmean(amounts) / fmean(units) if self.day > 0 and sum(units) > 0 else -1.0

    def observe(self, moment: Moment, amount: float, units: float, calls: float) -> None:
        """Count what ended since the previous poll; what a longer gap brought is averaged over it."""
        minutes, first, self.polled = moment.minute - self.polled, self.polled == 0, moment.minute
        if self.totals.is_over(moment):
            for week in (self.quarters, self.totals):
                week.move_to(moment, remember=not self.doubted or self.paged > PATIENCE)
            self.doubted = False
        if first or minutes <= 0:
            return
        counted = min(1.0, max(calls, 1.0) * self.call_limit / amount) if amount > 0 else 0.0
        self.spent += counted * amount if self.spent > 0 else 0.0
        keep = exp(-minutes / QUARTER)
        self.quarter = self.quarter * keep + counted * amount / minutes * QUARTER * (1 - keep)
        self.units = self.units * keep + counted * units / minutes * QUARTER * (1 - keep)
        if minutes <= moment.max_gap:
            self.quarters.add(minutes, self.quarter)
            self.totals.add(minutes, amount)
        self.paged = self.paged + minutes if self.score > 1 else 0.0

    def expected(self, moment: Moment) -> float | None:
        """The amount of an hour that is usual now."""
        return self.totals.usual(int(moment.hour_of_day))

    def judge(self, moment: Moment, minimum: float, thresholds: Thresholds) -> float | None:
        """Above 1 is a spike: what :class:`exporter.detect.Thresholds` says of it. None without enough days."""
        highest, reasons = self.quarters.highest_around(int(moment.hour_of_day)), []
        self.call_limit = NO_LIMIT
        if self.day > 0:
            reasons.append(self.quarter / (DAY_SHARE * self.day))
        # After an idle month a few test calls are all there is, and an ordinary day is far above them.
        if highest is not None and (self.day > 0 or (highest > 0 and self.quarters.days_with_any >= MIN_DAYS)):
            expensive = max(thresholds.spike_ratio * highest, EXPENSIVE_SHARE * self.day)
            self.call_limit = max(expensive, minimum) / CALLS
            reasons.append(self.quarter / max(thresholds.spike_sheer_ratio * highest, SHEER_SHARE * self.day))
            if self.unit_price > 0 and self.units > 0:
                price = self.quarter / self.units / self.unit_price
                reasons.append(min(self.quarter / expensive, price / thresholds.spike_price_ratio))
        if not reasons:
            self.score = 0.0
            return None
        score = max(reasons)
        self.spent = max(self.spent, self.quarter) if score > 1 else 0.0
        score = min(score, max(self.spent, self.quarter) / minimum if minimum > 0 else NO_LIMIT)
        if score > CEILING:
            self.quarter, self.units, score = self.quarter * CEILING / score, self.units * CEILING / score, CEILING
        self.score = score
        self.doubted |= score > DOUBT
        return score
