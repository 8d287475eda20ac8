"""The bound on detecting a drop: what the best of all detectors needs."""

from __future__ import annotations

import math


def divergence(p: float, q: float) -> float:
    """Kullback-Leibler divergence of a call answered with probability p from one with q, in nats."""
    return sum(a * math.log(a / b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0)


def bound_in_calls(volume: float, usual: float, depth: float) -> float:
    """The fewest calls that a rule with one false alarm in 30 days of calls needs on average.

    Lorden 1971: ln(calls between false alarms) / divergence, for a detector that knows everything but the moment.
    """
    return math.log(volume * 24 * 30) / divergence(usual * (1 - depth), usual)
