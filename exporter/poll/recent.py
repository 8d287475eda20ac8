"""The last minutes: what the counters of calls grew by, from readings that a poll leaves behind. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exporter.api.model import DIRECTIONS, Rollup
from exporter.ledger import Observation
from exporter.ledger.observation import DIRECTIONS_GROUP
from exporter.poll.snapshot import Key, Reading

WINDOW = 900.0
"""Seconds that are looked back. With a longer poll interval: from the previous poll on."""

SPACING = 60.0
"""Seconds between the readings that are kept, however often Vobiz is polled; the newest one is always there."""

_FIGURES = ("calls", "answered_calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What came in during ``seconds``: calls and answered calls by direction, None where one is not known."""

    seconds: float
    directions: Mapping[str, Rollup]


def remember(
    known: tuple[Reading, ...], observed: Sequence[Observation], totals: Mapping[Key, Decimal], elapsed: float
) -> tuple[Reading, ...]:
    """The readings after a poll that began at ``elapsed`` and left the counters at ``totals``.

    Counters that stood still because nothing could be learned of them are left out, and a poll that observed no
    directions adds no reading. Counters that went back belong to another ledger: the readings start again.
    """
    observed = [observation for observation in observed if observation.group == DIRECTIONS_GROUP]
    if not observed:
        return known
    complete = any(observation.complete for observation in observed)
    read = {key for observation in observed for key in _read_on_last_day(observation)}
    counts = {key: int(value) for key, value in totals.items() if key[1] in _FIGURES}
    reading = Reading(
        elapsed=elapsed,
        counts={key: count for key, count in counts.items() if key[0] in DIRECTIONS and (complete or key in read)},
    )
    if any(counts.get(key, count) < count for old in known for key, count in old.counts.items()):
        return (reading,)
    return (*_thinned(known, elapsed), reading)


def growth(readings: Sequence[Reading]) -> Growth | None:
    """What happened between the oldest and the newest reading; None before there are two."""
    if len(readings) < 2:
        return None
    first, last = readings[0].counts, readings[-1].counts
    return Growth(
        seconds=readings[-1].elapsed - readings[0].elapsed,
        directions={direction: _grown(direction, first, last) for direction in DIRECTIONS},
    )


def _thinned(readings: tuple[Reading, ...], elapsed: float) -> tuple[Reading, ...]:
    if len(readings) >= 2 and readings[-1].elapsed - readings[-2].elapsed < SPACING:
        readings = readings[:-1]
    within = tuple(reading for reading in readings if elapsed - reading.elapsed <= WINDOW)
    return within or readings[-1:]


def _grown(direction: str, first: Mapping[Key, int], last: Mapping[Key, int]) -> Rollup:
    """A call may be booked before its answer is: an answer that comes late can exceed the calls of its window."""
    calls, answered = (
        last[key] - first[key] if key in first and key in last else None
        for key in ((direction, figure) for figure in _FIGURES)
    )
    if calls is not None and answered is not None:
        answered = min(answered, calls)
    return Rollup(calls=calls, answered_calls=answered)


def _read_on_last_day(observation: Observation) -> set[Key]:
    return set(observation.days.get(observation.last, ()))
