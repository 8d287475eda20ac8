"""Silence, and traffic far below usual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exporter.detect.detector import Detector
from exporter.detect.observations import Counts, Thresholds
from tests.detect.partner import DAY, Partner, prepared_once, usual_history


def score(detector: Detector) -> float | None:
    return detector.judgements.directions["inbound"].traffic_drop_score


@prepared_once
def after_a_week(interval: float, calls_per_hour: int) -> Partner:
    partner = Partner(interval=interval, calls_per_hour=calls_per_hour)
    partner.detector.learn(usual_history())
    partner.run(hours=7 * 24 + 10)
    return partner


@pytest.mark.parametrize("interval", [300.0, 900.0, 3600.0])
def test_silence_of_half_an_hour_pages_and_ends_with_the_first_calls(interval: float) -> None:
    partner = after_a_week(interval, 100)
    assert score(partner.detector) == 0 or (score(partner.detector) or 0) < 0.5
    partner.calls_per_hour = 0
    silent = [score(detector) for detector in partner.go(hours=max(0.75, 2 * interval / 3600))]
    assert max(value for value in silent if value is not None) > 1
    partner.calls_per_hour = 100
    partner.run(hours=max(0.5, interval / 3600))
    assert (score(partner.detector) or 0) < 1


@pytest.mark.parametrize("calls_per_hour", [60, 65, 80, 100])
def test_silence_of_hours_pages_once(calls_per_hour: int) -> None:
    partner = after_a_week(300.0, calls_per_hour)
    partner.calls_per_hour = 0
    pages = [(score(detector) or 0) > 1 for detector in partner.go(hours=8)]
    assert pages == sorted(pages)
    assert pages[12]


def test_once_a_silence_is_over_the_next_one_pages_only_where_the_minimum_is_usual() -> None:
    partner = after_a_week(300.0, 80)
    partner.calls_per_hour = 0
    assert max(score(detector) or 0 for detector in partner.go(hours=1)) > 1
    partner.calls_per_hour = 80
    partner.run(hours=1)
    partner.detector.thresholds = Thresholds(no_traffic_minimum_calls=60)
    partner.calls_per_hour = 0
    assert max(score(detector) or 0 for detector in partner.go(hours=1)) < 1


def test_silence_pages_while_it_is_unknown_how_many_calls_are_answered() -> None:
    partner = after_a_week(300.0, 100)
    partner.calls_per_hour = 0
    for _ in range(9):
        silence = Counts(answered_known=False)
        partner.detector.observe(replace(partner.poll(), directions={"inbound": silence, "outbound": silence}))
    assert (score(partner.detector) or 0) > 1


def test_an_hour_far_below_usual_warns_and_does_not_page() -> None:
    partner = after_a_week(300.0, 100)
    partner.calls_per_hour = 8
    scores = [score(detector) or 0 for detector in partner.go(hours=2)]
    assert 0.5 < max(scores) < 1


def test_at_go_live_silence_is_unknown() -> None:
    partner = Partner(interval=300.0)
    partner.run(hours=30)
    partner.calls_per_hour = 0
    assert {score(detector) for detector in partner.go(hours=3)} == {None}


def test_silence_on_a_weekday_that_is_always_quiet_does_not_page() -> None:
    days = [day if day.weekday != 5 else type(day)(weekday=5) for day in usual_history().directions["inbound"]]
    partner = Partner(interval=300.0)
    partner.detector.learn(type(usual_history())(directions={"inbound": days, "outbound": days}))
    partner.run(hours=5 * 24)
    partner.calls_per_hour = 0
    assert max((score(detector) or 0) for detector in partner.go(hours=24)) < 0.5


def test_silence_pages_in_the_hour_in_which_the_server_has_its_midnight() -> None:
    partner = Partner(interval=300.0)
    partner.detector.learn(usual_history())

    def poll() -> None:
        partner.detector.observe(replace(partner.poll(), weekday=int((partner.at + 5.5 * 3600) // DAY + 3) % 7))

    for _ in range((4 * 24 + 18) * 12):  # 18:30 UTC is midnight in India
        poll()
    partner.calls_per_hour = 0
    for _ in range(11):
        poll()
    assert (score(partner.detector) or 0) > 1


def test_a_gap_in_the_polls_is_not_silence() -> None:
    partner = after_a_week(300.0, 100)
    partner.detector.observe(partner.poll(6 * 3600))
    assert not score(partner.detector)
