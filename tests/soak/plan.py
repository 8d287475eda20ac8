"""What happens when: restarts and incidents, by lot from a seed. Times are simulated seconds since the start."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

HOUR = 3600.0
DAY = 24 * HOUR

TERM = "SIGTERM"
KILL = "kill -9"
AWAY = "kill -9, and away for hours"
CORRECTION = "correction"
RESTARTS = (TERM, KILL, AWAY)

INCIDENTS = (
    "answer-rate-drop",
    "outage",
    "silence",
    "fraud",
    "api-down",
    "api-slow",
    "rate-limited",
    "unauthorized",
    "malformed",
    "frozen",
)

STEADY = (0.4, 0.9)
"""The share of the time in which nothing is restarted: long enough to see whether memory grows."""

RESTARTS_APART = 14 * HOUR
INCIDENTS_APART = 11 * HOUR
CORRECTIONS_APART = 2.5 * DAY


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Event:
    """Something that is done to the exporter or to Vobiz; ``words`` go with an incident, ``seconds`` is its length."""

    at: float
    what: str
    seconds: float = 0.0
    words: dict[str, object] = field(default_factory=dict, compare=False)


def plan(days: float, seed: int) -> list[Event]:
    """All that happens in so many days, in order."""
    chance = random.Random(seed)
    end = days * DAY
    events = [*_restarts(chance, end), *_incidents(chance, end)]
    at = CORRECTIONS_APART / 2
    while at < end:
        events.append(Event(at=at, what=CORRECTION))
        at += CORRECTIONS_APART * chance.uniform(0.5, 1.5)
    return sorted(events)


def _restarts(chance: random.Random, end: float) -> list[Event]:
    events: list[Event] = []
    at = RESTARTS_APART / 2
    while at < end:
        if not STEADY[0] * end < at < STEADY[1] * end:
            what = RESTARTS[len(events) % len(RESTARTS)]
            events.append(Event(at=at, what=what, seconds=chance.uniform(3, 50) * HOUR if what == AWAY else 0.0))
        at += RESTARTS_APART * chance.uniform(0.3, 1.7)
    return events


def _incidents(chance: random.Random, end: float) -> list[Event]:
    events: list[Event] = []
    at = INCIDENTS_APART / 2
    while at < end:
        what = INCIDENTS[len(events) % len(INCIDENTS)]
        words: dict[str, object] = {"depth": round(chance.uniform(0.3, 1.0), 2)} if what not in _WHOLE else {}
        events.append(Event(at=at, what=what, seconds=chance.uniform(1, 8) * HOUR, words=words))
        at += INCIDENTS_APART * chance.uniform(0.3, 1.7)
    return events


_WHOLE = ("outage", "silence", "frozen")
"""Kinds that have no depth."""
