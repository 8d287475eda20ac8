"""However much time or traffic there is to catch up with, the work for one answer stays bounded."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from exporter.simulator.chance import dice
from exporter.simulator.climate import DIRECTIONS, Climate
from exporter.simulator.timeline import Effect
from exporter.simulator.traffic import Traffic

from .world import NOON

DAY = 86_400
USUAL = dict.fromkeys(DIRECTIONS, Effect())


@cache
def bookings(volume: float, seconds: float) -> list[tuple[int, int]]:
    """Return (calls, answered calls) of each booking that is made in that time."""
    climate = Climate(seed=1, auth_id="PA_DEMO0001", volume=volume)
    traffic = Traffic(climate=climate, rng=dice("test"), start=NOON)
    return [(booking.tally.calls, booking.tally.answered) for booking in traffic.run(NOON + seconds, USUAL)]


def test_a_hundred_times_the_calls_are_far_fewer_than_a_hundred_times_the_bookings() -> None:
    few, many = bookings(10_000, 600), bookings(1_000_000, 600)
    assert sum(calls for calls, _ in many) > 50 * sum(calls for calls, _ in few)
    assert len(many) < 10 * len(few)


def test_months_that_nobody_watched_are_caught_up_with_hundreds_of_calls_at_a_time() -> None:
    made = bookings(10_000, 40 * DAY)
    assert sum(calls for calls, _ in made) > 100 * len(made)


@pytest.mark.parametrize(("volume", "seconds"), [(3_000, 3_600), (3_000, 20 * 3_600), (10_000, 40 * DAY)])
def test_the_answer_rate_is_the_usual_one_however_long_the_steps_are(volume: float, seconds: float) -> None:
    made = bookings(volume, seconds)
    assert sum(answered for _, answered in made) / sum(calls for calls, _ in made) == pytest.approx(0.62, abs=0.06)


def test_history_and_simulated_calls_agree_on_what_is_usual() -> None:
    climate = Climate(seed=3, auth_id="PA_DEMO0001", volume=1_000)
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + ahead) for ahead in range(364)]
    calls = sum(climate.span(direction, day, DAY).calls for direction in DIRECTIONS for day in days)
    assert calls == pytest.approx(364 * 24 * 1_000, rel=0.05)
    minutes = sum(
        climate.lane(direction, NOON + 900 * quarter).calls for direction in DIRECTIONS for quarter in range(96 * 28)
    )
    assert minutes * 900 == pytest.approx(28 * 24 * 1_000, rel=0.1)
