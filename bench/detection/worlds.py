"""Simulated lanes: the base world, and worlds that are harder in one respect each. The parameters are invented.

A lane is one direction of one partner: 30 complete days before the exporter's first poll, warm-up days, measured days.
Odd seeds have drops, even ones have none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from bench.detection.traffic import BASE, DAY, STRESS, Booked, Floats, Habits, Plan, simulate

DEPTHS = (0.2, 0.3, 0.5, 1.0)
DAYS_BEFORE = 30
AFTER = 60
"""Minutes after an event that are neither false nor missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A drop (`depth`: the share of answers lost), a campaign (`lower`: off its rate), silence or fraud, in minutes."""

    begin: int
    minutes: int
    depth: float = 0.0
    lower: float = 0.0
    price: float = 1.0
    """Times what a minute usually costs, and how long a call usually is."""
    talk: float = 1.0

    @property
    def by_day(self) -> bool:
        """Whether it begins between 8 and 19 o'clock."""
        return 8 * 60 <= self.begin % DAY < 19 * 60


@dataclass(slots=True, kw_only=True)
class Lane:
    """What happens in a lane, and what each good poll brings. Minutes count from the midnight of the first day."""

    seed: int
    volume: float
    usual: float
    begin: int
    end: int
    before: Floats
    """Calls and answered calls of the complete days before the first poll."""
    times: Floats
    booked: Booked
    """The increments of each poll."""
    uneven: tuple[float, float] | None = None
    """How lengths and prices of calls vary: deviations of their logarithms; None: hardly, and not at all."""
    drops: list[Event] = field(default_factory=list)
    campaigns: list[Event] = field(default_factory=list)

    @property
    def pauses(self) -> list[tuple[int, int]]:
        """The events with the hour after them."""
        return [(event.begin, event.begin + event.minutes + AFTER) for event in (*self.drops, *self.campaigns)]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a world is like; the base world by default."""

    habits: Habits = BASE
    plan: Callable[[Setting, Plan, Lane], None] | None = None
    """Puts the events into the plan; None: drops of four hours every other day in lanes with odd seeds."""
    holidays: bool = False
    one_day: bool = False
    """Only the first 24 hours after the first poll are measured."""
    steps: int = 1
    """Polls a minute."""
    every: int = 1
    """Minutes between polls that bring something."""
    empty_polls: bool = False
    """Whether there are polls in between, that bring nothing: the API's figures are refreshed more slowly."""
    unknown: bool = False
    """Whether the lane begins without any complete days, as products do."""
    uneven: tuple[float, float] | None = None
    outages: tuple[float, int, int] = (0.2, 10, 30)
    """Outages a day, and the fewest and most minutes of one."""
    warm: int = 8
    days: int = 20


@dataclass(frozen=True, slots=True)
class Setting:
    """What the plans of events need."""

    rng: np.random.Generator
    warm: int
    days: int
    start: int

    def clock(self, day: int, first: int, last: int) -> int:
        """A minute between two hours of a measured day."""
        return (self.warm + day) * DAY + int(self.rng.integers(first * 60, last * 60))


def drops(setting: Setting, plan: Plan, lane: Lane) -> None:
    """Drops of four hours on every other day, three in four of them by day."""
    if lane.seed % 2 == 0:
        return
    for day in range(0, max(2, setting.days - 1), 2):
        by_day = setting.rng.random() < 0.75
        begin = setting.clock(day, 8, 19) if by_day else setting.clock(day, 20, 31)
        _drop(plan, lane, begin, 240, float(setting.rng.choice(DEPTHS)))


def first_day(setting: Setting, plan: Plan, lane: Lane) -> None:
    """One drop within six hours of the first poll."""
    if lane.seed % 2:
        begin = setting.start + int(setting.rng.integers(10, 360))
        _drop(plan, lane, begin, 240, float(setting.rng.choice(DEPTHS)))


def partial(setting: Setting, plan: Plan, lane: Lane) -> None:
    """A quarter of all calls is dead: one of two products, or a carrier."""
    for day in range(0, setting.days - 1, 2):
        _drop(plan, lane, setting.clock(day, 8, 19), 240, 0.25)


def dead_product(setting: Setting, plan: Plan, lane: Lane) -> None:
    """The lane is one of two products of a direction, and all of its calls are lost."""
    if lane.seed % 2:
        for day in range(0, setting.days - 1, 2):
            _drop(plan, lane, setting.clock(day, 8, 19), 240, 1.0)


def silence(setting: Setting, plan: Plan, lane: Lane) -> None:
    """No calls for two hours by day, every other day."""
    for day in range(0, setting.days - 1, 2):
        event = Event(begin=setting.clock(day, 9, 17), minutes=120)
        plan.add(event.begin, event.minutes, boost=0.0)
        lane.drops.append(event)


def fraud(*, price: float = 1.0, talk: float = 1.0) -> Callable[[Setting, Plan, Lane], None]:
    """Six times the calls for two hours, expensive or long, every other day, by day or by night."""

    def plan_it(setting: Setting, plan: Plan, lane: Lane) -> None:
        for day in range(0, setting.days - 1, 2):
            begin = setting.clock(day, 8, 19) if setting.rng.random() < 0.5 else setting.clock(day, 22, 28)
            event = Event(begin=begin, minutes=120, price=price, talk=talk)
            plan.add(event.begin, event.minutes, boost=6.0)
            lane.drops.append(event)

    return plan_it


def long_loss(setting: Setting, plan: Plan, lane: Lane) -> None:
    """A total loss of forty hours."""
    _drop(plan, lane, setting.clock(setting.days // 3, 8, 18), 40 * 60, 1.0)


def campaigns(setting: Setting, plan: Plan, lane: Lane) -> None:
    """Eight times the calls for two hours, half of them at a rate five points lower."""
    for day in range(0, setting.days, 2):
        event = Event(begin=setting.clock(day, 8, 18), minutes=120, lower=float(setting.rng.choice((0.0, 0.05))))
        plan.add(event.begin, event.minutes, boost=8.0, lower=event.lower)
        lane.campaigns.append(event)


def bleed(setting: Setting, plan: Plan, lane: Lane) -> None:
    """A point an hour for a day, then back at once; every third day."""
    for day in range(0, setting.days - 1, 3):
        event = Event(begin=setting.clock(day, 7, 11), minutes=DAY, lower=0.24)
        for hour in range(24):
            plan.add(event.begin + 60 * hour, 60, lower=0.01 * (hour + 0.5))
        lane.drops.append(event)


def for_good(points: float) -> Callable[[Setting, Plan, Lane], None]:
    """A change for good by so many points, after a third of the measured days."""

    def plan_it(setting: Setting, plan: Plan, lane: Lane) -> None:
        event = Event(begin=setting.clock(setting.days // 3, 0, 24), minutes=0, lower=points)
        event = replace(event, minutes=lane.end - event.begin)
        plan.add(event.begin, event.minutes, lower=points)
        lane.drops.append(event)

    return plan_it


def doubled(setting: Setting, plan: Plan, lane: Lane) -> None:
    """Twice the calls for good, beside the usual drops."""
    drops(setting, plan, lane)
    begin = setting.clock(setting.days // 3, 0, 24)
    plan.add(begin, lane.end - begin, boost=2.0)


def clock_change(setting: Setting, plan: Plan, lane: Lane) -> None:
    """Summer time: everybody's day moves by an hour, beside the usual drops."""
    drops(setting, plan, lane)
    plan.shift_from = (setting.warm + setting.days // 3) * DAY


_SHAPE_WEEK = (1.2, 1.1, 1.1, 1.1, 1.0, 0.2, 0.1)
_UNEVEN = (1.2, 1.0)
WORLDS = {
    "base": World(),
    "stress": World(habits=STRESS),
    "shape": World(habits=replace(BASE, hour_shape=0.12, weekend_lower=0.10, week=_SHAPE_WEEK)),
    "calm": World(habits=replace(BASE, day_wander=0.01, hour_wander=0.01, retry_share=0.01)),
    "holiday": World(holidays=True),
    "double": World(plan=doubled),
    "dst": World(plan=clock_change),
    "restart": World(outages=(0.5, 5, 181)),
    "stall": World(outages=(1.0, 30, 31)),
    "refresh5": World(every=5, empty_polls=True),
    "refresh15": World(every=15, empty_polls=True),
    "poll5m": World(every=5),
    "poll15m": World(every=15),
    "poll60m": World(every=60),
    "poll15s": World(steps=4),
    "partial": World(plan=partial),
    "product": World(plan=dead_product, unknown=True),
    "long": World(plan=long_loss),
    "day-one": World(plan=first_day, one_day=True, warm=1, days=2),
    "campaign": World(plan=campaigns),
    "bleed": World(plan=bleed),
    "mix8": World(plan=for_good(0.08)),
    "mix20": World(plan=for_good(0.20)),
    "silence": World(plan=silence),
    "fraud": World(plan=fraud(price=4.0)),
    "held": World(plan=fraud(talk=4.0)),
    "uneven-fraud": World(plan=fraud(price=4.0), uneven=_UNEVEN),
    "uneven-held": World(plan=fraud(talk=4.0), uneven=_UNEVEN),
}
"""By name: each world is the base world but for what is said here."""


def _drop(plan: Plan, lane: Lane, begin: int, minutes: int, depth: float) -> None:
    plan.add(begin, minutes, depth=depth)
    lane.drops.append(Event(begin=begin, minutes=minutes, depth=depth))


def simulate_lane(seed: int, volume: float, usual: float, world: str) -> Lane:
    """One lane of `volume` calls an hour of which `usual` are answered; the same seed gives the same lane."""
    of = WORLDS[world]
    rng = np.random.default_rng([seed, int(volume), int(usual * 1000), sum(map(ord, world)), 78])
    total = of.warm + of.days
    start = DAY + int(rng.integers(6 * 60, 16 * 60)) if of.one_day else 0
    begin, end = (start, start + DAY) if of.one_day else (of.warm * DAY, total * DAY)
    nothing = Booked(calls=np.zeros(0), answered=np.zeros(0), seconds=np.zeros(0))
    lane = Lane(
        seed=seed, volume=volume, usual=usual, begin=begin, end=end, before=np.zeros((0, 2)), times=np.zeros(0),
        booked=nothing,
        uneven=of.uneven,
    )  # fmt: skip
    plan = Plan(total * DAY)
    (of.plan or drops)(Setting(rng, of.warm, of.days, start), plan, lane)
    before, booked = simulate(
        rng, of.habits, volume, usual, plan, days_before=DAYS_BEFORE, steps=of.steps, holidays=of.holidays
    )
    lane.before = before[1 : DAYS_BEFORE + 1] if of.one_day else before[:DAYS_BEFORE]
    _poll(rng, of, lane, booked, start)
    return lane


def _poll(rng: np.random.Generator, of: World, lane: Lane, booked: Booked, start: int) -> None:
    """Which polls work, and what each brings: 2 % fail, and the API has outages."""
    steps = len(booked.calls)
    works = rng.random(steps) >= of.habits.failed_polls / math.sqrt(of.steps)
    a_day, shortest, longest = of.outages
    for out in np.flatnonzero(rng.random(steps) < a_day / (DAY * of.steps)):
        works[out : out + int(rng.integers(shortest, longest)) * of.steps] = False
    works &= np.arange(steps) % (of.every * of.steps) == of.every * of.steps - 1
    works[: start * of.steps] = False
    works[start * of.steps] = True
    at = np.flatnonzero(works)
    increments = booked.between(at)
    lane.times, lane.booked = (at + 1.0) / of.steps, increments
    if of.empty_polls:
        lane.times, lane.booked = np.arange(1.0, steps + 1), increments.spread(at, steps)
