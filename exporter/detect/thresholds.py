"""The thresholds that the detector applies; users set them under ``alerts:``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Above which a score is 1. The defaults are what docs/alerting.md measures."""

    answer_drop_evidence: float = 12.0
    """Nats that page. Each one more makes about three times fewer false pages and costs 7 % of delay."""
    no_traffic_minimum_calls: float = 30.0
    """Silence pages where more than this are usual in half an hour."""
    traffic_low_percent: float = 25.0
    """An hour with less than this share of the usual calls warns ..."""
    traffic_low_minimum_calls: float = 50.0
    """... where more than this are usual in an hour."""
    spike_ratio: float = 3.0
    """Times the week's highest, if a minute is also dear or calls are long."""
    spike_price_ratio: float = 2.5
    """What is dear or long: times the usual cost of a minute or length of a call."""
    spike_sheer_ratio: float = 12.0
    """Times the week's highest, whatever a minute costs; campaigns of eight times the calls stay below."""
    spend_spike_minimum: float = 100.0
    """Spend of a quarter of an hour below which nothing pages, in the partner's currency."""
    outbound_minutes_spike_minimum: float = 60.0
    """Outbound minutes of a quarter of an hour below which nothing pages."""
