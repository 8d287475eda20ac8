"""The thresholds of the alerting rules that a user may tune, under ``alerts:`` in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isinf
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One number that a rule compares with; both ends of the range are allowed values."""

    default: float
    unit: str
    help: str
    minimum: float = 0
    maximum: float = inf

    @property
    def range(self) -> str:
        """The range in words."""
        if isinf(self.minimum) and isinf(self.maximum):
            return "any"
        if isinf(self.maximum):
            return f"{self.minimum:g} or more"
        return f"{self.minimum:g} to {self.maximum:g}"


_ALL = {
    "answer_drop_score": Threshold(
        default=1, unit="score", help="evidence that pages; 2 asks for twice as much", minimum=0.1, maximum=100
    ),
    "answer_degraded_score": Threshold(
        default=0.5, unit="score", help="evidence that warns, if it lasts for 30 minutes", minimum=0.05, maximum=100
    ),
    "answer_drop_minimum_unanswered": Threshold(
        default=19,
        unit="calls",
        help="unanswered calls in a row that it takes at least to page for a total loss",
        minimum=1,
    ),
    "answer_wander_points": Threshold(
        default=6,
        unit="percentage points",
        help="how far the answer rate may wander below usual without a fault",
        maximum=50,
    ),
    "no_traffic_minimum_calls": Threshold(
        default=30, unit="calls", help="silence pages where more than this are usual in half an hour", minimum=1
    ),
    "traffic_low_percent": Threshold(
        default=25, unit="percent", help="an hour with less than this share of the usual calls warns", maximum=100
    ),
    "traffic_low_minimum_calls": Threshold(
        default=50, unit="calls", help="few calls warn only where more than this are usual in an hour", minimum=1
    ),
    "spike_ratio": Threshold(
        default=3,
        unit="ratio",
        help="spend or minutes of 15 minutes to the week's highest, if a minute is also dear or calls are long",
        minimum=1,
    ),
    "spike_price_ratio": Threshold(
        default=2.5,
        unit="ratio",
        help="what is dear or long: a minute's cost or a call's length to that of the day before",
        minimum=1,
    ),
    "spike_sheer_ratio": Threshold(
        default=12,
        unit="ratio",
        help="spend or minutes of 15 minutes to the week's highest, whatever a minute costs",
        minimum=1,
    ),
    "spend_spike_minimum": Threshold(
        default=100, unit="currency", help="spend in 15 minutes below which nothing is said"
    ),
    "outbound_minutes_spike_minimum": Threshold(
        default=60, unit="minutes", help="outbound minutes in 15 minutes below which nothing is said"
    ),
    "balance_runway_short_hours": Threshold(
        default=4, unit="hours", help="pages if the balance lasts less at the last hour's spend"
    ),
    "balance_runway_short_day_hours": Threshold(
        default=24, unit="hours", help="and only if it also lasts less than this at the last day's spend"
    ),
    "balance_runway_low_hours": Threshold(
        default=72, unit="hours", help="warns if the balance lasts less at the last day's spend"
    ),
    "balance_exhausted_at": Threshold(
        default=0, unit="currency", help="the balance at which it is used up; negative for a credit line", minimum=-inf
    ),
    "wallet_runway_low_hours": Threshold(
        default=72, unit="hours", help="warns if the partner's own wallet lasts less at the last week's outflow"
    ),
    "wallet_runway_low_day_hours": Threshold(
        default=24, unit="hours", help="or less than this at the last day's outflow"
    ),
    "wallet_exhausted_at": Threshold(
        default=0, unit="currency", help="the wallet at which it is used up; negative for a credit line", minimum=-inf
    ),
    "customers_low_minimum": Threshold(
        default=1, unit="customers", help="customers newly below customers.below_balance that warn", minimum=1
    ),
    "accounts_drop_percent": Threshold(
        default=10, unit="percent", help="so many fewer active accounts than within the last day warn", maximum=100
    ),
    "accounts_drop_minimum": Threshold(
        default=3, unit="accounts", help="but only if they are at least this many fewer", minimum=1
    ),
    "data_stale_minutes": Threshold(
        default=30, unit="minutes", help="pages after this long without a good poll, and five poll intervals", minimum=1
    ),
    "data_frozen_minimum_calls": Threshold(
        default=60, unit="calls", help="a partner is busy if more than this are usual in an hour", minimum=1
    ),
    "api_errors_percent": Threshold(
        default=30, unit="percent", help="share of failed requests that warns", maximum=100
    ),
    "page_critical": Threshold(
        default=1, unit="0 or 1", help="0 sends this partner's critical alerts where warnings go", maximum=1
    ),
    "page_warning": Threshold(default=0, unit="0 or 1", help="1 lets this partner's warnings page", maximum=1),
}

THRESHOLDS: Mapping[str, Threshold] = MappingProxyType(_ALL)
"""Every threshold by its key in the configuration; docs/configuration.md lists them, docs/alerting.md uses them."""
