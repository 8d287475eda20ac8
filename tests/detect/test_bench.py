"""What could mislead in the detection benchmark: when an alert fires, what is a page, what the worlds are like."""

from __future__ import annotations

from typing import Any

import pytest

np: Any = pytest.importorskip("numpy", reason="the bench extra")

from bench.detection.figures import delays, poisson_90, rate, wilson_90  # noqa: E402
from bench.detection.rules import detector, scores  # noqa: E402
from bench.detection.verdict import firing, judge, new_pages, seen_each_minute  # noqa: E402
from bench.detection.worlds import WORLDS, simulate_lane  # noqa: E402


def when(*true: int) -> Any:
    values = np.zeros(60, bool)
    values[list(true)] = True
    return values


def test_without_for_an_alert_fires_whenever_its_expression_is_true() -> None:
    assert np.flatnonzero(firing(when(5, 6, 7))).tolist() == [5, 6, 7]


def test_for_counts_from_the_first_evaluation_that_is_true_and_a_gap_starts_it_again() -> None:
    assert np.flatnonzero(firing(when(5, 6, 8, 9, 10, 11), hold=2)).tolist() == [10, 11]


def test_keep_firing_for_goes_on_after_the_expression_is_false() -> None:
    assert np.flatnonzero(firing(when(5), keep=2)).tolist() == [5, 6, 7]


def test_a_firing_is_a_new_page_only_after_a_quarter_of_an_hour_without_one() -> None:
    assert new_pages(firing(when(0, 1, 10, 40))).tolist() == [0, 40]


def test_a_score_is_seen_by_the_evaluation_of_the_minute_after_its_poll() -> None:
    lane = simulate_lane(7001, 100, 0.6, "base")
    seen = seen_each_minute(lane, lane.times)
    assert seen[int(lane.times[10]) + 1] == lane.times[10]


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_every_world_has_the_volume_and_rate_that_it_claims_and_loses_no_call(world: str) -> None:
    lane = simulate_lane(7000, 100, 0.6, world)
    days = lane.end / 1440
    calls = lane.booked.calls.sum() / days / 24
    assert np.all(np.diff(lane.times) > 0)
    assert np.all(lane.booked.answered <= lane.booked.calls)
    if not WORLDS[world].one_day:
        assert 60 < calls < (220 if world in ("double", "campaign") else 140)
    assert lane.before[:, 1].sum() / lane.before[:, 0].sum() == pytest.approx(0.6, abs=0.05)


def test_the_same_seed_is_the_same_lane() -> None:
    one, other = simulate_lane(7001, 100, 0.6, "base"), simulate_lane(7001, 100, 0.6, "base")
    assert np.array_equal(one.booked.calls, other.booked.calls)
    assert one.drops == other.drops


def test_a_total_loss_is_found_in_its_lane_and_an_even_seed_has_none() -> None:
    lane = simulate_lane(7001, 1000, 0.6, "base")
    verdict = judge("base", lane, detector(lane, "base"))
    total = [found for found in verdict.detections if found.event.depth == 1.0]
    assert total
    assert all(found.delay < 60 for found in total)
    assert not simulate_lane(7000, 1000, 0.6, "base").drops


def test_nothing_pages_that_never_scores() -> None:
    lane = simulate_lane(7000, 20, 0.6, "calm")
    assert len(scores(lane, "calm")) == len(lane.times)


def test_intervals_of_counts_and_shares() -> None:
    assert poisson_90(0) == pytest.approx((0.0, 2.996), abs=0.01)
    assert poisson_90(10) == pytest.approx((5.43, 16.96), abs=0.01)
    assert wilson_90(0, 100) == pytest.approx((0.0, 0.0263), abs=0.001)
    assert rate(3, 90).per_30_days == 1
    assert delays([1, 2, 3, float("inf")]).missed == 0.25
