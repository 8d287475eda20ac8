"""Where the benchmark for many partners could mislead: what it calls late, and who hangs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bench.scale.fleet import auth_ids, off_the_grid


def test_a_poll_is_as_late_as_it_is_off_the_grid_that_the_first_began() -> None:
    assert list(off_the_grid([100.0, 160.5, 219.0, 280.0], 60.0, since=0.0)) == pytest.approx([0.5, -1.0, 0.0])


def test_a_missing_poll_stays_late() -> None:
    assert list(off_the_grid([100.0, 160.0, 340.0], 60.0, since=0.0)) == [0.0, 0.0, float("inf"), float("inf")]


def test_what_came_before_the_measurement_does_not_count() -> None:
    assert list(off_the_grid([100.0, 170.0, 220.0], 60.0, since=200.0)) == [0.0]


def test_partners_that_hang_are_spread_among_the_others() -> None:
    hanging = [number for number, auth_id in enumerate(auth_ids(1000, 50).values()) if auth_id.startswith("PA_HANG")]
    assert len(hanging) == 50
    assert {after - before for before, after in pairwise(hanging)} == {20}
