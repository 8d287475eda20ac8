"""The last minutes: calls and answered calls that polls have added to the counters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exporter.api.model import DIRECTIONS, Rollup
from exporter.ledger import Increments

WINDOW = 900.0
"""Seconds that are looked back. With a longer poll interval: from the previous poll on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """Calls and answered calls of ``seconds`` by direction, None where one is not known."""

    seconds: float
    directions: Mapping[str, Rollup]


@dataclass(slots=True)
class RecentCalls:
    """What each poll added, for as long as the window is; times are seconds of the elapsed clock."""

    _observed_at: float | None = None
    _polls: list[tuple[float, Increments]] = field(default_factory=list)
    """When the previous poll was, and what came in since."""

    def add(self, grown: Increments, elapsed: float) -> None:
        """Take in one poll; one that learned nothing of the directions is left out, and the next covers its time."""
        if not any(lane in DIRECTIONS for lane, _ in grown.observed):
            return
        if self._observed_at is not None:
            self._polls.append((self._observed_at, grown))
        self._observed_at = elapsed
        self._polls = [poll for poll in self._polls if elapsed - poll[0] <= WINDOW] or self._polls[-1:]

    @property
    def value(self) -> Recent | None:
        """All of the window; None before there were two polls."""
        if not self._polls or self._observed_at is None:
            return None
        return Recent(
            seconds=self._observed_at - self._polls[0][0],
            directions={direction: self._grown(direction) for direction in DIRECTIONS},
        )

    def _grown(self, direction: str) -> Rollup:
        """An answer may be booked after its call: answered calls of the window are never more than its calls."""
        amounts = [grown.evidence(direction) for _, grown in self._polls]
        calls, answered = (
            int(sum(amount[figure] for amount in amounts)) if all(figure in amount for amount in amounts) else None
            for figure in ("calls", "answered_calls")
        )
        if calls is not None and answered is not None:
            answered = min(calls, answered)
        return Rollup(calls=calls, answered_calls=answered)
