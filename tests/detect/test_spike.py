"""Spend and outbound minutes as toll fraud makes them, and what only looks like it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from exporter.detect.detector import Detector
from exporter.detect.observations import Counts
from exporter.detect.spike import Spike
from tests.detect.partner import Partner, prepared_once, usual_history


@prepared_once
def after_days(days: int = 5) -> Partner:
    partner = Partner(interval=300.0)
    partner.detector.learn(usual_history())
    partner.run(hours=24 * days + 12)
    return partner


@prepared_once
def by_night(days: int = 5) -> Partner:
    """At one in the morning of a partner whose nights have a tenth of the calls."""
    partner = Partner(interval=300.0)
    partner.detector.learn(usual_history())
    for hour in range(24 * days + 1):
        partner.calls_per_hour = 300 if 8 <= hour % 24 < 20 else 30
        partner.run(hours=1)
    return partner


def spend(detectors: Iterable[Detector]) -> list[float | None]:
    return [detector.judgements.currencies["INR"].spend_spike_score for detector in detectors]


def minutes(detectors: Iterable[Detector]) -> list[float | None]:
    return [detector.judgements.directions["outbound"].minutes_spike_score for detector in detectors]


def spend_and_minutes(detectors: Iterable[Detector]) -> list[float]:
    """The scores of both at each poll, 0 where there is none."""
    return [value or 0 for detector in detectors for value in (*spend([detector]), *minutes([detector]))]


def test_expensive_destinations_page() -> None:
    partner = after_days()
    partner.price = 20.0
    assert max(value or 0 for value in spend(partner.go(hours=0.5))) > 1


def test_a_flood_of_calls_far_above_the_week_pages_for_minutes() -> None:
    partner = after_days()
    partner.calls_per_hour = 3000
    assert max(value or 0 for value in minutes(partner.go(hours=0.7))) > 1


def test_a_campaign_of_eight_times_the_calls_does_not() -> None:
    partner = after_days()
    partner.calls_per_hour = 800
    assert max(spend_and_minutes(partner.go(hours=2))) < 1


def test_at_go_live_nothing_is_compared() -> None:
    partner = Partner(interval=300.0, calls_per_hour=1000)
    partner.detector.learn(usual_history(with_calls=0))
    partner.price = 50.0
    assert set(spend(partner.go(hours=30))) == {None}


def test_calls_that_begin_within_an_idle_month_are_not_compared_with_the_test_calls_before_them() -> None:
    partner = Partner(interval=300.0, calls_per_hour=0)
    partner.detector.learn(usual_history(with_calls=0))
    partner.run(hours=4 * 24 + 13)
    partner.calls_per_hour = 2
    partner.run(hours=1)
    partner.calls_per_hour = 300
    assert set(spend(partner.go(hours=30))) == {None}


def test_without_any_days_of_the_api_spend_is_compared_after_three_days_of_its_own() -> None:
    partner = Partner(interval=300.0)
    partner.run(hours=3 * 24 + 12)
    partner.calls_per_hour = 3000
    assert max(spend_and_minutes(partner.go(hours=0.7))) > 1


def test_what_a_gap_of_hours_brought_is_averaged_over_it() -> None:
    partner = after_days()
    partner.detector.observe(partner.poll(8 * 3600))
    assert (partner.detector.judgements.currencies["INR"].spend_spike_score or 0) < 1


def test_a_calm_week_does_not_page() -> None:
    partner = after_days(1)
    assert max(value or 0 for value in spend(partner.go(hours=7 * 24))) < 1


def test_expensive_calls_by_night_page_though_an_hour_of_the_day_costs_more() -> None:
    partner = by_night()
    partner.calls_per_hour, partner.price = 100, 4.0
    scores = spend(partner.go(hours=1))
    assert max(value or 0 for value in scores) > 1
    assert partner.calls_per_hour * partner.price < 2 * 300


def test_long_calls_by_night_page_for_minutes() -> None:
    partner = by_night()
    partner.calls_per_hour, partner.seconds = 100, 600.0
    assert max(value or 0 for value in minutes(partner.go(hours=1))) > 1


def test_a_campaign_by_night_does_not_page() -> None:
    partner = by_night()
    partner.calls_per_hour = 240
    assert max(spend_and_minutes(partner.go(hours=2))) < 1


def test_one_call_however_expensive_and_long_does_not_page() -> None:
    partner = by_night()
    call = Counts(calls=1, answered=1, seconds=7200)
    poll = replace(partner.poll(), directions={"inbound": Counts(), "outbound": call}, cost={"INR": 50_000.0})
    partner.detector.observe(poll)
    assert (partner.detector.judgements.currencies["INR"].spend_spike_score or 0) < 1
    assert (partner.detector.judgements.directions["outbound"].minutes_spike_score or 0) < 1


def test_days_whose_minutes_are_unknown_make_no_minute_cheaper() -> None:
    spike = Spike()
    spike.learn([100.0] * 14, [50.0] * 7)
    assert spike.unit_price == 2


def test_a_page_ends_within_half_an_hour_of_the_fraud() -> None:
    partner = after_days()
    partner.price = 100.0
    assert max(value or 0 for value in spend(partner.go(hours=2))) > 1
    partner.price = 1.0
    assert (spend(partner.go(hours=0.5))[-1] or 0) < 1


def test_a_fraud_is_not_learned_as_usual() -> None:
    partner = after_days()
    for _ in range(4):
        partner.price = 20.0
        assert max(value or 0 for value in spend(partner.go(hours=2))) > 1
        partner.price = 1.0
        partner.run(hours=22)


def test_what_stays_below_the_minimum_in_a_quarter_of_an_hour_pages_once_it_adds_up_to_that() -> None:
    partner = by_night()
    partner.calls_per_hour, partner.price = 40, 3.0
    scores = [value or 0 for value in spend(partner.go(hours=3))]
    assert max(scores[:2]) < 1
    assert max(scores) > 1
