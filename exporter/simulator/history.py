"""The days before the simulation began, each drawn as a whole when it is first asked for."""

from __future__ import annotations

from datetime import date, timedelta

from .books import DayRow
from .chance import binomial, dice, poisson
from .climate import DAY, DIRECTIONS, Climate, day_of, start_of
from .tally import PULSE, Tally
from .tariff import MEAN_PULSES, PAISE_A_PULSE, PRODUCT_SHARE

DAYS = 400
"""How many days before its start the simulated partner made its first call."""


class History:
    """The past of one partner, up to the moment ``until`` (seconds since 1970) from which on calls are simulated."""

    def __init__(self, *, climate: Climate, key: tuple[object, ...], until: float) -> None:
        self._climate = climate
        self._key = key
        self._until = until
        self.first_day = day_of(until) - timedelta(days=DAYS)

    def draw(self, day: date) -> DayRow:
        """Return what ``day`` holds of the past: all of it, its first hours, or nothing. Always the same for a day."""
        row = DayRow()
        seconds = min(float(DAY), self._until - start_of(day))
        if day < self.first_day or seconds <= 0:
            return row
        rng = dice(*self._key, "history", day)
        for direction in DIRECTIONS:
            lane = self._climate.span(direction, day, seconds)
            for product, share in PRODUCT_SHARE.items():
                calls = poisson(rng, lane.calls * share)
                answered = binomial(rng, calls, lane.answer_rate)
                pulses = answered + int(rng.gammavariate(answered, MEAN_PULSES - 0.5)) if answered else 0
                cost = pulses * PAISE_A_PULSE[direction, product]
                row.add(direction, product, Tally(calls=calls, answered=answered, seconds=pulses * PULSE, cost=cost))
        return row
