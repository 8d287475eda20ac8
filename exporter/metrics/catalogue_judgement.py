"""The part of the catalogue that says what is usual, and what departs from it."""

from __future__ import annotations

from exporter.metrics.metric import gauge

_SCORE = "Above 1 pages; absent until there is enough to compare with."
_SUSPICION = "since the present suspicion of a dropped answer rate began; absent without one."
_DASHBOARD = "From /dashboard, as old as the last good poll."

JUDGEMENT = (
    gauge(
        "vobiz_answer_drop_score",
        "partner direction",
        f"Evidence that the answer rate has dropped, as a share of what pages. {_SCORE}",
    ),
    gauge(
        "vobiz_product_answer_drop_score",
        "partner product",
        f"Evidence that the answer rate of a product has dropped, as a share of what pages. {_SCORE}",
    ),
    gauge(
        "vobiz_answer_drop_start_timestamp_seconds",
        "partner direction",
        "When the present suspicion of a dropped answer rate began, by the exporter's clock; absent without one.",
    ),
    gauge("vobiz_answer_drop_calls", "partner direction", f"Calls booked {_SUSPICION}"),
    gauge("vobiz_answer_drop_answered_calls", "partner direction", f"Answered calls booked {_SUSPICION}"),
    gauge("vobiz_answer_ratio_expected", "partner direction", "Answer rate that is usual now, 0 to 1."),
    gauge("vobiz_calls_per_hour_expected", "partner direction", "Calls an hour that can be counted on at this hour."),
    gauge("vobiz_cost_per_hour_expected", "partner currency", "Cost an hour that is usual at this hour."),
    gauge(
        "vobiz_traffic_drop_score",
        "partner direction",
        f"Evidence that calls have stopped or become few. {_SCORE} From 0.5 on it is worth a look.",
    ),
    gauge("vobiz_spend_spike_score", "partner currency", f"Evidence of a spend like that of fraud. {_SCORE}"),
    gauge(
        "vobiz_minutes_spike_score", "partner direction", f"Evidence of outbound minutes like those of fraud. {_SCORE}"
    ),
    gauge(
        "vobiz_answer_ratio_baseline",
        "partner direction",
        f"Usual answer rate, 0 to 1: median of the last 14 complete days' ratios. {_DASHBOARD}",
        "time_series[].*.answered_calls time_series[].*.total_calls",
    ),
    gauge(
        "vobiz_calls_per_day_baseline",
        "partner direction",
        f"Usual calls a day: mean of the last 14 complete days. {_DASHBOARD}",
        "time_series[].*.total_calls",
    ),
    gauge(
        "vobiz_reconciliation_mismatch",
        "partner check",
        "1 if the API's own values contradict each other in this respect, 0 if they agree.",
    ),
    gauge(
        "vobiz_alert_threshold",
        "partner alert",
        "Thresholds of the alert rules, from alerts in the configuration.",
    ),
)
