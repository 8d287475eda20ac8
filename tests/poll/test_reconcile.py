"""The API's own arithmetic, checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exporter.api.model import MORE_ANSWERED_THAN_CALLS, ROUNDING, DayRow, Report, Rollup, Unreadable
from exporter.poll.reconcile import mismatches

TOTAL = Rollup(calls=10, answered_calls=7, minutes=Decimal("12.5"), cost=Decimal("8.40"))
HALVES = (
    Rollup(calls=4, answered_calls=3, minutes=Decimal(5), cost=Decimal("3.40")),
    Rollup(calls=6, answered_calls=4, minutes=Decimal("7.5"), cost=Decimal(5)),
)
DAYS = tuple(
    DayRow(day=date(2026, 7, 1 + n), total=half, inbound=Rollup(), outbound=Rollup()) for n, half in enumerate(HALVES)
)
RIGHT = Report(
    total=TOTAL,
    directions=(("inbound", HALVES[0]), ("outbound", HALVES[1])),
    products=(("sip_trunking", HALVES[1]), ("voice_api", HALVES[0])),
    days=DAYS,
)
SUMS = ("day_sum", "direction_sum", "product_sum")


def found(*reports: Report, wrong_window: bool = False) -> dict[str, bool]:
    return dict(mismatches(reports, wrong_window=wrong_window))


def with_half(check: str, half: Rollup) -> Report:
    """The right answer but for one of the two parts that a check adds up."""
    if check == "day_sum":
        return replace(RIGHT, days=(DAYS[0], replace(DAYS[1], total=half)))
    if check == "direction_sum":
        return replace(RIGHT, directions=(RIGHT.directions[0], ("outbound", half)))
    return replace(RIGHT, products=(("sip_trunking", half), RIGHT.products[1]))


def test_an_answer_that_adds_up_has_no_mismatch() -> None:
    assert found(RIGHT) == dict.fromkeys(("answer_ratio", "window", *SUMS), False)


@pytest.mark.parametrize("check", SUMS)
@pytest.mark.parametrize(
    ("figure", "value"),
    [("calls", 7), ("calls", 5), ("answered_calls", 5), ("minutes", Decimal(8)), ("cost", Decimal("5.03"))],
)
def test_a_part_that_is_wrong_is_found_by_its_check_alone(check: str, figure: str, value: Any) -> None:
    wrong = with_half(check, replace(HALVES[1], **{figure: value}))
    assert [name for name, mismatch in found(wrong).items() if mismatch] == [check]


@pytest.mark.parametrize("check", SUMS)
def test_differences_that_rounding_explains_are_none(check: str) -> None:
    at_the_edge = replace(
        HALVES[1], minutes=Decimal("7.5") + 2 * ROUNDING["minutes"], cost=Decimal(5) + 2 * ROUNDING["cost"]
    )
    assert found(with_half(check, at_the_edge))[check] is False


@pytest.mark.parametrize("check", SUMS)
def test_what_is_not_known_is_not_compared(check: str) -> None:
    assert found(with_half(check, replace(HALVES[1], calls=None)))[check] is False
    assert check not in found(with_half(check, Rollup()))


def test_an_answer_without_rows_has_no_day_check() -> None:
    assert "day_sum" not in found(replace(RIGHT, days=None))


def test_days_without_calls_add_up_to_a_total_without_calls() -> None:
    nothing = Rollup(calls=0, answered_calls=0, minutes=Decimal(0), cost=Decimal(0))
    assert found(replace(RIGHT, total=nothing, days=()))["day_sum"] is False
    assert found(replace(RIGHT, days=()))["day_sum"] is True


def test_more_answered_than_calls_is_found_whatever_figure_has_it() -> None:
    field = Unreadable(path="traffic.inbound.answered_calls", problem=MORE_ANSWERED_THAN_CALLS)
    assert found(replace(RIGHT, unreadable=(field,)))["answer_ratio"] is True
    other = Unreadable(path="calls.total_cost", problem="missing")
    assert found(replace(RIGHT, unreadable=(other,)))["answer_ratio"] is False


def test_a_mismatch_in_any_answer_of_a_poll_shows() -> None:
    wrong = with_half("product_sum", replace(HALVES[1], calls=9))
    assert found(wrong, RIGHT)["product_sum"] is True
    assert found(RIGHT, wrong)["product_sum"] is True


def test_an_answer_for_other_days_than_asked_for_is_a_mismatch_of_the_window() -> None:
    assert found(wrong_window=True) == {"window": True}
    assert found() == {"window": False}
