"""What could mislead in the detection benchmark: when an alert fires, what counts as a page, and the intervals."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench.detection.bound import bound_in_calls
from bench.detection.figures import delays, poisson_90, rate, wilson_90
from bench.detection.firing import exposed_seconds, firing_times, pages, seconds
from bench.detection.plan import Rule, load, plan, reads
from tests.rig.tools import tool

MINUTE = 60.0


def every_minute(first: int, last: int) -> list[float]:
    return [MINUTE * minute for minute in range(first, last + 1)]


def test_a_duration_of_prometheus_is_read_as_seconds() -> None:
    assert seconds("1h30m") == 5400
    assert seconds("1500ms") == 1.5
    assert seconds(None) == 0


def test_without_for_an_alert_fires_whenever_its_expression_is_true() -> None:
    assert firing_times(every_minute(5, 7), hold=0, keep=0) == {300, 360, 420}


def test_for_counts_from_the_first_evaluation_that_is_true() -> None:
    assert firing_times(every_minute(5, 9), hold=120, keep=0) == {420, 480, 540}


def test_a_gap_starts_for_again() -> None:
    times = every_minute(5, 6) + every_minute(8, 10)
    assert firing_times(times, hold=120, keep=0) == {600}


def test_keep_firing_for_goes_on_after_the_expression_is_false() -> None:
    assert firing_times(every_minute(5, 5), hold=0, keep=120) == {300, 360, 420}


def test_what_comes_back_while_it_is_kept_firing_needs_no_new_for() -> None:
    times = every_minute(5, 7) + every_minute(9, 9)
    assert firing_times(times, hold=120, keep=60) == {420, 480, 540, 600}


def test_an_alert_that_never_fired_is_not_kept_firing() -> None:
    assert firing_times(every_minute(5, 6), hold=120, keep=600) == set()


def test_a_firing_is_a_new_page_only_after_a_quarter_of_an_hour_without_one() -> None:
    fires = every_minute(0, 5) + every_minute(20, 21) + every_minute(37, 38)
    assert pages(fires, 0, 1e6) == [0, 2220]


def test_a_firing_that_goes_on_out_of_a_pause_is_not_a_new_page() -> None:
    assert pages(every_minute(5, 30), 0, 1e6, [(0, 600)]) == []
    assert pages(every_minute(60, 61), 0, 1e6, [(0, 600)]) == [3600]


def test_exposure_leaves_out_pauses_once_even_where_they_overlap() -> None:
    assert exposed_seconds(0, 1000, []) == 1000
    assert exposed_seconds(0, 1000, [(100, 300), (200, 400)]) == 700
    assert exposed_seconds(0, 1000, [(-50, 100), (900, 2000)]) == 800


def test_the_interval_of_a_count_is_garwoods() -> None:
    # From tables of the chi-squared distribution: half its 5 % and 95 % points.
    assert poisson_90(0) == pytest.approx((0, 2.996), abs=1e-3)
    assert poisson_90(1) == pytest.approx((0.0513, 4.744), abs=1e-3)
    assert poisson_90(10) == pytest.approx((5.425, 16.962), abs=1e-3)


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = wilson_90(0, 10)
    assert low == 0
    assert high == pytest.approx(1.645**2 / (10 + 1.645**2))
    assert wilson_90(5, 10)[0] == pytest.approx(1 - wilson_90(5, 10)[1])


def test_a_rate_is_per_thirty_days() -> None:
    found = rate(2, 120)
    assert found.per_30_days == 0.5
    assert found.low < 0.5 < found.high


def test_missed_drops_count_as_infinitely_late() -> None:
    found = delays([5, math.inf, 3])
    assert (found.median, found.p90) == (5, math.inf)
    assert found.missed == pytest.approx(1 / 3)


def test_what_an_expression_reads_and_how_far_back() -> None:
    names = {"vobiz:a", "vobiz:b", "vobiz:c"}
    expr = 'vobiz:a{x="y"} + max_over_time(vobiz:b[7d:15m] offset 1h) # vobiz:c'
    assert reads(expr, names) == {"vobiz:a": 0, "vobiz:b": 7 * 86400 + 3600}


def test_rules_are_evaluated_after_what_they_read_and_only_if_an_alert_needs_them() -> None:
    first = Rule(record="vobiz:first", expr="vobiz_calls_total")
    second = Rule(record="vobiz:second", expr="vobiz:first offset 1h")
    unread = Rule(record="vobiz:unread", expr="vobiz_cost_total")
    alert = Rule(alert="A", expr="vobiz:second > 1")
    found = plan([second, unread, first, alert], [alert])
    assert found.levels == [[(first, 7200 + 3600)], [(second, 7200)]]
    assert found.metrics == {"vobiz_calls_total"}


def test_rules_that_read_each_other_in_a_circle_are_refused() -> None:
    one = Rule(record="vobiz:one", expr="vobiz:two")
    two = Rule(record="vobiz:two", expr="vobiz:one")
    with pytest.raises(ValueError, match="circle"):
        plan([one, two], [Rule(alert="A", expr="vobiz:one > 1")])


def test_the_naive_rules_load_and_a_broken_file_is_refused(tmp_path: Path) -> None:
    tool("promtool")
    naive = Path(__file__).parent.parent / "bench" / "detection" / "naive.yml"
    assert {rule.alert for rule in load([naive])} >= {"NaiveFixed15m", "NaiveZ5"}
    broken = tmp_path / "broken.yml"
    broken.write_text("groups: [{name: g, rules: [{record: r, expr: 'sum('}]}]")
    with pytest.raises(ValueError, match="promtool refuses"):
        load([broken])


def test_the_bound_is_lordens() -> None:
    # ln(720,000) nats, and a total loss gives ln(1 / (1 - 0.6)) for every call.
    assert bound_in_calls(1000, 0.6, 1.0) == pytest.approx(math.log(720_000) / math.log(2.5))
