"""What a call costs its customer, and how long people talk."""

from __future__ import annotations

from .climate import DAY, Climate

MEAN_PULSES = 25.0
"""Billing pulses of an answered call on average: two and a half minutes."""

PRODUCT_SHARE = {"sip_trunking": 0.6, "voice_api": 0.4}

PAISE_A_PULSE = {
    ("inbound", "sip_trunking"): 2,
    ("inbound", "voice_api"): 3,
    ("outbound", "sip_trunking"): 5,
    ("outbound", "voice_api"): 7,
}


def usual_cost_a_day(climate: Climate) -> float:
    """Return about how many paise all customers together spend on an average day, if 3 in 5 calls are answered."""
    return sum(
        0.6 * climate.mean_per_second(direction) * DAY * PRODUCT_SHARE[product] * MEAN_PULSES * price
        for (direction, product), price in PAISE_A_PULSE.items()
    )
