"""What the detector concludes: read by metrics, status page and rules, the same numbers everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Verdict(str, Enum):
    """What may be said of an answer rate. Never show UNKNOWN or TOO_FEW_CALLS as fine."""

    UNKNOWN = "unknown"
    """Nothing to compare with yet: no score."""
    TOO_FEW_CALLS = "too few calls"
    """Even if every call of the last hour had failed, that would not have paged."""
    USUAL = "usual"
    SUSPICIOUS = "suspicious"
    """More than half of the evidence that pages."""
    DROPPED = "dropped"
    """Pages: the score is above 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRate:
    """The judgement of one direction or product. A score is evidence as a share of what pages."""

    verdict: Verdict
    score: float | None = None
    since: float | None = None
    """When the suspicion began, Unix seconds; None without one (a score of 0)."""
    calls: int = 0
    answered: int = 0
    """What was booked since then."""
    expected_ratio: float | None = None
    """The answer rate that is usual now, 0 to 1."""

    @property
    def expected_answered(self) -> float | None:
        """How many of the calls since then would usually be answered."""
        return None if self.expected_ratio is None else self.calls * self.expected_ratio


UNKNOWN_RATE = AnswerRate(verdict=Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """The judgements of ``inbound`` or ``outbound``. None is unknown: metrics leave it out."""

    answer_rate: AnswerRate = UNKNOWN_RATE
    calls_per_hour_expected: float | None = None
    """What can be counted on at this hour."""
    traffic_drop_score: float | None = None
    """Above 1: silence (VobizNoTraffic). Above 0.5: an hour far below usual (VobizTrafficLow)."""
    minutes_spike_score: float | None = None
    """Only of ``outbound``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """The judgement of the spend in one currency."""

    cost_per_hour_expected: float | None = None
    spend_spike_score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """All judgements of one partner after its last observation; empty before the first."""

    directions: Mapping[str, Direction] = field(default_factory=dict)
    products: Mapping[str, AnswerRate] = field(default_factory=dict)
    currencies: Mapping[str, Spend] = field(default_factory=dict)
