"""The last day in quarters of an hour: how polls went and how high a score was, so that one sees since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exporter.detect import Judgements

SLOT_SECONDS = 900.0
MAX_SLOTS = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One quarter of an hour; ``start`` is Unix seconds. ``score`` is the highest one, None if nothing was judged."""

    start: float
    polls: int = 0
    failed: int = 0
    score: float | None = None


def with_poll(slots: Sequence[Slot], *, wall: float, failed: bool, judgements: Judgements) -> tuple[Slot, ...]:
    """The slots after one more poll at that time of the wall clock, oldest first, none older than a day.

    ``failed`` says that the poll brought no values. Slots in which nothing was polled are left out, and so are slots
    of the future, which a clock that was set back leaves behind.
    """
    start = wall // SLOT_SECONDS * SLOT_SECONDS
    kept = [slot for slot in slots if wall - SLOT_SECONDS * MAX_SLOTS < slot.start < start]
    current = next((slot for slot in slots if slot.start == start), Slot(start=start))
    scores = [score for score in (current.score, worst_score(judgements)) if score is not None]
    current = replace(current, polls=current.polls + 1, failed=current.failed + failed, score=max(scores, default=None))
    return (*kept, current)


def worst_score(judgements: Judgements) -> float | None:
    """The highest score of any kind; None if nothing could be judged."""
    scores = [
        *(rate.score for rate in judgements.products.values()),
        *(spend.spend_spike_score for spend in judgements.currencies.values()),
    ]
    for direction in judgements.directions.values():
        scores += [direction.answer_rate.score, direction.traffic_drop_score, direction.minutes_spike_score]
    return max((score for score in scores if score is not None), default=None)
