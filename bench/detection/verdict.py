"""What fired, compared with what happened to a partner."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bench.detection.bound import bound_in_calls
from bench.detection.firing import QUIET, STEP, exposed_seconds, pages
from bench.detection.traffic import DAY
from bench.detection.world import BEGIN, Event, Partner

Fires = Mapping[tuple[str, str], set[float]]
"""By (partner, direction), each empty where the alert has no such label: the evaluations at which an alert fires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One alert and lane (a direction, or the partner): its pages outside drops, campaigns and the hour after them."""

    alert: str
    partner: str
    direction: str
    days: float
    at: tuple[float, ...]
    in_stalls: int
    echoes: int
    """Of these pages, those during or soon after an API stall, and those within five hours of a drop's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One drop: minutes to its page, and the fewest any detector needs on average (infinite: not within the drop)."""

    alert: str
    depth: float
    minutes: int
    by_day: bool
    already: bool
    delay: float
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignVerdict:
    """Whether an alert paged in a campaign or the hour after it."""

    alert: str
    lower: float
    paged: bool


Fact = Exposure | Detection | CampaignVerdict


def judge(alert: str, fires: Fires, partner: Partner, *, begin: float, end: float, one_day: bool) -> Iterator[Fact]:
    """Every fact about one alert and one partner, measured from `begin` to `end` or in the partner's first day."""
    if one_day:
        begin = BEGIN + STEP * float(partner.start)
        end = begin + STEP * DAY
    directed = any(direction for _, direction in fires) or "AnswerRate" in alert or alert.startswith("Naive")
    for direction in partner.drops if directed else ("",):
        times = fires.get((partner.name, direction), set()) | fires.get((partner.name, ""), set())
        drops = [drop for lane, every in partner.drops.items() if direction in ("", lane) for drop in every]
        campaigns = partner.campaigns if direction in ("", "outbound") else []
        yield _exposure(alert, partner, direction, times, [*drops, *campaigns], begin, end)
        for campaign in campaigns:
            a, b = _span(campaign, 60)
            yield CampaignVerdict(alert=alert, lower=campaign.lower, paged=bool(pages(times, a, b)))
        for drop in drops if direction else ():
            yield _detection(alert, partner, direction, times, drop)


def _span(event: Event, more: int) -> tuple[float, float]:
    begin = BEGIN + STEP * float(event.begin)
    return begin, begin + STEP * (event.minutes + more)


def _exposure(
    alert: str, partner: Partner, direction: str, times: set[float], events: list[Event], begin: float, end: float
) -> Exposure:
    pauses = [_span(event, 60) for event in events]
    at = pages(times, begin, end, pauses)
    minutes = [min(max(int((x - BEGIN) / STEP) - 1, 0), partner.minutes - 1) for x in at]
    return Exposure(
        alert=alert,
        partner=partner.name,
        direction=direction,
        days=exposed_seconds(begin, end, pauses) / 86400,
        at=tuple(at),
        in_stalls=sum(bool((partner.silent[max(0, minute - 20) : minute + 1] >= 5).any()) for minute in minutes),
        echoes=sum(any(b <= x <= b + 4 * 3600 for _, b in pauses) for x in at),
    )


def _detection(alert: str, partner: Partner, direction: str, times: set[float], drop: Event) -> Detection:
    onset, over = _span(drop, 0)
    hits = [at for at in times if onset <= at <= over]
    made = partner.made[direction]
    enough = made[drop.begin - 1] + bound_in_calls(partner.volume, partner.usual, drop.depth)
    bound = int(np.searchsorted(made, enough)) - drop.begin + 1
    return Detection(
        alert=alert,
        depth=drop.depth,
        minutes=drop.minutes,
        by_day=8 * 60 <= drop.begin % DAY < 19 * 60,
        already=any(onset - QUIET <= at < onset for at in times),
        delay=(min(hits) - onset) / 60 if hits else math.inf,
        bound=float(bound) if bound <= drop.minutes else math.inf,
    )
