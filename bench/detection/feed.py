"""A lane's polls through the shipped component: by itself, so that it can be compiled along with it."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.detect.answer_rate import DAY, AnswerRateLane
from exporter.detect.observations import Counts, Day, Moment


def lane_scores(
    days: Sequence[Day], times: list[float], calls: list[float], answered: list[float], seconds: list[float],
    interval: float, evidence: float,
) -> list[float]:  # fmt: skip
    """The score after each poll (``times`` in minutes); without any days the lane begins with its own calls."""
    lane = AnswerRateLane()
    lane.learn(days, times[0])
    scores: list[float] = []
    for i in range(len(times)):
        minute = times[i]
        middle = minute - interval / 2
        moment = Moment(minute=minute, weekday=int(middle // DAY) % 7, hour_of_day=middle % DAY / 60, interval=interval)
        counts = Counts(calls=calls[i], answered=answered[i], seconds=seconds[i])
        lane.collect(minute, counts, min_days=0)
        lane.observe(moment, counts, evidence)
        scores.append(lane.score)
    return scores
