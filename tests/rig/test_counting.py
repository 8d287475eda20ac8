"""The counters of an exposition beside the truth, and beside what they were."""

from __future__ import annotations

from decimal import Decimal

from tests.rig.counting import backward, shown_counters, true_counters

TALLY = {"calls": 7, "answered_calls": 5, "seconds": 66, "cost": "3.25"}
TALLIES = {
    "cost": "6.50",
    "by_direction": {"inbound": TALLY, "outbound": TALLY},
    "by_product": {"sip_trunking": TALLY, "voice_api": TALLY},
}
TRUTH = {"currency": "INR", **TALLIES, "withdrawn": TALLIES}
PAGE = """\
# TYPE vobiz_calls_total counter
vobiz_calls_total{direction="inbound",partner="acme"} 7.0
# TYPE vobiz_cost_total counter
vobiz_cost_total{currency="INR",partner="acme"} 6.5
# TYPE vobiz_product_cost_total counter
vobiz_product_cost_total{currency="INR",partner="acme",product="voice_api"} 3.25
# TYPE vobiz_product_cost_taken_back gauge
vobiz_product_cost_taken_back{currency="INR",partner="acme",product="voice_api"} 3.25
# TYPE vobiz_corrections_total counter
vobiz_corrections_total{partner="acme"} 2.0
"""


def test_every_counter_of_the_page_has_its_truth() -> None:
    truth = true_counters(TRUTH)
    assert len(truth) == 2 * (1 + 2 * 3 + 2 * 4)
    shown = shown_counters(PAGE)
    assert len(shown) == 4
    assert all(truth[series] == value for series, value in shown.items())


def test_a_counter_that_went_back_or_vanished_is_found() -> None:
    before = shown_counters(PAGE)
    assert backward(before, before) == []
    assert backward({}, before) == []
    lower = {**before, ("vobiz_calls_total", "direction", "inbound"): Decimal(6)}
    assert backward(before, lower) == [("vobiz_calls_total", "direction", "inbound")]
    assert backward(before, {}) == list(before)[:3]
