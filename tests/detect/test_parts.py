"""The parts of the detector, each by itself."""

from __future__ import annotations

from math import log

import pytest

from exporter.detect.cusum import evidence, onset_rate
from exporter.detect.observations import Day, Moment
from exporter.detect.profile import usual_day, weekday_offsets
from exporter.detect.variation import Volume
from exporter.detect.week import Week


def test_an_unanswered_call_speaks_for_a_drop_and_an_answered_one_against_it() -> None:
    assert evidence(1, 0, 0.6, 0.03) == pytest.approx(log(0.97 / 0.4))
    assert evidence(1, 1, 0.6, 0.03) == pytest.approx(log(0.05))


def test_at_the_onset_answers_of_before_still_come_in_and_later_none_do() -> None:
    assert onset_rate(0.6, 1.0, 0.0, 2.5) == pytest.approx(0.6 / 1.6)
    assert onset_rate(0.6, 1.0, 60.0, 2.5) == pytest.approx(0.0, abs=1e-9)
    assert onset_rate(0.6, 0.5, 0.0, 0.0) == 0.3


def test_the_usual_day_is_the_median_of_days_with_enough_calls() -> None:
    days = [Day(weekday=i % 7, calls=100, answered=60) for i in range(9)]
    usual = usual_day([*days, Day(weekday=2, calls=5, answered=0), Day(weekday=3)])
    assert usual is not None
    assert usual == pytest.approx((0.6, 905 / 11))


@pytest.mark.parametrize("with_calls", [0, 1, 2])
def test_fewer_than_three_days_with_calls_are_no_usual_day(with_calls: int) -> None:
    assert usual_day([Day(weekday=0)] * 20 + [Day(weekday=1, calls=100, answered=50)] * with_calls) is None


def test_weekends_that_differ_are_known_and_chance_is_not_taken_for_it() -> None:
    lower = [Day(weekday=i % 7, calls=1000, answered=500 if i % 7 >= 5 else 600) for i in range(28)]
    offsets = weekday_offsets(lower, 0.6)
    assert offsets[6] == pytest.approx(-0.1, abs=0.01)
    alike = [Day(weekday=i % 7, calls=1000, answered=600 + 30 * (i * 5 % 3 - 1)) for i in range(28)]
    assert max(map(abs, weekday_offsets(alike, 0.6))) < 0.02


def test_a_burst_counts_little_while_answers_come_and_in_full_where_they_are_missing() -> None:
    burst = Volume(now=10.0, busy=20.0).limit(1.0, 26, 6, 0.6, 1.2)
    loss = Volume(now=10.0, busy=20.0).limit(1.0, 10, 0, 0.6, 1.2)
    assert burst[0] < 8
    assert loss[0] == 10
    assert loss[1] < 8


def test_an_hour_is_compared_once_three_days_had_something_at_it() -> None:
    week = Week()
    for day in range(3):
        assert week.usual(9) is None
        week.move_to(Moment(minute=0.0, weekday=day, hour_of_day=9.0, interval=1.0))
        week.add(60.0, 10.0 * (day + 1))
        week.move_to(Moment(minute=0.0, weekday=day, hour_of_day=10.0, interval=1.0))
    assert week.usual(9) == 20
    assert week.last(1, 9) == 20
    assert week.last(5, 9) is None


def test_what_an_hour_is_held_against_is_the_highest_of_it_and_its_neighbours() -> None:
    week = Week(peak=True)
    for day in range(3):
        assert week.highest_around(9) is None
        for hour in (8.0, 9.0, 10.0, 11.0):
            week.move_to(Moment(minute=0.0, weekday=day, hour_of_day=hour, interval=1.0))
            week.add(60.0, 10.0 * hour + day)
        week.move_to(Moment(minute=0.0, weekday=day, hour_of_day=12.0, interval=1.0))
    assert week.highest_around(9) == 102
    assert week.highest_around(12) is None
