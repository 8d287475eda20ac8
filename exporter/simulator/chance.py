"""Draws that the standard library lacks. Every generator is an argument, seeded by name."""

from __future__ import annotations

import math
import random

_EXACT_MEAN = 40.0
_EXACT_TRIALS = 64
_RARE = 20.0


def dice(*key: object) -> random.Random:
    """Return a generator that depends on ``key`` alone: the same words give the same draws in every run."""
    return random.Random(":".join(map(str, key)))  # noqa: S311 - a simulation; nothing here is a secret


def poisson(rng: random.Random, mean: float) -> int:
    """Draw how many events happen where ``mean`` are usual (Knuth's product; the normal curve for large means)."""
    if mean <= 0:
        return 0
    if mean > _EXACT_MEAN:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def binomial(rng: random.Random, trials: int, chance: float) -> int:
    """Draw how many of ``trials`` succeed (one by one if few; else by Poisson's law or the normal curve)."""
    if trials <= _EXACT_TRIALS:
        return sum(rng.random() < chance for _ in range(trials))
    hits, misses = trials * chance, trials * (1 - chance)
    if hits < _RARE:
        return min(trials, poisson(rng, hits))
    if misses < _RARE:
        return trials - min(trials, poisson(rng, misses))
    return min(trials, max(0, round(rng.gauss(hits, math.sqrt(hits * (1 - chance))))))


def geometric(rng: random.Random, mean: float) -> int:
    """Draw how many tries a retry loop makes: 1 or more, ``mean`` (above 1) on average."""
    return 1 + int(math.log(1.0 - rng.random()) / math.log(1.0 - 1.0 / mean))
