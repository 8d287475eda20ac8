"""What paged, compared with what happened in a lane."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.detection.bound import bound_in_calls
from bench.detection.worlds import Event, Lane

KEEP = 5
"""Minutes for which the rule keeps firing."""
QUIET = 15
"""A firing is a new page after so many minutes without one."""
EVALUATION = 1
"""Minutes from a poll to the evaluation that sees it, a scrape in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One drop: minutes to its page, from its end until the score is below 1, and its pages."""

    event: Event
    delay: float
    """Infinite: missed."""
    already: bool
    """Whether it paged when the drop began."""
    clears: float
    pages: tuple[int, ...]
    """When, in minutes from the onset."""
    bound: float
    """The minutes that no detector beats in the mean, at the mean volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One lane and rule."""

    world: str
    volume: float
    usual: float
    seed: int
    days: float
    """Days of it outside events and the hour after them, and its pages there."""
    false_pages: int
    detections: tuple[Detection, ...]
    campaigns: tuple[tuple[float, bool], ...]
    """Points off the rate, and whether it paged."""


def firing(true: NDArray[np.bool_], *, hold: int = 0, keep: int = 0) -> NDArray[np.bool_]:
    """When an alert fires, minute by minute, as Prometheus evaluates `for` and `keep_firing_for`."""
    run = np.zeros(len(true), np.int64)
    false = np.flatnonzero(~true)
    run[:] = np.arange(len(true)) - np.maximum.accumulate(np.where(~true, np.arange(len(true)), -1))
    fires: NDArray[np.bool_] = true & (run > hold) if len(false) else true & (np.arange(len(true)) >= hold)
    fired = np.flatnonzero(fires)
    for later in range(1, keep + 1):
        fires[np.minimum(fired + later, len(true) - 1)] = True
    if hold and keep:
        for at in np.flatnonzero(true & ~fires):
            fires[at] = bool(at and fires[at - 1])
    return fires


def seen_each_minute(lane: Lane, values: NDArray[np.float64], *, unknown: float = 0.0) -> NDArray[np.float64]:
    """What an evaluation of every minute sees of a value that changes with each poll."""
    minutes = np.arange(lane.end + 1) - EVALUATION
    last = np.searchsorted(lane.times, minutes, side="right") - 1
    return np.where(last >= 0, values[np.maximum(last, 0)], unknown)


def new_pages(fires: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The minutes in which it fires after a quarter of an hour of quiet."""
    at = np.flatnonzero(fires)
    pages: NDArray[np.int64] = at[np.diff(at, prepend=-(10**9)) > QUIET]
    return pages


def judge(world: str, lane: Lane, fires: NDArray[np.bool_], *, keep: int = KEEP) -> Verdict:
    """Everything that is counted of one lane."""
    pages = new_pages(fires)
    paused = np.zeros(lane.end + 1, bool)
    for begin, end in lane.pauses:
        paused[begin : end + 1] = True
    measured = slice(lane.begin, lane.end)
    return Verdict(
        world=world, volume=lane.volume, usual=lane.usual, seed=lane.seed,
        days=float((~paused[measured]).sum()) / 1440,
        false_pages=sum(bool(lane.begin <= at < lane.end and not paused[at]) for at in pages),
        detections=tuple(_detection(lane, drop, fires, pages, keep) for drop in lane.drops),
        campaigns=tuple(
            (event.lower, bool(((pages >= event.begin) & (pages < event.begin + event.minutes + 60)).any()))
            for event in lane.campaigns
        ),
    )  # fmt: skip


def _detection(lane: Lane, drop: Event, fires: NDArray[np.bool_], pages: NDArray[np.int64], keep: int) -> Detection:
    over = min(drop.begin + drop.minutes, lane.end)
    hits = np.flatnonzero(fires[drop.begin : over + 1])
    still = np.flatnonzero(~fires[over:])
    after = float(still[0]) if len(still) else float(lane.end - over)
    bound = bound_in_calls(lane.volume, lane.usual, drop.depth) / lane.volume * 60 if drop.depth else math.inf
    return Detection(
        event=drop,
        delay=float(hits[0]) if len(hits) else math.inf,
        already=bool(fires[max(0, drop.begin - QUIET) : drop.begin].any()),
        clears=max(0.0, after - keep) if len(hits) and fires[over] else 0.0,
        pages=tuple(int(at) - drop.begin for at in pages if drop.begin <= at < over + 60),
        bound=bound,
    )
