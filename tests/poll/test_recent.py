"""The last minutes: what the counters of calls grew by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from exporter.api.model import Rollup
from exporter.ledger import Observation
from exporter.ledger.observation import DIRECTIONS_GROUP, PRODUCTS_GROUP
from exporter.poll.recent import SPACING, WINDOW, growth, remember
from exporter.poll.snapshot import Key, Reading

DAY = date(2026, 7, 1)


def observed(*keys: Key, group: str = DIRECTIONS_GROUP, complete: bool = False) -> Observation:
    figures = {key: Decimal(1) for key in keys}
    return Observation(group=group, first=DAY, last=DAY, complete=complete, days={DAY: figures})


CALLS, ANSWERED = ("inbound", "calls"), ("inbound", "answered_calls")
ALL_READ = [observed(complete=True)]


def totals(calls: int, answered: int) -> dict[Key, Decimal]:
    return {
        ("inbound", "calls"): Decimal(calls),
        ("inbound", "answered_calls"): Decimal(answered),
        ("inbound", "seconds"): Decimal("0.5"),
        ("product/voice_api", "calls"): Decimal(7),
    }


def after(*polls: tuple[float, int, int]) -> tuple[Reading, ...]:
    """The readings after polls at these seconds, with these counters."""
    readings: tuple[Reading, ...] = ()
    for elapsed, calls, answered in polls:
        readings = remember(readings, ALL_READ, totals(calls, answered), elapsed)
    return readings


def inbound(readings: tuple[Reading, ...]) -> Rollup:
    grown = growth(readings)
    assert grown is not None
    return grown.directions["inbound"]


def test_one_poll_says_nothing_of_the_last_minutes() -> None:
    assert growth(after((0, 10, 6))) is None


def test_two_polls_tell_what_came_in_between_them() -> None:
    readings = after((0, 10, 6), (60, 15, 8))
    assert inbound(readings) == Rollup(calls=5, answered_calls=2)
    grown = growth(readings)
    assert grown is not None
    assert grown.seconds == 60


def test_a_direction_that_was_never_counted_is_unknown() -> None:
    grown = growth(after((0, 10, 6), (60, 15, 8)))
    assert grown is not None
    assert grown.directions["outbound"] == Rollup()


def test_minutes_older_than_the_window_are_left_out() -> None:
    polls = [(60.0 * poll, 100 * poll, 50 * poll) for poll in range(60)]
    grown = growth(after(*polls))
    assert grown is not None
    assert grown.seconds == WINDOW
    assert grown.directions["inbound"] == Rollup(calls=1_500, answered_calls=750)


def test_a_poll_every_second_keeps_no_more_readings_than_one_every_minute() -> None:
    readings = after(*((float(second), second, second) for second in range(3_000)))
    assert len(readings) <= WINDOW / SPACING + 2
    assert readings[-1].elapsed == 2_999
    assert WINDOW - SPACING <= readings[-1].elapsed - readings[0].elapsed <= WINDOW


def test_with_an_hour_between_polls_it_is_the_last_hour() -> None:
    grown = growth(after((0, 10, 5), (3_600, 20, 10), (7_200, 50, 20)))
    assert grown is not None
    assert grown.seconds == 3_600
    assert grown.directions["inbound"] == Rollup(calls=30, answered_calls=10)


def test_a_poll_that_learned_nothing_of_directions_adds_no_reading() -> None:
    readings = after((0, 10, 5), (60, 20, 10))
    products = observed(("product/voice_api", "calls"), group=PRODUCTS_GROUP, complete=True)
    assert remember(readings, [products], totals(20, 10), 120) is readings
    assert remember(readings, [], totals(20, 10), 120) is readings


def test_a_figure_that_could_not_be_read_is_unknown_and_not_zero() -> None:
    readings = remember(after((0, 10, 5)), [observed(CALLS)], totals(20, 5), 60)
    assert inbound(readings) == Rollup(calls=10, answered_calls=None)


def test_a_figure_that_was_unreadable_at_first_does_not_count_from_zero() -> None:
    readings = remember((), [observed(CALLS)], totals(10, 500), 0)
    readings = remember(readings, [observed(CALLS, ANSWERED)], totals(20, 505), 60)
    assert inbound(readings) == Rollup(calls=10, answered_calls=None)


def test_counters_that_begin_anew_do_not_make_the_last_minutes_negative() -> None:
    readings = after((0, 10, 5), (60, 20, 10), (120, 0, 0))
    assert growth(readings) is None
    assert inbound(remember(readings, ALL_READ, totals(3, 1), 180)) == Rollup(calls=3, answered_calls=1)


def test_answers_booked_late_do_not_make_more_answers_than_calls() -> None:
    assert inbound(after((0, 10, 2), (60, 12, 8))).answer_ratio == 1
