"""One simulated partner: what happens to it, and the series that the exporter would show of it.

One seed is one partner. The API has seen 14 days before the exporter's first poll; odd seeds have drops, even ones
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.detection.traffic import BASE, DAY, STRESS, Floats, Traffic, simulate

DAYS_BEFORE = 14
BEGIN = 1704067200
"""Monday 2024-01-01 00:00 UTC: the first warm-up day. The server's midnight is UTC's."""
DEPTHS = (0.2, 0.3, 0.5, 1.0)
DIRECTIONS = ("inbound", "outbound")
WORLDS = ("base", "stress", "day-one", "campaign")

Labels = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A drop (`depth`: the share of answers lost) or a campaign (`lower`: off its rate), in minutes from BEGIN."""

    begin: int
    minutes: int
    depth: float = 0.0
    lower: float = 0.0


def month(increments: NDArray[np.generic]) -> Floats:
    """The sum of the last 30 days; scaled up to 30 while the world is younger."""
    total = np.cumsum(increments.astype(float))
    age = np.minimum(np.arange(1, len(total) + 1), 30 * DAY)
    sums: Floats = (total - np.concatenate([np.zeros(30 * DAY), total])[: len(total)]) * 30 * DAY / age
    return sums


def today(increments: NDArray[np.generic]) -> Floats:
    """The sum since midnight."""
    totals: Floats = np.cumsum(increments.reshape(-1, DAY).astype(float), 1).ravel()
    return totals


class Partner:
    """A partner and its series, {metric: [(labels, value of every minute from BEGIN; NaN: not on the page)]}."""

    def __init__(
        self, seed: int, volume: float, usual: float, world: str, *, warm: int, days: int, durations: Sequence[int]
    ) -> None:
        self.seed, self.volume, self.usual, self.name = seed, volume, usual, f"s{seed}"
        self.habits = STRESS if world == "stress" else BASE
        self._rng = np.random.default_rng([seed, int(volume), int(usual * 1000), sum(map(ord, world))])
        self._total = (DAYS_BEFORE + warm + days) * DAY
        self._before = DAYS_BEFORE * DAY
        self.minutes = self._total - self._before
        self.start = DAY + int(self._rng.integers(6 * 60, 16 * 60)) if world == "day-one" else 0
        self.drops: dict[str, list[Event]] = {direction: [] for direction in DIRECTIONS}
        self.campaigns: list[Event] = []
        self.has_drops = seed % 2 == 1 and world != "campaign"
        if self.has_drops:
            self._plan_drops(world, warm, days, durations)
        if world == "campaign":
            self._plan_campaigns(warm, days)
        self._poll()
        self.series: dict[str, list[tuple[Labels, Floats]]] = {}
        self.made: dict[str, Floats] = {}
        self._show(self._live())

    def _plan_drops(self, world: str, warm: int, days: int, durations: Sequence[int]) -> None:
        rng = self._rng
        for direction in DIRECTIONS:
            for i in range(1 if world == "day-one" else max(1, (days - 1) // 2)):
                if world == "day-one":
                    begin = self.start + int(rng.integers(10, 360))
                elif rng.random() < 0.75:
                    begin = (warm + 2 * i) * DAY + int(rng.integers(8 * 60, 19 * 60))
                else:
                    begin = (warm + 2 * i) * DAY + int(rng.integers(20 * 60, 31 * 60))
                event = Event(begin=begin, minutes=int(rng.choice(durations)), depth=float(rng.choice(DEPTHS)))
                self.drops[direction].append(event)

    def _plan_campaigns(self, warm: int, days: int) -> None:
        for i in range(max(1, days // 2)):
            begin = (warm + 2 * i) * DAY + int(self._rng.integers(8 * 60, 18 * 60))
            self.campaigns.append(Event(begin=begin, minutes=120, lower=float(self._rng.choice((0.0, 0.05)))))

    def _poll(self) -> None:
        """Which polls work: 2 % fail, and every five days the API stalls for 10 to 29 minutes."""
        n, rng = self.minutes, self._rng
        self.poll_ok: NDArray[np.bool_] = rng.random(n) >= self.habits.failed_polls
        for at in np.flatnonzero(rng.random(n) < 1 / (5 * DAY)):
            self.poll_ok[at : at + int(rng.integers(10, 30))] = False
        self.poll_ok[self.start] = True
        self.last_ok = np.maximum.accumulate(np.where(self.poll_ok, np.arange(n), -1))
        self.silent = np.arange(n) - self.last_ok
        """Minutes since the last good poll."""

    def _live(self) -> dict[str, Traffic]:
        out = {}
        for direction in DIRECTIONS:
            depth, boost, lower = np.zeros(self._total), np.ones(self._total), np.zeros(self._total)
            for drop in self.drops[direction]:
                depth[self._before + drop.begin : self._before + drop.begin + drop.minutes] = drop.depth
            for campaign in self.campaigns if direction == "outbound" else ():
                during = slice(self._before + campaign.begin, self._before + campaign.begin + campaign.minutes)
                boost[during], lower[during] = 8.0, campaign.lower
            traffic = simulate(self._rng, self.habits, self.volume, self.usual, depth=depth, boost=boost, lower=lower)
            self.made[direction] = np.cumsum(traffic.made[self._before :]).astype(float)
            out[direction] = traffic
        return out

    def _add(self, name: str, values: Floats, **labels: str) -> None:
        self.series.setdefault(name, []).append((labels, values))

    def _seen(self, values: Floats) -> Floats:
        """What the last good poll saw of a figure, in the minutes in which the exporter runs."""
        return np.where(np.arange(self.minutes) >= self.start, values[np.maximum(self.last_ok, 0)], np.nan)

    def _counter(self, increments: NDArray[np.generic]) -> Floats:
        """A counter of these increments that is 0 at the first poll."""
        total = np.cumsum(increments[self._before :].astype(float))
        return self._seen(total - total[self.start])

    def _show(self, live: dict[str, Traffic]) -> None:
        for direction, traffic in live.items():
            self._add("vobiz_calls_total", self._counter(traffic.calls), direction=direction)
            self._add("vobiz_answered_calls_total", self._counter(traffic.answered), direction=direction)
            self._add("vobiz_call_seconds_total", self._counter(traffic.seconds), direction=direction)
            self._show_baseline(direction, traffic)
            self._show_periods(direction, traffic)
        prices = np.repeat(self._rng.gamma(12, 1 / 12, self._total // 15), 15)
        cost = live["outbound"].seconds / 60 * 0.6 * prices
        self._show_products(live, cost)
        self._show_money(cost)
        self._show_health()

    def _show_baseline(self, direction: str, traffic: Traffic) -> None:
        """As the exporter computes it: the median of 14 complete days, days with few calls left out."""
        calls = traffic.calls.reshape(-1, DAY).sum(1).astype(float)
        answered = traffic.answered.reshape(-1, DAY).sum(1).astype(float)
        ratio, volume = np.full(len(calls), np.nan), np.full(len(calls), np.nan)
        for day in range(DAYS_BEFORE, len(calls)):
            past = slice(day - 14, day)
            keep = calls[past] >= max(20, 0.2 * float(np.median(calls[past])))
            if keep.any():
                ratio[day] = np.median(answered[past][keep] / calls[past][keep])
            volume[day] = calls[past].mean()
        for name, daily in (("vobiz_answer_ratio_baseline", ratio), ("vobiz_calls_per_day_baseline", volume)):
            self._add(name, self._seen(np.repeat(daily, DAY)[self._before :]), direction=direction)

    def _show_periods(self, direction: str, traffic: Traffic) -> None:
        for period, sums in (("today", today), ("30d", month)):
            calls, answered = sums(traffic.calls), sums(traffic.answered)
            ratio = np.where(calls > 0, answered / np.maximum(calls, 1), np.nan)
            self._add("vobiz_period_calls", self._seen(calls[self._before :]), direction=direction, period=period)
            self._add(
                "vobiz_period_answer_ratio", self._seen(ratio[self._before :]), direction=direction, period=period
            )
            minutes = sums(traffic.seconds) / 60
            self._add("vobiz_period_minutes", self._seen(minutes[self._before :]), direction=direction, period=period)

    def _show_products(self, live: dict[str, Traffic], cost: Floats) -> None:
        """Three fifths of every kind of call are sip_trunking, the others voice_api."""
        answered = sum((traffic.answered for traffic in live.values()), np.zeros(self._total, np.int64))
        failed = sum((traffic.calls for traffic in live.values()), np.zeros(self._total, np.int64)) - answered
        sip_answered, sip_failed = self._rng.binomial(answered, 0.6), self._rng.binomial(failed, 0.6)
        for product, a, f, share in (
            ("sip_trunking", sip_answered, sip_failed, 0.6),
            ("voice_api", answered - sip_answered, failed - sip_failed, 0.4),
        ):
            self._add("vobiz_product_calls_total", self._counter(a + f), product=product)
            self._add("vobiz_product_answered_calls_total", self._counter(a), product=product)
            self._add("vobiz_product_cost_total", self._counter(cost * share), product=product, currency="INR")

    def _show_money(self, cost: Floats) -> None:
        """Spend, and a balance topped up to 12 days of spend each morning that finds less than 6."""
        self._add("vobiz_cost_total", self._counter(cost), currency="INR")
        labels = {"direction": "outbound", "period": "30d", "currency": "INR"}
        self._add("vobiz_period_cost", self._seen(month(cost)[self._before :]), **labels)
        daily = float(cost.reshape(-1, DAY).sum(1)[:DAYS_BEFORE].mean()) + 1e-9
        spent, left, balance = np.cumsum(cost[self._before :]), 12 * daily, np.empty(self.minutes)
        for begin in range(0, self.minutes, DAY):
            if left - spent[begin] < 6 * daily:
                left = 12 * daily + float(spent[begin])
            balance[begin : begin + DAY] = left - spent[begin : begin + DAY]
        self._add("vobiz_balance", self._seen(balance), currency="INR")
        steps = self._rng.random((2, self.minutes)) < 0.002
        accounts = 40 + np.cumsum(steps[0].astype(float) - steps[1].astype(float))
        self._add("vobiz_accounts", self._seen(np.maximum(accounts, 0)), status="active")

    def _show_health(self) -> None:
        alive = np.arange(self.minutes) >= self.start
        for endpoint in ("dashboard", "analytics"):
            self._add("vobiz_up", np.where(alive, self.poll_ok * 1.0, np.nan), endpoint=endpoint)
            last = np.where(alive, BEGIN + 60.0 * (self.last_ok + 1), np.nan)
            self._add("vobiz_last_success_timestamp_seconds", last, endpoint=endpoint)
            self._add("vobiz_unreadable_fields", np.where(alive, 0.0, np.nan), endpoint=endpoint)
            for outcome, hit in (
                ("success", self.poll_ok),
                ("timeout", ~self.poll_ok),
                ("unauthorized", alive & ~alive),
            ):
                count = np.where(alive, np.cumsum(hit & alive) * 1.0, np.nan)
                self._add("vobiz_api_requests_total", count, endpoint=endpoint, outcome=outcome)
        self._add("vobiz_poll_interval_seconds", np.where(alive, 60.0, np.nan))
        self._add("vobiz_exporter_config_last_reload_successful", np.where(alive, 1.0, np.nan))

    def hide_old_gauges(self, after: int) -> None:
        """Gauges of Vobiz's figures leave the page after so many minutes without a good poll; counters stay."""
        stay = ("vobiz_up", "vobiz_last_success", "vobiz_poll_interval", "vobiz_exporter")
        for name, rows in self.series.items():
            if not name.endswith("_total") and not name.startswith(stay):
                self.series[name] = [
                    (labels, np.where(self.silent >= after, np.nan, values)) for labels, values in rows
                ]
