"""Evidence of a drop of one size: Page's cumulative sum (Biometrika 41, 1954)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from exporter.detect.ranges import Amount, Difference, Minute


def evidence(calls: float, answered: float, rate: float, dropped: float) -> float:
    """Nats by which these calls speak for an answer rate of ``dropped`` instead of ``rate``."""
    return (calls - answered) * log((1 - dropped) / (1 - rate)) + answered * log(dropped / rate)


def onset_rate(rate: float, lost: float, since: float, hold: float) -> float:
    """The answer rate that is booked ``since`` minutes after ``lost`` of the answers have gone.

    Calls are booked when they end. Failures end at once, answered calls after ``hold`` minutes in the mean: for some
    time those from before the drop still come in, and speak neither for it nor against it.
    """
    if hold <= 0:
        return rate * (1 - lost)
    answered = rate * (1 - lost * (1 - exp(-since / hold)))
    return answered / (answered + 1 - rate * (1 - lost))


@dataclass(slots=True)
class Cusum:
    """The evidence since ``since``, never below 0. What was expected when it began stays, so no drop is followed down.

    Among all detectors with the same rate of false alarms this sum has the least worst-case delay (Lorden 1971,
    Moustakides 1986), for the size that it looks for.
    """

    nats: Amount = 0.0
    score: Amount = 0.0
    since: Minute = 0.0
    calls: Amount = 0.0
    """Those that count; ``booked`` are all calls since then, ``booked_answered`` those of them that were answered."""
    booked: Amount = 0.0
    booked_answered: Amount = 0.0
    level: Difference = 0.0
    """How far the rate was from its profile when the sum left 0, and the variance of that."""
    variance: Amount = 0.0
    pages: bool = False
    late_calls: Amount = 0.0
    """Calls and answers since the score was last at its ceiling."""
    late_answered: Amount = 0.0

    def begin(self, since: float, level: float, variance: float) -> None:
        """Leave 0, with what is expected now."""
        self.since, self.level, self.variance = since, level, variance
        self.calls = self.booked = self.booked_answered = 0.0

    def clear(self) -> None:
        """Fall to 0."""
        self.nats, self.score, self.pages = 0.0, 0.0, False
