"""The simulated telephone traffic of one direction, minute by minute.

A two-peaked day, a weekly shape, over-dispersed volume; an answer rate with an hour shape, day wander and hour wander;
retry loops that all fail; calls booked at hang-up, so that failures are seen first; late records. The parameters are
invented, not field data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 1440
"""Minutes of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How unsteady a world is: shares of calls, answer-rate points as fractions, minutes."""

    hour_shape: float = 0.05
    weekend_lower: float = 0.03
    week: tuple[float, ...] = (1.1, 1.1, 1.05, 1.05, 1.0, 0.55, 0.35)
    """The volume of each weekday, Monday first."""
    day_wander: float = 0.02
    hour_wander: float = 0.02
    wander_minutes: float = 120.0
    retry_share: float = 0.05
    retry_length: float = 5.0
    hold_minutes: float = 2.5
    late_share: float = 0.005
    failed_polls: float = 0.02


BASE = Habits()
STRESS = Habits(hour_shape=0.08, day_wander=0.03, hour_wander=0.03)

_hour = np.arange(DAY) / 60.0
_peaks = ((1.0, 11.0, 2.2), (0.9, 16.5, 2.3), (0.25, 20.0, 1.5))
_shape = 0.04 + np.sum([height * np.exp(-0.5 * ((_hour - at) / width) ** 2) for height, at, width in _peaks], axis=0)
DIURNAL = _shape / _shape.mean()
HOUR_SHAPE = np.interp(_hour, [0, 6, 9, 11, 13, 15, 18, 21, 24], [-1, -0.8, 0.4, 1, -0.3, 0.6, 0.9, -0.2, -1])


class Plan:
    """What happens minute by minute: the share of answers lost, times the volume, points off the rate."""

    def __init__(self, minutes: int) -> None:
        self.depth, self.boost, self.lower = np.zeros(minutes), np.ones(minutes), np.zeros(minutes)
        self.shift_from = minutes
        """From this minute on the day's shape is an hour earlier."""

    def add(self, begin: int, minutes: int, *, depth: float = 0.0, boost: float = 1.0, lower: float = 0.0) -> None:
        """Put an event on top of what is there."""
        during = slice(begin, begin + minutes)
        self.depth[during] = np.maximum(self.depth[during], depth)
        self.boost[during] *= boost
        self.lower[during] += lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Calls, answered calls and their seconds, by the step they are booked in."""

    calls: Floats
    answered: Floats
    seconds: Floats

    def between(self, at: Ints) -> Booked:
        """What came after the previous of these steps, up to each of them; the first brings all before it."""

        def sums(values: Floats) -> Floats:
            return np.diff(np.cumsum(values)[at], prepend=0.0)

        return Booked(calls=sums(self.calls), answered=sums(self.answered), seconds=sums(self.seconds))

    def spread(self, at: Ints, steps: int) -> Booked:
        """The same at these of many steps, nothing at the others."""

        def put(values: Floats) -> Floats:
            out = np.zeros(steps)
            out[at] = values
            return out

        return Booked(calls=put(self.calls), answered=put(self.answered), seconds=put(self.seconds))


def wander(rng: np.random.Generator, n: int, memory: float, deviation: float) -> Floats:
    """Stationary AR(1) noise with correlation `memory` from step to step; in blocks, as memory**-t must stay finite."""
    shocks = rng.normal(size=n) * deviation * math.sqrt(1 - memory * memory)
    out, last = np.empty(n), rng.normal() * deviation
    block = max(1, int(20 / -math.log(memory)))
    for begin in range(0, n, block):
        part = shocks[begin : begin + block]
        decay = memory ** np.arange(1, len(part) + 1)
        out[begin : begin + block] = decay * (last + np.cumsum(part / decay))
        last = out[min(begin + block, n) - 1]
    return out


def booked(rng: np.random.Generator, made: Ints, share: float, lags: int) -> Ints:
    """Calls by the step they are booked in: each ends in a step with probability `share`, at last after `lags`."""
    out, rest = np.zeros_like(made), made.copy()
    for lag in range(lags):
        now = rng.binomial(rest, share) if lag < lags - 1 else rest
        out[lag:] += now[: len(made) - lag]
        rest = rest - now
    return out


def late(rng: np.random.Generator, calls: Ints, share: float, steps: int) -> tuple[Ints, Ints]:
    """The calls that are booked in time, and the others at 10 to 119 minutes later."""
    count = rng.binomial(calls, share)
    at = np.repeat(np.arange(len(calls)), count)
    at = at + rng.integers(10 * steps, 120 * steps, len(at))
    return calls - count, np.bincount(at[at < len(calls)], minlength=len(calls))[: len(calls)]


def retries(rng: np.random.Generator, calls: Floats, habits: Habits, steps: int) -> NDArray[np.int64]:
    """Calls of machines that redial a number that fails: a loop of geometric length within a minute."""
    loops = rng.poisson(calls * habits.retry_share / habits.retry_length)
    begun = np.flatnonzero(loops > 0)
    made: Ints = loops.astype(np.int64)
    made[begun] += rng.negative_binomial(loops[begun], 1 / habits.retry_length)
    if steps > 1:
        at = np.repeat(begun, made[begun])
        at = at + rng.integers(0, steps, len(at))
        made = np.bincount(at[at < len(calls)], minlength=len(calls))
    return made


def simulate(
    rng: np.random.Generator, habits: Habits, volume: float, usual: float, plan: Plan, *, days_before: int,
    steps: int = 1, holidays: bool = False,
) -> tuple[Floats, Booked]:  # fmt: skip
    """One direction with `volume` calls an hour: (calls, answered) of each day, and what is booked step by step.

    The days before the plan are drawn by quarter hours. A minute has `steps` steps. With `holidays`, one weekday in ten
    has 0.3 of the calls and seven points less.
    """
    days = days_before + len(plan.depth) // DAY
    weekday = (np.arange(days) - days_before) % 7
    week = np.array(habits.week) / np.mean(habits.week)
    of_day, lower = week[weekday] * rng.gamma(25, 1 / 25, days), habits.weekend_lower * (weekday >= 5)
    if holidays:
        holiday = (rng.random(days) < 0.1) & (weekday < 5)
        of_day, lower = np.where(holiday, 0.3, of_day), np.where(holiday, 0.07, lower)
    stray = wander(rng, days, 0.6, habits.day_wander) - lower
    quarter = np.arange(days_before * 96)
    minute, day = quarter % 96 * 15, quarter // 96
    rate = usual + habits.hour_shape * HOUR_SHAPE[minute] + stray[day] + rng.normal(0, habits.hour_wander, len(day))
    calls = rng.poisson(volume / 4 * DIURNAL[minute] * of_day[day] * rng.gamma(20, 1 / 20, len(day)))
    answered = rng.binomial(calls, np.clip(rate, 0.02, 0.985))
    before = np.stack([calls.reshape(-1, 96).sum(1), answered.reshape(-1, 96).sum(1)], 1)

    step = np.arange(len(plan.depth) * steps)
    at = step // steps
    minute, day = np.where(at >= plan.shift_from, at + 60, at) % DAY, at // DAY + days_before
    quarters = np.repeat(rng.gamma(20, 1 / 20, len(step) // (15 * steps)), 15 * steps)
    each = volume / 60 / steps * DIURNAL[minute] * of_day[day] * quarters * plan.boost[at]
    hourly = wander(rng, len(step), math.exp(-1 / habits.wander_minutes / steps), habits.hour_wander)
    rate = usual + habits.hour_shape * HOUR_SHAPE[minute] + stray[day] + hourly - plan.lower[at]
    rate = np.clip(rate, 0.02, 0.985) * (1 - plan.depth[at])
    made = rng.poisson(each * (1 - habits.retry_share))
    good = rng.binomial(made, np.minimum(rate / (1 - habits.retry_share), 0.99))
    bad = made - good + retries(rng, each, habits, steps)
    good, late_good = late(rng, good, habits.late_share, steps)
    bad, late_bad = late(rng, bad, habits.late_share, steps)
    seen = booked(rng, good, 1 - math.exp(-1 / habits.hold_minutes / steps), 16 * steps) + late_good
    failed = booked(rng, bad, 1 - 0.2 ** (1 / steps), 4 * steps) + late_bad
    daily = np.stack([(seen + failed).reshape(-1, DAY * steps).sum(1), seen.reshape(-1, DAY * steps).sum(1)], 1)
    seconds = rng.gamma(np.maximum(seen, 1e-9), 60 * habits.hold_minutes)
    now = Booked(calls=(seen + failed).astype(float), answered=seen.astype(float), seconds=seconds)
    return np.concatenate([before, daily]).astype(float), now
