"""What is measured: the shipped detector, and the rules that people write first, on the same lanes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.detection.feed import lane_scores
from bench.detection.traffic import DAY, Floats
from bench.detection.verdict import KEEP, firing, seen_each_minute
from bench.detection.worlds import WORLDS, Lane
from exporter.detect.observations import Day

EVIDENCE = 12.0


def scores(lane: Lane, world: str, evidence: float = EVIDENCE) -> Floats:
    """The score of the shipped component after each poll of a lane."""
    days = [
        Day(weekday=(i - len(lane.before)) % 7, calls=n, answered=a) for i, (n, a) in enumerate(lane.before.tolist())
    ]
    if WORLDS[world].one_day:
        days = [Day(weekday=(day.weekday + 1) % 7, calls=day.calls, answered=day.answered) for day in days]
    interval = max(1.0 / WORLDS[world].steps, 1.0 if WORLDS[world].empty_polls else float(WORLDS[world].every))
    booked = (each.tolist() for each in (lane.booked.calls, lane.booked.answered, lane.booked.seconds))
    return np.array(lane_scores([] if WORLDS[world].unknown else days, lane.times.tolist(), *booked, interval, evidence))


def detector(lane: Lane, world: str, evidence: float = EVIDENCE) -> NDArray[np.bool_]:
    """When VobizAnswerRateDrop fires."""
    return firing(seen_each_minute(lane, scores(lane, world, evidence)) > 1, keep=KEEP)


def naive(lane: Lane) -> dict[str, NDArray[np.bool_]]:
    """The rules that people write first, by what they say."""
    calls, answered = (_total_each_minute(lane, values) for values in (lane.booked.calls, lane.booked.answered))
    usual = float(np.median(lane.before[:, 1] / np.maximum(lane.before[:, 0], 1)))
    minutes = np.arange(len(calls))
    midnight = minutes - minutes % DAY
    today, month = _ratio(calls, answered, midnight), _month(lane, calls, answered)
    quarter, hour = (_ratio(calls, answered, np.maximum(minutes - back, 0)) for back in (15, 60))
    z = [_z(calls, answered, np.maximum(minutes - back, 0), usual) for back in (15, 60)]
    return {
        "last 15 minutes below 50 % for 10 minutes": firing(quarter < 0.5, hold=10),
        "today below 80 % of usual for 10 minutes": firing(today < 0.8 * usual, hold=10),
        "30 days below 80 % of usual": firing(month < 0.8 * usual),
        "five standard deviations in 15 minutes and in an hour": firing((z[0] > 5) & (z[1] > 5) & (hour < 1)),
        "textbook CUSUM for a 25 % drop": _cusum(lane, usual),
    }


def _total_each_minute(lane: Lane, values: Floats) -> Floats:
    return seen_each_minute(lane, np.cumsum(values))


def _ratio(calls: Floats, answered: Floats, since: NDArray[np.int64]) -> Floats:
    n, a = calls - calls[since], answered - answered[since]
    return np.where(n > 0, a / np.maximum(n, 1), 1.0)


def _month(lane: Lane, calls: Floats, answered: Floats) -> Floats:
    kept = np.array([lane.before[i:].sum(0) for i in range(len(lane.before) + 1)])
    day = np.minimum(np.arange(len(calls)) // DAY, len(lane.before))
    n, a = calls + kept[day, 0], answered + kept[day, 1]
    ratio: Floats = a / np.maximum(n, 1)
    return ratio


def _z(calls: Floats, answered: Floats, since: NDArray[np.int64], usual: float) -> Floats:
    n, a = calls - calls[since], answered - answered[since]
    z = (n * usual - a) / np.sqrt(np.maximum(n, 1) * usual * (1 - usual))
    return np.where(n >= 20, z, 0.0)


def _cusum(lane: Lane, usual: float) -> NDArray[np.bool_]:
    """Page's sum with the 30 days' median as usual rate, twelve nats, and nothing else."""
    lost = np.log(0.75 * np.ones(1))[0]
    each = (lane.booked.calls - lane.booked.answered) * np.log((1 - 0.75 * usual) / (1 - usual))
    total = np.concatenate([[0.0], np.cumsum(each + lane.booked.answered * lost)])
    out, level = np.zeros(len(each)), 0.0
    for i, (before, after) in enumerate(pairwise(total.tolist())):
        level = min(max(0.0, level + after - before), 15.0)
        out[i] = level
    return firing(seen_each_minute(lane, out) > EVIDENCE, keep=KEEP)
