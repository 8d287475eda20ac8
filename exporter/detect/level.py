"""How far the answer rate is from its profile now: good days differ by some points, and so do good hours."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

from exporter.detect.rates import between
from exporter.detect.state import number

WANDER, MIN_WANDER, MAX_WANDER = 0.025, 0.012, 0.06
"""Standard deviation of the rate around its profile: the first guess, and the limits of what is learned of a lane."""
MEMORY = 480.0
"""Minutes for which it stays away from the profile."""
MAX_LEVEL = 2.5
"""Standard deviations that are believed: the rest is a drop, so that a slow one is not followed for ever."""
HOURS = 80
"""Hours over which the wander is learned."""


@dataclass(slots=True)
class RateLevel:
    """A Kalman filter of the distance between the rate and its profile (an Ornstein-Uhlenbeck process)."""

    level: float = number(low=-1, high=1)
    variance: float = number(WANDER**2, low=0, high=1)
    wander: float = number(WANDER**2, low=MIN_WANDER**2, high=MAX_WANDER**2)
    """The variance of the process."""

    def predict(self, minutes: float, stray: float) -> None:
        """Let time pass. ``stray`` is the variance that the rate has around the profile: wander, and ignorance."""
        fade = exp(-minutes / MEMORY)
        self.level *= fade
        self.variance = self.variance * fade * fade + stray * (1 - fade * fade)

    def correct(self, surplus: float, chance: float, stray: float) -> None:
        """Move toward a rate that was ``surplus`` above what was expected, with the variance ``chance``."""
        total = self.variance + chance
        limit, gain = 3 * sqrt(total), self.variance / total
        self.level += gain * between(surplus, -limit, limit)
        self.variance *= 1 - gain
        bound = MAX_LEVEL * sqrt(stray)
        self.level = between(self.level, -bound, bound)

    def learn_wander(self, surplus: float, chance: float, ignorance: float) -> None:
        """Learn from an hour that was better than usual how far the rate strays: a worse one may be a drop."""
        if surplus > 0:
            weight = (self.wander / (self.wander + chance)) ** 2
            square = min(surplus * surplus - chance - ignorance, 9 * self.wander)
            wander = self.wander + weight * (square - self.wander) / HOURS
            self.wander = between(wander, MIN_WANDER**2, MAX_WANDER**2)
