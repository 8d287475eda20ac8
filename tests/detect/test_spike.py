"""Spend and outbound minutes as toll fraud makes them, and what only looks like it."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.detect import Detector
from tests.detect.partner import Partner, usual_history


def after_days(days: int = 5) -> Partner:
    partner = Partner(interval=300.0)
    partner.detector.learn(usual_history())
    partner.run(hours=24 * days + 12)
    return partner


def spend(detectors: Iterator[Detector]) -> list[float | None]:
    return [detector.judgements.currencies["INR"].spend_spike_score for detector in detectors]


def minutes(detectors: Iterator[Detector]) -> list[float | None]:
    return [detector.judgements.directions["outbound"].minutes_spike_score for detector in detectors]


def test_dear_destinations_page() -> None:
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
    both = [(d.judgements.currencies["INR"].spend_spike_score, d.judgements.directions["outbound"].minutes_spike_score)
            for d in partner.go(hours=2)]  # fmt: skip
    assert max(value or 0 for pair in both for value in pair) < 1


def test_at_go_live_nothing_is_compared() -> None:
    partner = Partner(interval=300.0, calls_per_hour=1000)
    partner.detector.learn(usual_history(with_calls=0))
    partner.price = 50.0
    assert set(spend(partner.go(hours=30))) == {None}


def test_what_a_gap_of_hours_brought_is_averaged_over_it() -> None:
    partner = after_days()
    partner.detector.observe(partner.poll(8 * 3600))
    assert (partner.detector.judgements.currencies["INR"].spend_spike_score or 0) < 1


def test_a_calm_week_does_not_page() -> None:
    partner = after_days(1)
    assert max(value or 0 for value in spend(partner.go(hours=7 * 24))) < 1
