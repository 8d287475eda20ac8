"""What is usual, from the days that one answer holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from exporter.api.model import DayRow, Report, Rollup, Window
from exporter.poll.evidence import BASELINE_DAYS, MIN_CALLS, MIN_DAYS, Baseline, baselines, history_of

TODAY = date(2026, 7, 1)


def report(outbound: Mapping[int, tuple[int | None, int | None]], *, shown: int = 30) -> Report:
    """An answer of ``/dashboard`` with calls and answered calls by how many days ago they were."""
    days = tuple(
        DayRow(
            day=TODAY - timedelta(days=ago),
            total=Rollup(),
            inbound=Rollup(calls=0, answered_calls=0),
            outbound=Rollup(calls=outbound[ago][0], answered_calls=outbound[ago][1]),
        )
        for ago in sorted(outbound, reverse=True)
    )
    return Report(window=Window(first=TODAY - timedelta(days=shown), last=TODAY), days=days)


def usual(report: Report) -> Baseline | None:
    return baselines(report).get("outbound")


def test_the_ratio_is_the_median_of_complete_days_and_calls_their_mean() -> None:
    found = usual(report({0: (999, 0), 1: (100, 50), 2: (100, 60), 3: (400, 280)}))
    assert found is not None
    assert found.answer_ratio == pytest.approx(0.6)
    assert found.calls_per_day == pytest.approx(200)


def test_today_is_left_out_because_it_is_not_over() -> None:
    days = dict.fromkeys(range(1, 15), (100, 60))
    assert usual(report({0: (1, 0), **days})) == usual(report(days))


def test_only_the_last_two_weeks_are_looked_at() -> None:
    days = dict.fromkeys(range(1, BASELINE_DAYS + 1), (100, 60))
    assert usual(report({**days, BASELINE_DAYS + 1: (9999, 1)})) == usual(report(days))


def test_a_day_without_a_row_had_no_calls() -> None:
    found = usual(report({1: (100, 60), 2: (100, 60), 4: (100, 60)}))
    assert found is not None
    assert found.calls_per_day == pytest.approx(75)
    assert found.answer_ratio == pytest.approx(0.6)


def test_a_day_without_a_row_is_unknown_where_a_row_could_not_be_read() -> None:
    answer = replace(report({1: (100, 60), 2: (100, 60), 4: (100, 60)}), complete_days=False)
    found = usual(answer)
    assert found is not None
    assert found.calls_per_day == pytest.approx(100)
    assert [day.weekday for day in history_of(answer).directions["outbound"]] == [
        (TODAY - timedelta(days=ago)).weekday() for ago in (4, 2, 1)
    ]


@pytest.mark.parametrize("unknown", [(None, 60), (100, None), (None, None)])
def test_a_day_of_which_a_direction_is_unknown_is_left_out_of_that_direction(
    unknown: tuple[int | None, int | None],
) -> None:
    answer = report({1: (100, 60), 2: unknown, 3: (100, 60), 4: (100, 60)})
    found = usual(answer)
    assert found is not None
    assert found.answer_ratio == pytest.approx(0.6)
    assert found.calls_per_day == pytest.approx(100)
    history = history_of(answer)
    assert [len(history.directions[direction]) for direction in ("inbound", "outbound")] == [4, 3]


def test_days_before_the_first_row_are_not_taken_for_days_without_calls() -> None:
    found = usual(report({1: (100, 60), 2: (100, 60), 3: (100, 60)}))
    assert found is not None
    assert found.calls_per_day == pytest.approx(100)


def test_a_holiday_s_ratio_is_left_out() -> None:
    usual_days = dict.fromkeys(range(1, 8), (1000, 600))
    quiet = {8: (199, 1), 9: (199, 1), 10: (199, 1), 11: (199, 1), 12: (199, 1), 13: (199, 1)}
    found = usual(report({**usual_days, **quiet}))
    assert found is not None
    assert found.answer_ratio == pytest.approx(0.6)


def test_with_few_calls_a_day_there_is_no_usual_ratio() -> None:
    found = usual(report(dict.fromkeys(range(1, 8), (MIN_CALLS - 1, 10))))
    assert found is not None
    assert found.answer_ratio is None
    assert found.calls_per_day == pytest.approx(MIN_CALLS - 1)


def test_with_few_days_nothing_is_usual() -> None:
    assert usual(report(dict.fromkeys(range(MIN_DAYS), (100, 60)))) is None
    assert usual(report(dict.fromkeys(range(MIN_DAYS + 1), (100, 60)))) is not None


def test_an_answer_without_rows_or_without_a_window_has_no_baseline() -> None:
    assert baselines(Report()) == {}
    assert baselines(Report(window=Window(first=TODAY, last=TODAY), days=())) == {}
    assert baselines(Report(days=report({1: (100, 60)}).days)) == {}


def test_rows_of_days_to_come_do_no_harm() -> None:
    assert usual(report({-3: (100, 60)})) is None
