"""The answer-rate rules read in numpy: a hundred times faster than Prometheus, for tuning and for rare events.

It reads windows, sizes of drop and defaults from prometheus/generate.py and repeats what the recording rules compute,
for the counters of a partner that is scraped every minute. It knows no restarts and no other alert: the shipped rules
are measured by Prometheus (`batch`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import pairwise
from math import log

import numpy as np

from bench.detection.batch import Batch, Result
from bench.detection.firing import STEP, firing_times
from bench.detection.traffic import DAY, Floats
from bench.detection.verdict import Fact, judge
from bench.detection.world import BEGIN, DIRECTIONS, Partner
from prometheus.generate import DEFAULTS, SIZES, WINDOWS, Size, Window, shares

DROP = "VobizAnswerRateDrop"
KEEP = 600.0
SEEN_AFTER = 2
"""Minutes until an evaluation sees a minute: it is scraped some seconds after its end."""


def ago(values: Floats, minutes: int) -> Floats:
    """The values of so many minutes before; NaN before the first."""
    out = np.full(len(values), np.nan)
    out[minutes:] = values[: max(0, len(values) - minutes)]
    return out


def usual(calls: Floats, answered: Floats, baseline: Floats) -> tuple[Floats, Floats]:
    """The answer ratio and the calls an hour that are usual at this time of day: the middle of seven days."""
    n = np.array([ago(calls, DAY * day - 30) - ago(calls, DAY * day + 30) for day in range(1, 8)])
    a = np.array([ago(answered, DAY * day - 30) - ago(answered, DAY * day + 30) for day in range(1, 8)])
    ratio = np.nanmedian((a + 30 * baseline) / (n + 30), 0)
    return np.clip(np.where(np.isnan(ratio), baseline, ratio), 0.02, 0.98), np.nanmedian(n, 0)


def expected_today(calls: Floats, answered: Floats, ratio: Floats) -> Floats:
    """Usual, lowered by how far the six hours up to a quarter of an hour ago fell short of it."""
    n, a = ago(calls, 15) - ago(calls, 375), ago(answered, 15) - ago(answered, 375)
    mean = np.nanmean(np.array([ago(ratio, 15 + 30 * step) for step in range(12)]), 0)
    short = (a - n * mean) / (n + 150) / ratio
    today: Floats = ratio * (1 + np.where(np.isnan(short), 0, np.clip(short, -0.1, 0)))
    return today


class Reading:
    """The score of one direction of one partner, at every minute."""

    def __init__(self, calls: Floats, answered: Floats, baseline: Floats, per_day: Floats) -> None:
        self._calls, self._answered = calls, answered
        ratio, hourly = usual(calls, answered, baseline)
        self._roughly = np.where(np.isnan(hourly), per_day / 12, hourly)
        last = ago(calls, 5) - ago(calls, 65)
        self._lately = np.where(np.isnan(last), self._roughly, np.clip(last, 0.5 * self._roughly, self._roughly))
        today = expected_today(calls, answered, ratio)
        floods = {window.name: self._flood(window) for window in WINDOWS}
        short = np.nanmax([floods[window.name] for window in WINDOWS if window.minutes <= 15], 0)
        self._expected = {
            window.name: today * (1 - (0.9 * short if window.minutes <= 15 else 0.4 * floods[window.name]))
            for window in WINDOWS
        }

    def _flood(self, window: Window) -> Floats:
        hourly = self._roughly
        if window.minutes <= 15:
            hourly = self._lately
        elif window.minutes >= 60:
            hourly = np.nanmean([ago(hourly, 15 * step) for step in range(window.minutes // 15)], 0)
        count = np.maximum(self._calls - ago(self._calls, window.minutes), 1)
        return np.nan_to_num(np.maximum(1 - (20 + 1.5 * window.minutes / 60 * hourly) / count, 0))

    def _evidence(self, size: Size, window: Window) -> tuple[Floats, Floats]:
        """Evidence in nats, and the weight of one unanswered call."""
        expected = self._expected[window.name]
        share = 1 - np.clip(0.01 * DEFAULTS["answer_wander_points"] / expected, 0.1, 0.5)
        still = expected * (share if size.name == "moderate" else float(size.usual))
        weight = np.log((1 - size.dropped * still) / (1 - still))
        answered = self._answered - ago(self._answered, window.minutes)
        failed = np.maximum(self._calls - ago(self._calls, window.minutes) - answered, 0)
        return failed * weight + log(size.dropped) * answered, weight

    def score(self) -> Floats:
        """The largest score of all sizes and windows that count."""
        largest: Floats = np.nanmax([score for size in SIZES for score in self._scores(size)], 0)
        return largest

    def _scores(self, size: Size) -> Iterator[Floats]:
        found = {window.name: self._evidence(size, window) for window in WINDOWS}
        for window in (window for window in WINDOWS if window.name not in size.left_out):
            evidence, weight = found[window.name]
            counts = np.full(len(evidence), True)
            if window.parts:
                ends = [np.zeros(len(evidence)), *(found[name][0] for name in window.parts), evidence]
                for (begin, end), (least, most) in zip(pairwise(ends), shares(window), strict=True):
                    part = (end - begin) / evidence
                    counts &= (part > least) & (part < most)
            if window.last:
                counts &= found[window.last][0] > 0
            calls = window.times * size.unanswered * DEFAULTS["answer_drop_minimum_unanswered"]
            yield np.where(counts, evidence / np.maximum(calls * weight, size.nats), np.nan)


def run(batch: Batch) -> Result:
    """Measure VobizAnswerRateDrop on one batch."""
    facts: list[Fact] = []
    for seed in batch.seeds:
        partner = Partner(
            seed, batch.volume, batch.usual, batch.world, warm=batch.warm, days=batch.days, durations=batch.durations
        )
        fires = {}
        for direction in DIRECTIONS:
            series = {
                name: next(values for labels, values in rows if labels.get("direction") == direction)
                for name, rows in partner.series.items()
                if name.endswith(("_calls_total", "_baseline")) and "product" not in name
            }
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # minutes before the first day have no usual
                score = Reading(
                    series["vobiz_calls_total"],
                    series["vobiz_answered_calls_total"],
                    series["vobiz_answer_ratio_baseline"],
                    series["vobiz_calls_per_day_baseline"],
                ).score()
            true_at = BEGIN + STEP * (np.flatnonzero(score > DEFAULTS["answer_drop_score"]) + float(SEEN_AFTER))
            fires[partner.name, direction] = firing_times(true_at.tolist(), hold=0, keep=KEEP)
        begin = float(BEGIN + batch.warm * 86400)
        end = BEGIN + STEP * float(partner.minutes)
        facts += judge(DROP, fires, partner, begin=begin, end=end, one_day=batch.world == "day-one")
    return Result(volume=batch.volume, usual=batch.usual, facts=facts)
