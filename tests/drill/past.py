"""What the exporter's detector knows of each partner before the drill: a week of the simulated world.

The answer rate is learned from the 30 days that the API shows with the first poll. Silence and spend are compared with
the same hours of the last days, which only a week of polls can teach.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from exporter.detect.detector import Detector
from exporter.detect.observations import Counts, Increments
from exporter.ledger.store import LedgerStore
from exporter.poll.counting import DETECTOR_KIND
from exporter.simulator.books import PULSE
from exporter.simulator.climate import DIRECTIONS, Climate
from exporter.simulator.traffic import MEAN_PULSES, PAISE_A_PULSE, PRODUCT_SHARE

CURRENCY = "INR"
DAYS = 7.25
"""Of polls: the same hour a week ago is compared with, too."""
STEP = 300.0
"""Seconds between the polls of the past."""


def write_past(path: Path, climates: Mapping[str, Climate], *, now: float, shift: float) -> None:
    """Write a state database with a week of the expected traffic of every account up to ``now``.

    ``climates`` are by auth_id; ``shift`` is how many seconds the simulator's clock is ahead of the real one.
    """
    store = LedgerStore(path, configured=climates, now=now)
    for auth_id, climate in climates.items():
        store.save(auth_id, {DETECTOR_KIND: taught(climate, now=now, shift=shift).dump()}, now=now)
    store.close()


def taught(climate: Climate, *, now: float, shift: float) -> Detector:
    """A detector that has polled for a week, without the chance of single calls."""
    detector = Detector(interval=STEP)
    for step in range(int(-DAYS * 86_400 // STEP), 1):
        at = now + step * STEP
        clock = datetime.fromtimestamp(at, timezone.utc)
        detector.observe(
            Increments(
                timestamp=at,
                # as the exporter does: the server's day, and its own time
                weekday=datetime.fromtimestamp(at + shift, timezone.utc).weekday(),
                minute_of_day=clock.hour * 60 + clock.minute,
                directions={direction: _calls(climate, direction, at + shift) for direction in DIRECTIONS},
                cost={CURRENCY: sum(_cost(climate, direction, at + shift) for direction in DIRECTIONS)},
            )
        )
    return detector


def _calls(climate: Climate, direction: str, at: float) -> Counts:
    lane = climate.lane(direction, at)
    calls = lane.calls * STEP
    answered = calls * lane.answer_rate
    return Counts(calls=calls, answered=answered, seconds=answered * MEAN_PULSES * PULSE)


def _cost(climate: Climate, direction: str, at: float) -> float:
    pulses = _calls(climate, direction, at).seconds / PULSE
    return sum(pulses * share * PAISE_A_PULSE[direction, product] / 100 for product, share in PRODUCT_SHARE.items())
