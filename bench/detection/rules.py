"""What is measured: the shipped detector, and the rules that people write first, on the same lanes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.detection.feed import lane_scores, other_scores
from bench.detection.traffic import BASE, DAY, Floats
from bench.detection.verdict import KEEP, firing, seen_each_minute
from bench.detection.worlds import WORLDS, Lane
from exporter.detect.observations import Day

EVIDENCE = 12.0
CURRENCY = "INR"


def _days(lane: Lane) -> list[Day]:
    """The days before; an answered call of theirs took as long as later ones, and a minute cost 1."""
    days = []
    for back, (calls, answered) in enumerate(lane.before.tolist(), -len(lane.before)):
        seconds = 60 * BASE.hold_minutes * answered
        days.append(
            Day(weekday=back % 7, calls=calls, answered=answered, seconds=seconds, cost={CURRENCY: seconds / 60})
        )
    return days


def _booked(lane: Lane) -> tuple[list[float], list[float], list[float]]:
    return lane.booked.calls.tolist(), lane.booked.answered.tolist(), lane.booked.seconds.tolist()


def scores(lane: Lane, world: str, evidence: float = EVIDENCE) -> Floats:
    """The score of the shipped component after each poll of a lane."""
    days = _days(lane)
    if WORLDS[world].one_day:
        days = [Day(weekday=(day.weekday + 1) % 7, calls=day.calls, answered=day.answered) for day in days]
    interval = max(1.0 / WORLDS[world].steps, 1.0 if WORLDS[world].empty_polls else float(WORLDS[world].every))
    calls, answered, seconds = _booked(lane)
    if WORLDS[world].unknown:
        days = []
    found: Floats = np.array(
        lane_scores(days, lane.times.tolist(), calls, answered, seconds, interval, evidence), float
    )
    return found


def detector(lane: Lane, world: str, evidence: float = EVIDENCE) -> NDArray[np.bool_]:
    """When VobizAnswerRateDrop fires."""
    return firing(seen_each_minute(lane, scores(lane, world, evidence)) > 1, keep=KEEP)


def others(lane: Lane) -> dict[str, NDArray[np.bool_]]:
    """When the other alerts fire that the detector judges, by name; the lane is the outbound direction."""
    calls, answered, _ = _booked(lane)
    seconds, cost = _used(lane)
    found = other_scores(_days(lane), CURRENCY, lane.times.tolist(), calls, answered, seconds, cost)
    traffic, minutes, spend = (seen_each_minute(lane, np.array(values)) for values in found.values())
    return {
        "VobizNoTraffic": firing(traffic > 1, hold=2, keep=5),
        "VobizTrafficLow": firing(traffic > 0.5, hold=30, keep=5),
        "VobizSpendSpike": firing(spend > 1, keep=30),
        "VobizOutboundMinutesSpike": firing(minutes > 1, keep=30),
    }


def _used(lane: Lane) -> tuple[list[float], list[float]]:
    """Seconds and cost of each poll: what fraud makes of them, and how uneven calls are."""
    talk, price = np.ones(lane.end + 1), np.ones(lane.end + 1)
    for event in lane.drops:
        during = slice(event.begin + 1, event.begin + event.minutes + 1)
        talk[during], price[during] = event.talk, event.price
    at = lane.times.astype(int)
    if not lane.uneven:
        seconds = lane.booked.seconds * talk[at]
        return seconds.tolist(), (seconds / 60 * price[at]).tolist()
    rng = np.random.default_rng([lane.seed, int(lane.volume), 79])
    poll = np.repeat(np.arange(len(at)), lane.booked.answered.astype(int))
    length = 60 * BASE.hold_minutes * talk[at][poll] * _spread(rng, lane.uneven[0], len(poll))
    expensive = price[at][poll] * _spread(rng, lane.uneven[1], len(poll))
    day = _spread(rng, 0.2, lane.end // DAY + 1)[np.minimum(at, lane.end - 1) // DAY]
    return (
        np.bincount(poll, length, len(at)).tolist(),
        (np.bincount(poll, length / 60 * expensive, len(at)) * day).tolist(),
    )


def _spread(rng: np.random.Generator, deviation: float, n: int) -> Floats:
    """Log-normal factors with a mean of 1; ``deviation`` is that of their logarithm."""
    factors: Floats = np.exp(deviation * rng.normal(size=n) - deviation**2 / 2)
    return factors


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
