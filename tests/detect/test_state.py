"""State is plain data: it survives JSON at any poll, and whatever is wrong with it costs its own lane alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exporter.detect import Counts, Detector, Increments, Judgements
from tests.detect.partner import START, Partner, usual_history
from tests.rig.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)
NUMBERS = st.floats() | st.sampled_from([0.0, -1.0, 1e300])


def busy_partner() -> Partner:
    partner = Partner(interval=300.0)
    partner.detector.learn(usual_history())
    partner.run(hours=30)
    return partner


BUSY = busy_partner().detector.dump()


@examples(20)
@given(st.lists(st.integers(0, 40), max_size=4), st.sampled_from([0.0, 0.3, 0.6]))
def test_the_scores_are_the_same_when_state_goes_through_json_at_any_poll(at: list[int], ratio: float) -> None:
    one, other = Partner(interval=300.0), Partner(interval=300.0)
    for partner in (one, other):
        partner.detector.learn(usual_history())
    for poll in range(41):
        if poll == 20:
            one.ratio = other.ratio = ratio
        if poll in at:
            saved = json.loads(json.dumps(other.detector.dump()))
            other.detector = Detector(interval=300.0)
            assert other.detector.load(saved) == ()
            other.detector.learn(usual_history())
        one.detector.observe(one.poll())
        other.detector.observe(other.poll())
        assert one.detector.judgements == other.detector.judgements


@examples(30)
@given(JSON)
def test_saved_data_of_any_kind_starts_again_and_raises_nothing(saved: Any) -> None:
    detector = Detector()
    assert detector.load(saved)
    partner = Partner()
    detector.observe(partner.poll())
    assert set(detector.judgements.directions) == {"inbound", "outbound"}


@examples(80)
@given(st.data(), JSON)
def test_a_lane_with_a_damaged_value_starts_again_or_goes_on_within_its_ranges(data: st.DataObject, value: Any) -> None:
    saved = json.loads(json.dumps(BUSY))
    place: Any = saved
    for _ in range(data.draw(st.integers(1, 6))):
        if not isinstance(place, dict | list) or not place:
            break
        holder, key = place, data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        place = holder[key]
    holder[key] = value
    detector = Detector(interval=300.0)
    detector.load(saved)
    partner = Partner(interval=300.0, at=START + 30 * 3600)
    for _ in range(15):
        detector.observe(partner.poll())


def test_damage_costs_its_own_lane_alone() -> None:
    saved = json.loads(json.dumps(BUSY))
    saved["directions"]["inbound"]["level"]["wander"] = -1.0
    detector = Detector()
    assert detector.load(saved) == ("directions/inbound",)
    assert detector.dump()["directions"]["outbound"] == BUSY["directions"]["outbound"]


def test_a_damaged_lane_of_silence_starts_again_while_its_direction_is_not_read() -> None:
    saved = json.loads(json.dumps(BUSY))
    saved["traffic"]["inbound"] = None
    detector = Detector()
    assert detector.load(saved) == ("traffic/inbound",)
    polled = Partner(at=START + 31 * 3600).poll()
    detector.observe(replace(polled, directions={"outbound": polled.directions["outbound"]}))
    assert detector.judgements.directions["inbound"].traffic_drop_score is None


@examples(60)
@given(
    st.lists(
        st.builds(
            Increments,
            timestamp=st.floats(0, 1e10) | NUMBERS,
            weekday=st.integers(),
            minute_of_day=st.floats(0, 1440) | NUMBERS,
            directions=st.dictionaries(
                st.sampled_from(["inbound", "outbound", ""]),
                st.builds(Counts, calls=NUMBERS, answered=NUMBERS, seconds=NUMBERS),
            ),
            products=st.dictionaries(st.text(max_size=2), st.builds(Counts, calls=NUMBERS, answered=NUMBERS)),
            cost=st.dictionaries(st.text(max_size=3), NUMBERS),
        ),
        max_size=12,
    )
)
def test_odd_input_raises_nothing_and_can_still_be_saved(polls: list[Increments]) -> None:
    detector = Detector(interval=300.0)
    detector.load(BUSY)
    for increments in polls:
        detector.observe(increments)
    assert isinstance(detector.judgements, Judgements)
    assert Detector().load(json.loads(json.dumps(detector.dump(), allow_nan=False))) == ()


def test_a_lane_is_below_four_kibibytes() -> None:
    for lanes in BUSY.values():
        for lane in lanes.values():
            assert len(json.dumps(lane, separators=(",", ":"))) < 4096
