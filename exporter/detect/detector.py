"""One partner's detector: its lanes, and what they conclude together."""

from __future__ import annotations

from typing import Any

from exporter.detect.judgements import Judgements
from exporter.detect.observations import History, Increments
from exporter.detect.thresholds import Thresholds


class Detector:
    """Judges one partner from its polls. Not thread-safe: one poll of one partner at a time.

    ``interval`` is the seconds between polls as configured: windows follow it. Nothing it is given raises.
    """

    def __init__(self, *, interval: float = 60.0, thresholds: Thresholds | None = None) -> None:
        self._interval = interval
        self._thresholds = thresholds or Thresholds()
        self._judgements = Judgements()

    @property
    def judgements(self) -> Judgements:
        """What the last observation led to."""
        return self._judgements

    def learn(self, history: History) -> None:
        """Take in the complete days before today; the same days again change nothing."""

    def observe(self, increments: Increments) -> None:
        """Weigh what a good poll brought. Failed polls are simply not observed."""

    def accept_usual(self, lane: str) -> bool:
        """Take the answer rate of the last hours of a direction or product as usual from now on; False if unknown."""
        return False

    def dump(self) -> dict[str, Any]:
        """All that is remembered, as data for JSON."""
        return {}

    def load(self, saved: object) -> tuple[str, ...]:
        """Go on from what :meth:`dump` returned. Returns the names of lanes that were damaged and start afresh."""
        return ()
