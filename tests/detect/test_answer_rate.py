"""A drop of the answer rate: when it is found, when it is over, and what is no evidence of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from exporter.detect.detector import Detector
from exporter.detect.judgements import Verdict
from exporter.detect.observations import Counts, History
from tests.detect.partner import DAY, Partner, prepared_once, usual_history

YEARS = 3640 * DAY


def with_history(**of: float) -> Partner:
    partner = Partner(**of)  # type: ignore[arg-type]
    partner.detector.learn(usual_history())
    return partner


@prepared_once
def after_six_hours(seed: int = 1) -> Partner:
    partner = with_history(seed=seed)
    partner.run(hours=6)
    return partner


def test_without_days_there_is_no_score_and_no_verdict() -> None:
    partner = Partner(interval=300.0)
    partner.run(hours=24)
    rate = partner.detector.judgements.directions["inbound"].answer_rate
    assert (rate.verdict, rate.score, rate.expected_ratio) == (Verdict.UNKNOWN, None, None)


def test_two_calm_weeks_do_not_page() -> None:
    partner = with_history(interval=300.0)
    assert max(partner.run(hours=14 * 24)) < 1


@pytest.mark.parametrize("seed", range(3))
def test_a_total_loss_pages_within_half_an_hour_and_says_since_when(seed: int) -> None:
    partner = after_six_hours(seed)
    partner.ratio, began = 0.0, partner.at
    scores = partner.run(hours=0.5)
    rate = partner.detector.judgements.directions["inbound"].answer_rate
    assert max(scores) > 1
    assert rate.verdict is Verdict.DROPPED
    assert rate.since is not None
    assert abs(rate.since - began) < 600
    assert rate.answered < 0.2 * rate.calls
    assert rate.expected_ratio == pytest.approx(0.6, abs=0.1)


def test_a_page_ends_when_calls_are_answered_again() -> None:
    partner = after_six_hours()
    partner.ratio = 0.0
    partner.run(hours=2)
    partner.ratio = 0.6
    assert max(partner.run(hours=1)[-20:]) < 1


@pytest.mark.parametrize("seed", [1, 2])
def test_the_late_answers_of_a_flood_do_not_raise_what_is_usual(seed: int) -> None:
    partner = Partner(seed=seed, calls_per_hour=3000.0)
    partner.detector.learn(usual_history(calls=72_000))
    partner.run(hours=6)
    # Failures are booked at once, answers when the call ends: long calls show as a low rate, and then as a high one.
    partner.calls_per_hour, partner.ratio = 24_000.0, 0.35
    partner.run(hours=0.1)
    partner.calls_per_hour, partner.ratio = 12_000.0, 0.95
    partner.run(hours=0.2)
    partner.calls_per_hour, partner.ratio = 3000.0, 0.6
    assert max(partner.run(hours=1.5)[15:]) < 1


def test_where_too_few_calls_come_it_is_not_called_usual() -> None:
    partner = Partner(calls_per_hour=3)
    partner.detector.learn(usual_history(calls=72))
    partner.run(hours=6)
    assert partner.detector.judgements.directions["inbound"].answer_rate.verdict is Verdict.TOO_FEW_CALLS


def test_what_a_long_gap_brought_is_no_evidence() -> None:
    partner = after_six_hours()
    partner.ratio = 0.0
    partner.detector.observe(partner.poll(3600 * 3))
    partner.ratio = 0.6
    assert max(partner.run(hours=1)) < 1


def test_a_drop_goes_on_over_a_restart_of_hours() -> None:
    partner = after_six_hours()
    partner.ratio = 0.0
    partner.run(hours=1)
    partner.detector = Detector(partner.detector.dump(), interval=60.0)
    partner.detector.observe(partner.poll(3 * 3600))
    assert partner.detector.judgements.directions["inbound"].answer_rate.verdict is Verdict.DROPPED


def test_a_restart_of_days_neither_pages_nor_forgets() -> None:
    partner = with_history(interval=300.0)
    partner.run(hours=48)
    partner.detector = Detector(partner.detector.dump(), interval=300.0)
    partner.detector.observe(partner.poll(3 * 86400))
    rate = partner.detector.judgements.directions["inbound"].answer_rate
    assert rate.verdict is Verdict.USUAL
    assert rate.expected_ratio == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("interval", [15.0, 60.0, 300.0, 900.0, 3600.0])
def test_a_total_loss_is_found_and_calm_is_calm_at_every_poll_interval(interval: float) -> None:
    partner = with_history(interval=interval)
    assert max(partner.run(hours=min(24, interval / 2))) < 1
    partner.ratio = 0.0
    scores = partner.run(hours=max(0.5, 2 * interval / 3600))
    assert max(scores) > 1


def test_a_dead_product_pages_where_no_direction_does() -> None:
    partner = after_six_hours()
    partner.product_ratios["voice_api"] = 0.0
    scores = partner.run(hours=1)
    products = partner.detector.judgements.products
    assert max(scores) < 1
    assert products["voice_api"].verdict is Verdict.DROPPED
    assert products["sip_trunking"].verdict is not Verdict.DROPPED


def test_a_product_is_judged_after_some_two_hundred_calls() -> None:
    partner = Partner()
    partner.detector.learn(usual_history())
    partner.run(hours=1)
    assert partner.detector.judgements.products["voice_api"].verdict is Verdict.UNKNOWN
    partner.run(hours=2)
    assert partner.detector.judgements.products["voice_api"].verdict is not Verdict.UNKNOWN


def test_what_a_person_calls_usual_no_longer_pages() -> None:
    partner = after_six_hours()
    partner.ratio = 0.2
    partner.run(hours=8)
    for name in ("inbound", "outbound"):
        assert partner.detector.accept_usual(name)
    assert max(partner.run(hours=6)) < 1
    assert not partner.detector.accept_usual("elsewhere")


def test_a_change_for_good_is_accepted_after_a_day() -> None:
    partner = with_history(interval=300.0)
    partner.run(hours=6)
    partner.ratio = 0.4
    partner.run(hours=36)
    assert max(partner.run(hours=48)) < 1


@pytest.mark.parametrize("with_calls", [0, 2])
def test_a_dialler_that_works_two_days_a_month_is_not_compared(with_calls: int) -> None:
    partner = Partner(interval=900.0, ratio=0.6)
    partner.detector.learn(usual_history(with_calls=with_calls))
    partner.run(hours=80)
    partner.ratio = 0.1
    assert max(partner.run(hours=24)) == 0
    assert {rate.score for rate in partner.detector.judgements.products.values()} == {None}


def test_the_first_days_after_an_idle_month_are_not_compared() -> None:
    partner = with_history(interval=300.0)
    partner.run(hours=24)
    assert None not in {rate.score for rate in partner.detector.judgements.products.values()}
    partner.detector.learn(usual_history(with_calls=0))
    partner.ratio = 0.1
    assert max(partner.run(hours=24)) == 0
    assert {rate.score for rate in partner.detector.judgements.products.values()} == {None}


def test_without_any_days_of_the_api_a_direction_is_judged_after_three_of_its_own() -> None:
    partner = Partner(interval=300.0)
    partner.detector.learn(History())
    partner.run(hours=71)
    assert partner.detector.judgements.directions["inbound"].answer_rate.score is None
    partner.run(hours=2)
    assert partner.detector.judgements.directions["inbound"].answer_rate.score is not None


def test_a_clock_that_is_set_back_raises_nothing_and_forgets_nothing() -> None:
    partner = after_six_hours()
    partner.ratio = 0.0
    partner.run(hours=1)
    partner.at -= 7200
    partner.run(hours=0.2)
    assert partner.detector.judgements.directions["inbound"].answer_rate.verdict is Verdict.DROPPED


def test_after_a_clock_that_was_years_ahead_learning_goes_on() -> None:
    def learned() -> object:
        return json.loads(partner.detector.dump())["directions"]["inbound"]["clumping"]["excess"]

    partner = with_history(interval=300.0)
    partner.at += YEARS
    partner.run(hours=2)
    partner.at -= YEARS
    partner.run(hours=1)
    before = learned()
    partner.run(hours=2)
    assert learned() != before


def test_after_a_clock_that_was_years_ahead_at_go_live_three_days_are_enough() -> None:
    partner = Partner(interval=900.0)
    partner.at += YEARS
    partner.run(hours=2)
    partner.at -= YEARS
    partner.run(hours=73)
    assert partner.detector.judgements.directions["inbound"].answer_rate.score is not None


def test_a_burst_of_redials_in_one_poll_does_not_page() -> None:
    partner = after_six_hours()
    burst = Counts(calls=60, answered=1, seconds=150)
    partner.detector.observe(replace(partner.poll(), directions={"inbound": burst, "outbound": burst}))
    rate = partner.detector.judgements.directions["inbound"].answer_rate
    assert rate.verdict is not Verdict.DROPPED
