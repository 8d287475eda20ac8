"""A lane's polls through the shipped components: by itself, so that it can be compiled along with them."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.detect.answer_rate import DAY, AnswerRateLane
from exporter.detect.observations import Counts, Day, Moment, Thresholds
from exporter.detect.spike import Spike
from exporter.detect.traffic import Traffic


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
        moment = _moment(minute, interval)
        counts = Counts(calls=calls[i], answered=answered[i], seconds=seconds[i])
        lane.observe(moment, counts, evidence)
        scores.append(lane.score)
    return scores


def other_scores(
    days: Sequence[Day], currency: str, times: list[float], calls: list[float], answered: list[float],
    seconds: list[float], cost: list[float],
) -> dict[str, list[float]]:  # fmt: skip
    """The scores of silence, minutes and spend after each poll of an outbound lane, as the Detector feeds them."""
    traffic, minutes, spend, limits = Traffic(), Spike(), Spike(), Thresholds()
    used = [day.seconds / 60 for day in days]
    traffic.learn(days)
    minutes.learn(used, [day.answered for day in days])
    spend.learn([day.cost[currency] for day in days], used)
    scores: dict[str, list[float]] = {"traffic": [], "minutes": [], "spend": []}
    for i in range(len(times)):
        moment, long = _moment(times[i], 1.0), seconds[i] / 60
        traffic.observe(moment, calls[i])
        minutes.observe(moment, long, answered[i], answered[i])
        spend.observe(moment, cost[i], long, answered[i])
        scores["traffic"].append(traffic.score(moment, limits) or 0.0)
        scores["minutes"].append(minutes.judge(moment, limits.outbound_minutes_spike_minimum, limits) or 0.0)
        scores["spend"].append(spend.judge(moment, limits.spend_spike_minimum, limits) or 0.0)
    return scores


def _moment(minute: float, interval: float) -> Moment:
    middle = minute - interval / 2
    return Moment(minute=minute, weekday=int(middle // DAY) % 7, hour_of_day=middle % DAY / 60, interval=interval)
