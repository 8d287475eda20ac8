"""The volume of calls now, what is a flood of them, and how many failures one poll can speak for."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

MEMORY = 5.0
"""Minutes over which the volume now is averaged. 8 makes half as many false pages again."""
BUSY_UP, BUSY_DOWN = 360.0, 2880.0
"""Minutes in which the busy volume grows, and falls."""
LUMP_SHARE, LUMP_ROOT, LUMP = 0.1, 0.5, 0.7
"""Failures of one poll that count beyond the expected: of the answers expected, of the root of the calls, and anyway.
With a share of 0.25 the worst cell has eight times the false pages."""
LULL = 0.2
"""The share of the expected answers that may be missing because fewer calls were made."""


@dataclass(slots=True)
class Volume:
    """Calls a minute: now, and when it is busy."""

    now: float = 1.0
    busy: float = 2.0

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
        self.now += (1 - exp(-minutes / MEMORY)) * (seen / minutes - self.now)
        memory = BUSY_UP if self.now > self.busy else BUSY_DOWN
        self.busy += (1 - exp(-minutes / memory)) * (self.now - self.busy)
        return min(failed, max(usual, slack + missing)), min(failed, usual)
