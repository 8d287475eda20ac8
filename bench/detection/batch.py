"""One batch of partners: simulated, written into a Prometheus, their rules evaluated and judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from bench.detection.firing import STEP, firing_times
from bench.detection.plan import Rule, plan
from bench.detection.server import Floats, Prometheus, QueryError, with_ends
from bench.detection.verdict import Fact, judge
from bench.detection.world import BEGIN, Partner

TARGET = {"job": "vobiz", "instance": "exporter:10147"}
LONG = ("vobiz_calls_total", "vobiz_answered_calls_total", "vobiz_call_seconds_total", "vobiz_cost_total")
"""Counters whose past the rules read for a week; of the others a day is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What to simulate and measure: partners of one volume (calls an hour and direction) and one usual answer rate."""

    world: str
    volume: float
    usual: float
    seeds: tuple[int, ...]
    warm: int
    days: int
    durations: tuple[int, ...]
    scrape_offset: int
    stale_after: int
    rules: tuple[Rule, ...]
    alerts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The facts of a batch, what the engine refused, and the metrics that the world does not have."""

    volume: float
    usual: float
    facts: list[Fact]
    refused: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def run(batch: Batch) -> Result:
    """Measure one batch. All rules see one instant; a live server spreads its groups over their interval."""
    order = plan(batch.rules, batch.alerts)
    partners = [
        Partner(
            seed, batch.volume, batch.usual, batch.world, warm=batch.warm, days=batch.days, durations=batch.durations
        )
        for seed in batch.seeds
    ]
    for partner in partners:
        partner.hide_old_gauges(batch.stale_after)
    measured = float(BEGIN + batch.warm * 86400)
    end = float(BEGIN + (batch.warm + batch.days) * 86400)
    if batch.world == "day-one":
        measured = BEGIN + min(partner.start for partner in partners) * 60.0 - 600
        end = BEGIN + max(partner.start for partner in partners) * 60.0 + 25 * 3600
    first = float(BEGIN + STEP * (min(partner.start for partner in partners) + 1))
    refused: list[str] = []
    with Prometheus() as server, ThreadPoolExecutor(2) as pool:
        _fill(server, partners, order.metrics, batch.scrape_offset, measured, end)

        def ask(rule: Rule, begin: float) -> list[tuple[dict[str, str], Floats, Floats]]:
            try:
                return server.range(rule.expr, max(first, begin) // STEP * STEP, end)
            except QueryError as error:
                refused.append(f"{rule.record or rule.alert}: {error}")
                return []

        for level in order.levels:
            answers = pool.map(lambda item: (item[0], ask(item[0], measured - item[1])), level)
            for rule, answer in answers:
                for name, times, values in recorded(rule, answer):
                    server.write(name, *with_ends(times, values, end))
            server.flush()
        fired = list(pool.map(lambda alert: (alert, ask(alert, measured - 7200)), batch.alerts))
    facts: list[Fact] = []
    for alert, series in fired:
        fires: dict[tuple[str, str], set[float]] = defaultdict(set)
        for labels, times, _ in series:
            lane = labels.get("partner", ""), labels.get("direction", "")
            fires[lane] |= firing_times(times.tolist(), hold=alert.hold, keep=alert.keep)
        for partner in partners:
            facts += judge(alert.alert, fires, partner, begin=measured, end=end, one_day=batch.world == "day-one")
    missing = order.metrics - {"up"} - set(partners[0].series)
    return Result(volume=batch.volume, usual=batch.usual, facts=facts, refused=refused, missing=sorted(missing))


def recorded(
    rule: Rule, answer: Sequence[tuple[dict[str, str], Floats, Floats]]
) -> list[tuple[dict[str, str], Floats, Floats]]:
    """The series that a recording rule makes of a query's answer.

    `a or b` may answer with `a` at some times and with `b`, under another name, at others: it is one recorded series.
    """
    parts: dict[tuple[tuple[str, str], ...], list[tuple[Floats, Floats]]] = defaultdict(list)
    for labels, times, values in answer:
        name = {**labels, **rule.labels, "__name__": rule.record}
        parts[tuple(sorted((key, value) for key, value in name.items() if value))].append((times, values))
    out = []
    for key, pieces in parts.items():
        times = np.concatenate([piece[0] for piece in pieces])
        order = np.argsort(times, kind="stable")
        out.append((dict(key), times[order], np.concatenate([piece[1] for piece in pieces])[order]))
    return out


def _fill(
    server: Prometheus, partners: Sequence[Partner], metrics: set[str], offset: int, measured: float, end: float
) -> None:
    """Write the series that the rules read, scraped `offset` seconds after each minute."""
    minute: Floats = np.arange(1, partners[0].minutes + 1, dtype=np.float64) * STEP + BEGIN + offset
    server.write({"__name__": "up", **TARGET}, minute, np.ones(len(minute)))
    for partner in partners:
        for name in sorted(metrics & set(partner.series)):
            for labels, values in partner.series[name]:
                keep = ~np.isnan(values) & (minute <= end + STEP)
                if name not in LONG and not name.endswith("_baseline"):
                    keep &= minute >= measured - 26 * 3600
                times, shown = minute[keep], values[keep]
                series = {"__name__": name, "partner": partner.name, **labels, **TARGET}
                server.write(series, *with_ends(times, shown, min(minute[-1], end)))
    server.flush()
