"""``alerts``: the thresholds that a user may tune.

What needs to know what is usual is judged in the exporter; those thresholds are applied there. Thresholds marked
``exported`` are compared with the latest values by the rules, which read them from ``vobiz_alert_threshold``.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from functools import partial
from typing import Annotated, Any

from exporter.config.kinds import key, number

Amount = Annotated[float, number(0)]
Count = Annotated[float, number(1)]
Percent = Annotated[float, number(0, 100)]
Limit = Annotated[float, number()]
Switch = Annotated[float, number(0, 1)]
Evidence = Annotated[float, number(6, 30)]

# ruff: noqa: RUF009 - what makes a key is known to be immutable, but ruff does not look through partial()
_rule = partial(key, exported=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """All thresholds as they hold for one partner."""

    answer_drop_evidence: Evidence = key(
        12, "Evidence of a falling answer rate that pages; one more: a third fewer false pages, a tenth slower", "nats"
    )
    no_traffic_minimum_calls: Count = key(30, "Silence pages where more than this are usual in half an hour", "calls")
    traffic_low_minimum_calls: Count = key(50, "Under a quarter of an hour's usual calls warns, from so many", "calls")
    spike_ratio: Count = key(3, "Spend or minutes to the week's highest at this hour, if expensive or long", "ratio")
    spike_price_ratio: Count = key(2.5, "Expensive or long: a minute's cost or a call's length to the usual", "ratio")
    spike_sheer_ratio: Count = key(12, "Spend or minutes to the week's highest, whatever a minute costs", "ratio")
    spend_spike_minimum: Amount = key(100, "Spend of a spike below which nothing pages", "currency")
    outbound_minutes_spike_minimum: Amount = key(60, "Minutes of a spike below which nothing pages", "minutes")
    balance_runway_short_hours: Amount = _rule(4, "Pages if the balance lasts less at the last hour's spend", "hours")
    balance_runway_short_day_hours: Amount = _rule(24, "And less than this at the last day's spend", "hours")
    balance_runway_low_hours: Amount = _rule(72, "Warns if the balance lasts less at the last day's spend", "hours")
    balance_exhausted_at: Limit = _rule(0, "The balance at which it is used up; negative for a credit line", "currency")
    wallet_runway_low_hours: Amount = _rule(72, "Warns if the wallet lasts less at the last week's outflow", "hours")
    wallet_runway_low_day_hours: Amount = _rule(24, "Or less than this at the last day's outflow", "hours")
    wallet_exhausted_at: Limit = _rule(0, "The wallet at which it is used up; negative for a credit line", "currency")
    customers_low_minimum: Count = _rule(1, "Customers newly below customers.below_balance that warn", "customers")
    accounts_drop_percent: Percent = _rule(10, "So many fewer active accounts than within the last day warn", "percent")
    accounts_drop_minimum: Count = _rule(3, "But only if they are at least this many fewer", "accounts")
    data_stale_minutes: Count = _rule(30, "Pages after this long, and five intervals, without a good poll", "minutes")
    data_frozen_minimum_calls: Count = _rule(60, "A partner is busy if more than this are usual in an hour", "calls")
    api_errors_percent: Percent = _rule(30, "Share of failed requests that warns", "percent")
    page_critical: Switch = _rule(1, "0 sends this partner's critical alerts where warnings go", "0 or 1")
    page_warning: Switch = _rule(0, "1 lets this partner's warnings page", "0 or 1")

    def exported(self) -> Mapping[str, float]:
        """Those that the rules read."""
        return {name: getattr(self, name) for name, one in THRESHOLDS.items() if one.metadata.get("exported")}

    def judged(self) -> Mapping[str, float]:
        """Those that the exporter applies itself."""
        return {name: getattr(self, name) for name, one in THRESHOLDS.items() if not one.metadata.get("exported")}


THRESHOLDS: Mapping[str, Field[Any]] = {one.name: one for one in fields(Alerts)}
"""Every threshold by its key; docs/configuration.md lists them, docs/alerting.md says what becomes of them."""
