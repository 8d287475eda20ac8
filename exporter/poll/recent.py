"""The last minutes: what the counters of calls grew by, from readings that a poll leaves behind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from exporter.api.model import DIRECTIONS, Rollup
from exporter.ledger import Observation
from exporter.ledger.observation import DIRECTIONS_GROUP, Key
from exporter.poll.snapshot import Reading, Total

WINDOW = 900.0
"""Seconds that are looked back. With a longer poll interval it is from the poll before: never less than two polls."""

SPACING = 60.0
"""Seconds between the readings that are kept, however often Vobiz is polled; the newest one is always there."""

_FIGURES = ("calls", "answered_calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What came in during ``seconds``: calls and answered calls by direction, None where one is not known."""

    seconds: float
    directions: tuple[tuple[str, Rollup], ...]


def remember(
    before: tuple[Reading, ...], observed: Sequence[Observation], totals: Sequence[Total], elapsed: float
) -> tuple[Reading, ...]:
    """The readings after a poll that began at ``elapsed`` and left the counters at ``totals``.

    Counters that stood still because nothing could be learned of them are left out, and a poll that observed no
    directions adds no reading. Counters that went back belong to another ledger: the readings begin anew.
    """
    observed = [observation for observation in observed if observation.group == DIRECTIONS_GROUP]
    if not observed:
        return before
    complete = any(observation.complete for observation in observed)
    read = {key for observation in observed for key in _read_on_last_day(observation)}
    counts = {_key(total.lane, total.figure): int(total.value) for total in totals if total.figure in _FIGURES}
    reading = Reading(
        elapsed=elapsed,
        counts=tuple(
            (key, count) for key, count in counts.items() if key[0] in DIRECTIONS and (complete or key in read)
        ),
    )
    if any(counts.get(key, count) < count for old in before for key, count in old.counts):
        return (reading,)
    return (*_thinned(before, elapsed), reading)


def growth(readings: Sequence[Reading]) -> Growth | None:
    """What happened between the oldest and the newest reading; None before there are two."""
    if len(readings) < 2:
        return None
    first, last = dict(readings[0].counts), dict(readings[-1].counts)
    return Growth(
        seconds=readings[-1].elapsed - readings[0].elapsed,
        directions=tuple((direction, _grown(direction, first, last)) for direction in DIRECTIONS),
    )


def _thinned(readings: tuple[Reading, ...], elapsed: float) -> tuple[Reading, ...]:
    if len(readings) >= 2 and readings[-1].elapsed - readings[-2].elapsed < SPACING:
        readings = readings[:-1]
    within = tuple(reading for reading in readings if elapsed - reading.elapsed <= WINDOW)
    return within or readings[-1:]


def _grown(direction: str, first: dict[Key, int], last: dict[Key, int]) -> Rollup:
    """A call may be booked before its answer is: an answer that comes late can exceed the calls of its window."""
    calls, answered = (
        last[key] - first[key] if key in first and key in last else None
        for key in ((direction, figure) for figure in _FIGURES)
    )
    if calls is not None and answered is not None:
        answered = min(answered, calls)
    return Rollup(calls=calls, answered_calls=answered)


@lru_cache(maxsize=256)
def _key(lane: str, figure: str) -> Key:
    """The same object for the same words: a thousand partners keep sixteen readings each."""
    return lane, figure


def _read_on_last_day(observation: Observation) -> set[Key]:
    return {key for day, figures in observation.days if day == observation.last for key, _ in figures}
