"""State is plain data: the scores are the same when it is saved and read again at any poll."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce
from operator import getitem

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.detect.detector import Detector
from exporter.detect.judgements import Judgements
from exporter.detect.observations import Counts, Increments
from tests.detect.partner import START, Partner, usual_history
from tests.rig.examples import examples

AMOUNTS = st.floats(0, 1e12)


def busy_partner() -> Partner:
    partner = Partner(interval=900.0)
    partner.detector.learn(usual_history())
    partner.run(hours=30)
    return partner


BUSY = busy_partner().detector.dump()


@examples(20)
@given(st.lists(st.integers(0, 40), max_size=4), st.sampled_from([0.0, 0.3, 0.6]))
def test_the_scores_are_the_same_when_state_is_saved_and_read_at_any_poll(at: list[int], ratio: float) -> None:
    one, other = Partner(interval=300.0), Partner(interval=300.0)
    for partner in (one, other):
        partner.detector.learn(usual_history())
    for poll in range(41):
        if poll == 20:
            one.ratio = other.ratio = ratio
        if poll in at:
            other.detector = Detector(other.detector.dump(), interval=300.0)
            other.detector.learn(usual_history())
        one.detector.observe(one.poll())
        other.detector.observe(other.poll())
        assert one.detector.judgements == other.detector.judgements


@pytest.mark.parametrize("saved", [b"", b"\xff", b"7", b"[]", b'{"directions": 7}', BUSY[:-1], b"[" + BUSY[1:]])
def test_data_that_no_detector_has_saved_is_refused(saved: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Detector(saved)


@pytest.mark.parametrize("sizes", [[], [{}] * 3, [{}] * 5])
def test_another_number_of_sizes_is_refused(sizes: list[object]) -> None:
    saved = json.loads(BUSY)
    saved["directions"]["inbound"]["sizes"] = sizes
    with pytest.raises(ValueError, match="sizes"):
        Detector(json.dumps(saved).encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("directions.inbound.profile.hour", 24),
        ("directions.inbound.profile.rates", [0.6] * 23),
        ("directions.inbound.profile.rates", [0.6] * 23 + [1.0]),
        ("directions.inbound.level.variance", -1.0),
        ("directions.inbound.volume.busy", 0.0),
        ("directions.inbound.polled", 1e11),
        ("products.voice_api.weekdays", [0.0] * 6),
        ("products.voice_api.clumping.surplus", -1e300),
        ("traffic.inbound.week.hours", []),
        ("traffic.inbound.week.weekday", 7),
        ("minutes.quarter", -1.0),
        ("spend.INR.day", None),
    ],
)
def test_a_number_that_no_detector_has_saved_is_refused(path: str, value: object) -> None:
    saved = json.loads(BUSY)
    *parents, name = path.split(".")
    reduce(getitem, parents, saved)[name] = value
    with pytest.raises(ValueError, match=name):
        Detector(json.dumps(saved).encode())


def test_a_release_reads_what_one_saved_that_did_not_know_all_of_it() -> None:
    saved = json.loads(BUSY)
    del saved["spend"], saved["traffic"]["outbound"], saved["traffic"]["inbound"]["nats"]
    saved["later"] = 1
    detector = Detector(json.dumps(saved).encode(), interval=300.0)
    poll = Partner(interval=300.0, at=START + 30 * 3600).poll()
    detector.observe(replace(poll, directions={"inbound": poll.directions["inbound"]}))
    assert detector.judgements.directions["inbound"].answer_rate.score is not None


@examples(60)
@given(
    st.lists(
        st.builds(
            Increments,
            timestamp=st.floats(0, 1e10),
            weekday=st.integers(0, 6),
            minute_of_day=st.floats(0, 1440),
            directions=st.dictionaries(
                st.sampled_from(["inbound", "outbound", ""]),
                st.builds(Counts, calls=AMOUNTS, answered=AMOUNTS, seconds=AMOUNTS, answered_known=st.booleans()),
            ),
            products=st.dictionaries(st.text(max_size=2), st.builds(Counts, calls=AMOUNTS, answered=AMOUNTS)),
            cost=st.dictionaries(st.text(max_size=3), AMOUNTS),
        ),
        max_size=12,
    )
)
def test_polls_at_any_time_and_of_any_size_raise_nothing_and_can_be_saved(polls: list[Increments]) -> None:
    detector = Detector(BUSY, interval=300.0)
    for increments in polls:
        detector.observe(increments)
    assert isinstance(detector.judgements, Judgements)
    assert Detector(detector.dump()).dump() == detector.dump()


def test_a_lane_is_below_four_kibibytes() -> None:
    for lanes in json.loads(BUSY).values():
        for lane in lanes.values():
            assert len(json.dumps(lane, separators=(",", ":"))) < 4096
