"""The tables of a measurement."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bench.detection.bound import bound_in_calls
from bench.detection.figures import Delays, Rate, delays, rate
from bench.detection.verdict import CampaignVerdict, Detection, Exposure, Fact
from bench.detection.world import DEPTHS


def minutes(value: float) -> str:
    """Minutes for people; "-" for never."""
    return "-" if math.isinf(value) else f"{value:.0f}" if value >= 1.95 else f"{value:.1f}"


def interval(found: Rate) -> str:
    """A rate with its 90 % interval."""
    return f"{found.per_30_days:.2f} ({found.low:.2f} to {found.high:.2f}; {found.pages} in {found.days:.0f} days)"


def delay(found: Delays) -> str:
    """Median and 90th percentile, share missed, and the median's interval."""
    return (
        f"{minutes(found.median)}/{minutes(found.p90)} ({found.missed:.0%} of {found.n} missed; "
        f"median {minutes(found.median_low)} to {minutes(found.median_high)})"
    )


def false_pages(facts: Sequence[Fact], alert: str) -> Rate:
    """False pages of one alert, per 30 days of one lane."""
    lanes = [fact for fact in facts if isinstance(fact, Exposure) and fact.alert == alert]
    return rate(sum(len(lane.at) for lane in lanes), sum(lane.days for lane in lanes))


def together(facts: Sequence[Fact], alerts: Sequence[str]) -> float:
    """Pages of all these alerts, per 30 days and direction; those of a whole partner count half for each direction."""
    total = 0.0
    for alert in alerts:
        lanes = [fact for fact in facts if isinstance(fact, Exposure) and fact.alert == alert]
        share = 1.0 if any(lane.direction for lane in lanes) else 0.5
        found = false_pages(facts, alert)
        total += share * found.per_30_days if found.days else 0.0
    return total


def cell(
    volume: float, usual: float, facts: Sequence[Fact], measured: Sequence[str], paging: Sequence[str]
) -> Iterator[str]:
    """The lines of one volume and usual answer rate."""
    yield f"\n## {volume:g} calls an hour and direction, {usual:.0%} usually answered"
    for alert in measured:
        lanes = [fact for fact in facts if isinstance(fact, Exposure) and fact.alert == alert]
        echoes, stalls = sum(lane.echoes for lane in lanes), sum(lane.in_stalls for lane in lanes)
        found = interval(false_pages(facts, alert))
        yield f"{alert}: false pages per 30 days and direction {found}, {echoes} echoes, {stalls} in stalls"
        yield from drops(volume, usual, [f for f in facts if isinstance(f, Detection) and f.alert == alert])
    for alert in paging:
        pages = false_pages(facts, alert)
        if alert not in measured and pages.pages:
            yield f"   {alert}: pages per 30 days and lane {interval(pages)}"
    yield f"   all paging alerts together: {together(facts, paging):.2f} per 30 days and direction"
    campaigns = [fact for fact in facts if isinstance(fact, CampaignVerdict)]
    for alert in dict.fromkeys(campaign.alert for campaign in campaigns):
        for lower in sorted({campaign.lower for campaign in campaigns}):
            mine = [campaign.paged for campaign in campaigns if campaign.alert == alert and campaign.lower == lower]
            if any(mine) or alert in measured:
                yield f"   campaigns at {100 * lower:.0f} points less: {alert} paged in {sum(mine)} of {len(mine)}"


def drops(volume: float, usual: float, found: Sequence[Detection]) -> Iterator[str]:
    """Delays by depth: the longest drops by day, then shorter ones and those at night; and the bound."""
    longest = max((drop.minutes for drop in found), default=0)
    for depth in DEPTHS:
        mine = [drop for drop in found if drop.depth == depth and not drop.already]
        main = [drop for drop in mine if drop.minutes == longest and drop.by_day]
        if not main:
            continue
        bounds = sorted(drop.bound for drop in main)
        even = bound_in_calls(volume, usual, depth) / volume * 60
        line = f"   drop of {depth:4.0%}: {delay(delays([drop.delay for drop in main]))}"
        line += f" | bound {minutes(even)} even, {minutes(bounds[(len(bounds) - 1) // 2])} as it was"
        short = [drop.delay for drop in mine if drop.minutes < longest and drop.by_day]
        night = [drop.delay for drop in mine if not drop.by_day]
        line += f" | shorter: {delay(delays(short))}" if short else ""
        line += f" | night: {delay(delays(night))}" if night else ""
        yield line
