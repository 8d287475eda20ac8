"""``alerts``: the thresholds that a user may tune.

What needs to know what is usual is judged in the exporter; those thresholds are applied there. Thresholds marked
``exported`` are compared with the latest values by the rules, which read them from ``vobiz_alert_threshold``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Annotated

from exporter.config.keys import Key, key, keys_in
from exporter.config.kinds import number

Amount = Annotated[float, number(0)]
Count = Annotated[float, number(1)]
Percent = Annotated[float, number(0, 100)]
Limit = Annotated[float, number(-inf)]
Switch = Annotated[float, number(0, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """All thresholds as they hold for one partner."""

    answer_drop_evidence: Annotated[float, number(6, 30)] = key(
        12,
        "Evidence that pages for a drop of the answer rate. One more makes about three times fewer false pages and "
        "costs 7 % of delay",
        unit="nats",
    )
    no_traffic_minimum_calls: Count = key(
        30, "Silence pages where more than this are usual in half an hour", unit="calls"
    )
    traffic_low_minimum_calls: Count = key(
        50, "An hour with under a quarter of the usual calls warns where more than this are usual", unit="calls"
    )
    spike_ratio: Count = key(
        3,
        "Spend or minutes of 15 minutes to the week's highest, if a minute is also dear or calls are long",
        unit="ratio",
    )
    spike_price_ratio: Count = key(
        2.5, "What is dear or long: a minute's cost or a call's length to the usual one", unit="ratio"
    )
    spike_sheer_ratio: Count = key(
        12, "Spend or minutes of 15 minutes to the week's highest, whatever a minute costs", unit="ratio"
    )
    spend_spike_minimum: Amount = key(100, "Spend in 15 minutes below which nothing pages", unit="currency")
    outbound_minutes_spike_minimum: Amount = key(
        60, "Outbound minutes in 15 minutes below which nothing pages", unit="minutes"
    )
    balance_runway_short_hours: Amount = key(
        4, "Pages if the balance lasts less at the last hour's spend", unit="hours", exported=True
    )
    balance_runway_short_day_hours: Amount = key(
        24, "And only if it also lasts less than this at the last day's spend", unit="hours", exported=True
    )
    balance_runway_low_hours: Amount = key(
        72, "Warns if the balance lasts less at the last day's spend", unit="hours", exported=True
    )
    balance_exhausted_at: Limit = key(
        0, "The balance at which it is used up; negative for a credit line", unit="currency", exported=True
    )
    wallet_runway_low_hours: Amount = key(
        72, "Warns if the partner's own wallet lasts less at the last week's outflow", unit="hours", exported=True
    )
    wallet_runway_low_day_hours: Amount = key(
        24, "Or less than this at the last day's outflow", unit="hours", exported=True
    )
    wallet_exhausted_at: Limit = key(
        0, "The wallet at which it is used up; negative for a credit line", unit="currency", exported=True
    )
    customers_low_minimum: Count = key(
        1, "Customers newly below customers.below_balance that warn", unit="customers", exported=True
    )
    accounts_drop_percent: Percent = key(
        10, "So many fewer active accounts than within the last day warn", unit="percent", exported=True
    )
    accounts_drop_minimum: Count = key(
        3, "But only if they are at least this many fewer", unit="accounts", exported=True
    )
    data_stale_minutes: Count = key(
        30, "Pages after this long without a good poll, and five poll intervals", unit="minutes", exported=True
    )
    data_frozen_minimum_calls: Count = key(
        60, "A partner is busy if more than this are usual in an hour", unit="calls", exported=True
    )
    api_errors_percent: Percent = key(30, "Share of failed requests that warns", unit="percent", exported=True)
    page_critical: Switch = key(
        1, "0 sends this partner's critical alerts where warnings go", unit="0 or 1", exported=True
    )
    page_warning: Switch = key(0, "1 lets this partner's warnings page", unit="0 or 1", exported=True)

    def exported(self) -> Mapping[str, float]:
        """Those that the rules read."""
        return {name: getattr(self, name) for name, about in THRESHOLDS.items() if about.about.get("exported")}

    def judged(self) -> Mapping[str, float]:
        """Those that the exporter applies itself."""
        return {name: getattr(self, name) for name, about in THRESHOLDS.items() if not about.about.get("exported")}


THRESHOLDS: Mapping[str, Key] = MappingProxyType({one.name: one for one in keys_in(Alerts)})
"""Every threshold by its key; docs/configuration.md lists them, docs/alerting.md says what becomes of them."""
