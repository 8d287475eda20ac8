"""The calls of one partner and direction: more by day than at night and at weekends, and never quite as usual."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from bench.rules.values import HOUR, MINUTE, WEEK, Value, halved, times


class Lane:
    """The calls of one partner and direction, ``calls`` an hour in the mean of a week, and what is usual of them."""

    def __init__(self, name: str, *, calls: float, rate: float, price: float, began: float = math.inf) -> None:
        self.name, self.rate, self.began = name, rate, began
        traffic, answers, length = (
            wandering(name, 1),
            wandering(f"{name} answers", 0.2),
            wandering(f"{name} length", 0.2),
        )
        self.called = cache(lambda at: calls / HOUR * so_far(at + traffic(at)))
        answered = cache(lambda at: rate * calls / HOUR * so_far(at + traffic(at) + answers(at)))
        talked = cache(lambda at: 150 * rate * calls / HOUR * so_far(at + traffic(at) + answers(at) + length(at)))
        self.answered, self.talked = halved(answered, began), halved(talked, began)
        self.cost = times(price / 60, self.talked)
        self.usual_calls: Value = lambda at: calls * busy(at)
        self.usual_cost: Value = lambda at: price / 60 * 150 * rate * calls * busy(at)


def _busyness() -> Iterator[float]:
    """How busy each minute of a week is, from Thursday on, as the Unix epoch is: most before noon and at five."""
    for minute in range(WEEK // MINUTE):
        day, hour = (minute // (24 * 60) + 3) % 7, minute / 60 % 24
        weekend = 0.45 if day >= 5 else 1.0
        yield weekend * (0.06 + math.exp(-(((hour - 11) / 2.4) ** 2)) + 0.8 * math.exp(-(((hour - 17) / 2.6) ** 2)))


_MEAN = sum(_busyness()) / (WEEK // MINUTE)
_BUSY = tuple(level / _MEAN for level in _busyness())
_SO_FAR = tuple(accumulate(_BUSY, initial=0.0))


def busy(at: float) -> float:
    """How many times as busy as the mean of a week this minute usually is."""
    return _BUSY[int(at % WEEK // MINUTE)]


def so_far(at: float) -> float:
    """The integral of :func:`busy` since the epoch, in seconds."""
    weeks, rest = divmod(at, WEEK)
    minute, second = divmod(rest, MINUTE)
    return weeks * WEEK + MINUTE * _SO_FAR[int(minute)] + second * _BUSY[int(minute)]


def wandering(name: str, depth: float) -> Value:
    """Seconds by which a clock is ahead that runs now faster, now slower: what it drives is never quite as usual."""
    chance = random.Random(name)
    waves = [
        (2 * math.pi / period, depth * share * period / (2 * math.pi), chance.uniform(0, 2 * math.pi))
        for period, share in ((11 * MINUTE, 0.05), (37 * MINUTE, 0.07), (3.1 * HOUR, 0.07), (53 * HOUR, 0.08))
    ]
    return lambda at: sum(ahead * math.sin(speed * at + phase) for speed, ahead, phase in waves)


def restless(name: str) -> Value:
    """A score while all is well: mostly near 0, at times 0.3."""
    chance = random.Random(name)
    waves = [(chance.uniform(3, 12) * MINUTE, chance.uniform(0, 2 * math.pi)) for _ in range(3)]
    return lambda at: 0.3 * math.prod((1 + math.sin(at / period + phase)) / 2 for period, phase in waves)
