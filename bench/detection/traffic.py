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
_week = np.array([1.1, 1.1, 1.05, 1.05, 1.0, 0.55, 0.35])
WEEK = _week / _week.mean()


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
    """Calls by the minute they are booked in: each ends in a minute with probability `share`, at last after `lags`."""
    out, rest = np.zeros_like(made), made.copy()
    for lag in range(lags):
        now = rng.binomial(rest, share) if lag < lags - 1 else rest
        out[lag:] += now[: len(made) - lag]
        rest = rest - now
    return out


def late(rng: np.random.Generator, calls: Ints, share: float) -> tuple[Ints, Ints]:
    """The calls that are booked in time, and the others at 10 to 119 minutes later."""
    count = rng.binomial(calls, share)
    at = np.repeat(np.arange(len(calls)), count)
    at = at + rng.integers(10, 120, len(at))
    return calls - count, np.bincount(at[at < len(calls)], minlength=len(calls))[: len(calls)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """One direction: calls by the minute they are made, and what is booked in each minute."""

    made: Ints
    calls: Ints
    answered: Ints
    seconds: Floats


def simulate(
    rng: np.random.Generator,
    habits: Habits,
    volume: float,
    usual: float,
    *,
    depth: Floats,
    boost: Floats,
    lower: Floats,
) -> Traffic:
    """One direction with `volume` calls an hour, for as many minutes as `depth` has.

    Minute by minute, `depth` is the share of answers lost, `boost` multiplies the volume, and `lower` is taken off the
    rate.
    """
    n = len(depth)
    days, minute, day = n // DAY, np.arange(n) % DAY, np.arange(n) // DAY
    weekday = day % 7
    per_minute = (
        volume / 60 * DIURNAL[minute] * WEEK[weekday] * rng.gamma(25, 1 / 25, days)[day]
        * np.repeat(rng.gamma(20, 1 / 20, n // 15), 15) * boost
    )  # fmt: skip
    stray = wander(rng, days, 0.6, habits.day_wander)[day]
    stray = stray + wander(rng, n, math.exp(-1 / habits.wander_minutes), habits.hour_wander)
    rate = usual + habits.hour_shape * HOUR_SHAPE[minute] - 0.03 * (weekday >= 5) + stray - lower
    rate = np.clip(rate, 0.02, 0.985) * (1 - depth)
    made = rng.poisson(per_minute * (1 - habits.retry_share))
    answered = rng.binomial(made, np.minimum(rate / (1 - habits.retry_share), 0.99))
    loops = rng.poisson(per_minute * habits.retry_share / habits.retry_length)
    redials = np.where(loops > 0, rng.negative_binomial(np.maximum(loops, 1), 1 / habits.retry_length), 0)
    failed = made - answered + loops + redials
    calls = answered + failed
    answered, late_answered = late(rng, answered, habits.late_share)
    failed, late_failed = late(rng, failed, habits.late_share)
    seen_answered = booked(rng, answered, 1 - math.exp(-1 / habits.hold_minutes), 16) + late_answered
    seen_failed = booked(rng, failed, 0.8, 4) + late_failed
    return Traffic(
        made=calls,
        calls=seen_answered + seen_failed,
        answered=seen_answered,
        seconds=rng.gamma(np.maximum(seen_answered, 1e-9), 60 * habits.hold_minutes),
    )
