"""Values over time, by the Unix time of the last poll, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
POLL = 60

Value = Callable[[float], float]


def fixed(value: float) -> Value:
    """The same at all times."""
    return lambda at: value


def itself(at: float) -> float:
    """The time of the last poll."""
    return at


def polls(at: float) -> float:
    """How many polls there were."""
    return at // POLL


def plus(one: Value, other: Value) -> Value:
    """Both together."""
    return lambda at: one(at) + other(at)


def times(factor: float, value: Value) -> Value:
    """So many times as much."""
    return lambda at: factor * value(at)


def rising(began: float, a_second: float, *, most: float) -> Value:
    """Nothing until a moment, then so much more a second."""
    return lambda at: min(max(at - began, 0) * a_second, most)


def moved(usual: float, then: float, began: float) -> Value:
    """What is usual until a moment, and a quarter of an hour later something else."""
    return lambda at: usual + (then - usual) * min(max(at - began, 0) / (15 * MINUTE), 1)


def halved(counter: Value, began: float) -> Value:
    """A counter that grows by half as much from a moment on."""
    return lambda at: counter(at) if at <= began else (counter(at) + counter(began)) / 2


def grown(counter: Value, began: float) -> Value:
    """By how much a counter has grown since a moment; nothing before it."""
    return lambda at: counter(at) - counter(min(at, began))


def within(counter: Value, begin: Value) -> Value:
    """By how much a counter has grown since the begin of a period."""
    return lambda at: counter(at) - counter(begin(at))


def left(full: float, spent: Value, refilled: float) -> Value:
    """A balance that is topped up every so many seconds."""
    return lambda at: full - spent(at) + spent(at // refilled * refilled)


def midnight(at: float) -> float:
    """The last one, in UTC."""
    return at // DAY * DAY


def month_begin(at: float) -> float:
    """The midnight that began the month, in UTC."""
    return midnight(at) - (datetime.fromtimestamp(at, timezone.utc).day - 1) * DAY
