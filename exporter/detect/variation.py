"""What is no drop: the rate of good hours wanders, calls of one cause fail together, and volume swells."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

from exporter.detect.profile import between
from exporter.detect.ranges import Amount, Difference, Minute, Positive, Surplus

WANDER, MIN_WANDER, MAX_WANDER = 0.025, 0.012, 0.06
"""Standard deviation of the rate around its profile: the first guess, and the limits of what is learned of a lane."""
WANDER_MINUTES, WANDER_HOURS = 480.0, 80
"""Minutes for which the rate stays away from the profile, and hours over which the wander is learned."""
MAX_LEVEL = 2.5
"""Standard deviations that are believed: the rest is a drop, so that a slow one is not followed for ever."""
EXCESS, MIN_EXCESS, MAX_EXCESS = 0.3, 0.15, 2.0
"""What clumps add to the variance of chance where every second call is answered: first guess, and limits."""
BLOCK_MINUTES, BLOCK_CALLS, BLOCKS = 10.0, 10.0, 300
"""The blocks that are compared with the previous one, and over how many of them clumps are learned."""
VOLUME_MINUTES = 5.0
"""Minutes over which the volume now is averaged. 8 makes half as many false pages again."""
BUSY_UP, BUSY_DOWN = 360.0, 2880.0
"""Minutes in which the busy volume grows, and falls."""
LUMP_SHARE, LUMP_ROOT, LUMP = 0.1, 0.5, 0.7
"""Failures of one poll that count beyond the expected: of the answers expected, of the root of the calls, and anyway.
With a share of 0.25 the worst cell has eight times the false pages."""
LULL = 0.2
"""The share of the expected answers that may be missing because fewer calls were made."""


@dataclass(slots=True)
class RateLevel:
    """A Kalman filter of the distance between the rate and its profile (an Ornstein-Uhlenbeck process)."""

    level: Difference = 0.0
    variance: Amount = WANDER**2
    wander: Positive = WANDER**2
    """The variance of the process."""

    def predict(self, minutes: float, stray: float) -> None:
        """Let time pass. ``stray`` is the variance that the rate has around the profile: wander, and ignorance."""
        fade = exp(-minutes / WANDER_MINUTES)
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
            wander = self.wander + weight * (square - self.wander) / WANDER_HOURS
            self.wander = between(wander, MIN_WANDER**2, MAX_WANDER**2)


@dataclass(slots=True)
class Clumping:
    """The variance of answered calls is ``1 + excess * odds`` times that of independent calls: machines redial.

    Learned from the differences between successive blocks of ten minutes, where the wander of the rate hardly shows.
    """

    excess: Amount = EXCESS
    began: Minute = 0.0
    calls: Amount = 0.0
    surplus: Surplus = 0.0
    """Answers beyond usual in the current block."""
    previous_calls: Amount = 0.0
    """0: the previous block says nothing."""
    previous_surplus: Surplus = 0.0
    """Answers beyond usual a call in the previous block."""

    def factor(self, rate: float) -> float:
        """Times the variance of independent calls, at this answer rate."""
        return 1 + self.excess * rate / (1 - rate)

    def restart(self, minute: float) -> None:
        """Begin a block that is not compared with what came before."""
        self.began, self.calls, self.surplus, self.previous_calls = minute, 0.0, 0.0, 0.0

    def learn(self, minute: float, calls: float, surplus: float, rate: float) -> None:
        """Add calls and their answers beyond usual; compare blocks when one is full."""
        self.calls += calls
        self.surplus += surplus
        if self.calls < BLOCK_CALLS or minute - self.began < BLOCK_MINUTES:
            return
        each = self.surplus / self.calls
        if self.previous_calls > 0:
            independent = rate * (1 - rate) * (1 / self.calls + 1 / self.previous_calls)
            times = min((each - self.previous_surplus) ** 2 / independent, 25.0)
            excess = self.excess + ((times - 1) * (1 - rate) / rate - self.excess) / BLOCKS
            self.excess = between(excess, MIN_EXCESS, MAX_EXCESS)
        self.previous_calls, self.previous_surplus = self.calls, each
        self.began, self.calls, self.surplus = minute, 0.0, 0.0


@dataclass(slots=True)
class Volume:
    """Calls a minute: now, and when it is busy."""

    now: Amount = 1.0
    busy: Positive = 2.0

    def flood(self) -> float:
        """How many times the busy volume there is now, at least 1."""
        return max(1.0, self.now / self.busy)

    def limit(self, minutes: float, calls: float, answered: float, rate: float, clumps: float) -> tuple[float, float]:
        """The failures of one poll that are evidence, and those to learn from; learns the volume.

        A lump of failures is no more evidence than chance and volume explain: a machine redials, and the first
        failures of a campaign are booked minutes before its answers. But each answer that is missing may well be a
        failure instead, the less so the more calls fail together (``clumps``).
        """
        expected, failed = self.now * minutes, calls - answered
        answers = expected * rate
        slack = expected - answers + LUMP_ROOT * sqrt(expected) + LUMP
        usual = slack + LUMP_SHARE * answers
        missing = ((1 - LULL) * answers - answered) / ((1 + clumps) / 2)
        seen = min(calls, answered + max(usual, 1.2 * expected + 1))
        self.now += (1 - exp(-minutes / VOLUME_MINUTES)) * (seen / minutes - self.now)
        memory = BUSY_UP if self.now > self.busy else BUSY_DOWN
        self.busy += (1 - exp(-minutes / memory)) * (self.now - self.busy)
        return min(failed, max(usual, slack + missing)), min(failed, usual)
