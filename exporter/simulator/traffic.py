"""Calls of one partner: those of the past a day at a time, and from then on when each begins, is answered and booked.

A call is booked when it ends: a failed one seconds after it began and an answered one minutes later; one in 200 records
comes 10 minutes to two hours late. A call belongs to the day it began on, whenever it is booked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from .books import PULSE, DayRow, Tally
from .causes import Cause
from .chance import binomial, dice, geometric, poisson
from .climate import DAY, DIRECTIONS, Climate, day_of, start_of
from .timeline import Effect

MEAN_PULSES = 25.0
"""Billing pulses of an answered call on average: two and a half minutes."""

PRODUCT_SHARE = {"sip_trunking": 0.6, "voice_api": 0.4}

PAISE_A_PULSE = {
    ("inbound", "sip_trunking"): 2,
    ("inbound", "voice_api"): 3,
    ("outbound", "sip_trunking"): 5,
    ("outbound", "voice_api"): 7,
}

_STEPS = ((30 * 86_400, 3_600, 1), (2 * 3_600, 900, 2), (0, 10, 10))
"""From which gap on, in seconds: how long a step is, and how many bookings at most it makes of the calls of one
direction, product and outcome. So the work is bounded, whatever the volume."""

_RETRY_SHARE, _RETRY_CALLS = 0.05, 5.0
_RING = (3.0, 40.0)
_LATE_SHARE, _LATE = 0.005, (600.0, 7_200.0)
_MAX_ANSWERED = 0.99
_FRAUD_VOLUME, _FRAUD_PRICE, _FRAUD_TALK, _FRAUD_ANSWERED = 8.0, 8, 2.0, 0.9

HISTORY_DAYS = 400
"""How many days before its start the simulated partner made its first call."""


def usual_cost_a_day(climate: Climate) -> float:
    """Return about how many paise all customers together spend on an average day, if 3 in 5 calls are answered."""
    return sum(
        0.6 * climate.mean_per_second(direction) * DAY * PRODUCT_SHARE[product] * MEAN_PULSES * price
        for (direction, product), price in PAISE_A_PULSE.items()
    )


class History:
    """The past of one partner, up to the moment ``until`` (seconds since 1970) from which on calls are simulated."""

    def __init__(self, *, climate: Climate, key: tuple[object, ...], until: float) -> None:
        self._climate = climate
        self._key = key
        self._until = until
        self.first_day = day_of(until) - timedelta(days=HISTORY_DAYS)

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


class Booking(NamedTuple):
    """One or more calls of a kind that end together: ``at`` is when they are booked, ``day`` the row they belong to.

    They ``begun`` at one moment, rang for ``ring`` seconds, and failed for ``cause`` if that is out of the ordinary.
    """

    at: float
    order: int
    day: date
    direction: str
    product: str
    tally: Tally
    begun: float
    ring: float
    cause: Cause | None


class _Step(NamedTuple):
    """A span of time whose calls are drawn together: it begins ``at``, and is ``length`` seconds long."""

    at: float
    length: float
    lumps: int


class Traffic:
    """The calls of one partner from ``start`` (seconds since 1970) on, made as time goes by."""

    def __init__(self, *, climate: Climate, rng: random.Random, start: float) -> None:
        self._climate = climate
        self._rng = rng
        self._made = start
        self._order = count()
        self._waiting: list[Booking] = []

    def run(self, until: float, effects: Mapping[str, Effect]) -> Iterator[Booking]:
        """Begin the calls up to ``until`` under ``effects`` (by direction), and yield in order what is booked by then.

        The steps are ten seconds long. They become longer where hours or weeks are to be caught up with at once, so
        that a suspended machine or a high speed does not hold up the next answer.
        """
        while self._made < until:
            step = next(_Step(self._made, length, lumps) for gap, length, lumps in _STEPS if until - self._made > gap)
            self._begin(step, effects)
            self._made += step.length
        while self._waiting and self._waiting[0].at <= until:
            yield heappop(self._waiting)

    def _begin(self, step: _Step, effects: Mapping[str, Effect]) -> None:
        for (direction, product), price in PAISE_A_PULSE.items():
            lane, effect = self._climate.lane(direction, step.at), effects[direction]
            usual = lane.calls * PRODUCT_SHARE[product] * step.length * effect.volume
            made = poisson(self._rng, usual * (1 - _RETRY_SHARE))
            for cause, share in effect.rejected.items():
                rejected = binomial(self._rng, made, share)
                self._fail(step, (direction, product), rejected, cause)
                made -= rejected
            chance = min(_MAX_ANSWERED, lane.answer_rate / (1 - _RETRY_SHARE)) * effect.answers
            answered = binomial(self._rng, made, chance)
            loops = poisson(self._rng, usual * _RETRY_SHARE / _RETRY_CALLS)
            failed = made - answered + sum(geometric(self._rng, _RETRY_CALLS) for _ in range(loops))
            self._fail(step, (direction, product), failed)
            self._answer(step, (direction, product), answered, talk=MEAN_PULSES, price=price)
            if effect.fraud and product == "voice_api":
                self._defraud(step, (direction, product), effect.fraud, price)

    def _defraud(self, step: _Step, cell: tuple[str, str], strength: float, price: int) -> None:
        """Begin calls to expensive destinations, as many at night: long ones, nearly all answered."""
        calls = poisson(self._rng, self._climate.mean_per_second(cell[0]) * step.length * _FRAUD_VOLUME * strength)
        answered = binomial(self._rng, calls, _FRAUD_ANSWERED)
        self._fail(step, cell, calls - answered)
        self._answer(step, cell, answered, talk=MEAN_PULSES * _FRAUD_TALK, price=price * _FRAUD_PRICE)

    def _fail(self, step: _Step, cell: tuple[str, str], calls: int, cause: Cause | None = None) -> None:
        for size in _lumps(calls, step.lumps):
            self._place(step.at + self._rng.random() * step.length, 0.0, cell, Tally(calls=size), cause)

    def _answer(self, step: _Step, cell: tuple[str, str], calls: int, *, talk: float, price: int) -> None:
        for size in _lumps(calls, step.lumps):
            pulses = size + int(self._rng.gammavariate(size, talk - 0.5))
            tally = Tally(calls=size, answered=size, seconds=pulses * PULSE, cost=pulses * price)
            self._place(step.at + self._rng.random() * step.length, tally.seconds / size, cell, tally)

    def _place(
        self, begun: float, talk: float, cell: tuple[str, str], tally: Tally, cause: Cause | None = None
    ) -> None:
        ring = self._rng.uniform(*_RING)
        booked = begun + ring + talk
        if self._rng.random() < _LATE_SHARE:
            booked += self._rng.uniform(*_LATE)
        heappush(self._waiting, Booking(booked, next(self._order), day_of(begun), *cell, tally, begun, ring, cause))


def _lumps(calls: int, most: int) -> Iterator[int]:
    lumps = min(calls, most)
    for place in range(lumps):
        yield calls * (place + 1) // lumps - calls * place // lumps
