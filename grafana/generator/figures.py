"""Expressions that more than one dashboard shows."""

from __future__ import annotations

from grafana.generator.panels import CRITICAL, GOOD, WARNING, Step
from grafana.generator.queries import RATE, SELECTED, ratio
from grafana.generator.rules import thresholds

WINDOW = "15m"
"""Answer rates "now" are those of this window: one of those that the alert looks at, and readable at most volumes."""

SCORE_STEPS: tuple[Step, ...] = (
    (None, GOOD),
    (thresholds()["answer_degraded_score"], WARNING),
    (thresholds()["answer_drop_score"], CRITICAL),
)
RUNWAY_STEPS: tuple[Step, ...] = (
    (None, CRITICAL),
    (thresholds()["balance_runway_short_day_hours"], WARNING),
    (thresholds()["balance_runway_low_hours"], GOOD),
)
WALLET_STEPS: tuple[Step, ...] = ((None, WARNING), (thresholds()["wallet_runway_low_hours"], GOOD))
AGE_STEPS: tuple[Step, ...] = ((None, GOOD), (60 * thresholds()["data_stale_minutes"], CRITICAL))

_CALLS = f'vobiz:calls:count{{window="{WINDOW}",{SELECTED}}}'
_ANSWERED = f'vobiz:answered_calls:count{{window="{WINDOW}",{SELECTED}}}'


def answer_ratio(by: str = "") -> str:
    """Answered calls / calls of the last 15 minutes."""
    return ratio(f"sum{by} ({_ANSWERED})", f"sum{by} ({_CALLS})")


def usual_answer_ratio(by: str = "") -> str:
    """What is usual at this hour. Directions are weighted by their calls: a change of mix is no drop."""
    usual = f"vobiz:answer_ratio:usual{{{SELECTED}}} * on (job, instance, partner, direction) {_CALLS}"
    return ratio(f"sum{by} ({usual})", f"sum{by} ({_CALLS})")


def calls_a_minute(by: str = "") -> str:
    """Calls booked a minute."""
    return f"60 * sum{by} (rate(vobiz_calls_total{{{SELECTED}}}{RATE}))"


def usual_calls_a_minute(by: str = "") -> str:
    """The same, as is usual at this hour; absent in the first day."""
    return f"sum{by} (vobiz:calls_per_hour:usual{{{SELECTED}}}) / 60"


def score(by: str = "") -> str:
    """The score that the answer-rate alerts compare: the highest of all directions."""
    return f"max{by} (vobiz:answer_drop_score{{{SELECTED}}})"


def data_age(by: str = "") -> str:
    """Seconds since the last good poll of the endpoint that is longest without one."""
    return f"max{by} (vobiz:data_age_seconds{{{SELECTED}}})"


def runway(by: str = "") -> str:
    """Hours that the balance lasts at the spend of the last day."""
    return f"min{by} (vobiz:balance_hours:1d{{{SELECTED}}})"
