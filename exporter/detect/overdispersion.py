"""Calls that fail together: a machine that redials a dead number makes many failures of one cause."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.detect.rates import between
from exporter.detect.state import number

EXCESS, MIN_EXCESS, MAX_EXCESS = 0.3, 0.15, 2.0
"""What they add to the variance of chance where every second call is answered: first guess, and limits."""
BLOCK_MINUTES, BLOCK_CALLS = 10.0, 10.0
BLOCKS = 300
"""Blocks over which it is learned."""


@dataclass(slots=True)
class Overdispersion:
    """The variance of answered calls is ``1 + excess * odds`` times that of independent calls.

    Learned from the differences between successive blocks of ten minutes, where the wander of the rate hardly shows.
    """

    excess: float = number(EXCESS, low=MIN_EXCESS, high=MAX_EXCESS)
    began: float = number()
    calls: float = number(low=0)
    surplus: float = number()
    """Answers beyond usual in the current block."""
    previous_calls: float = number(low=0)
    """0: the previous block says nothing."""
    previous_surplus: float = number()
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
