"""What is said of counts and delays: rates, medians, and their 90 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Z90 = 1.645


def poisson_90(count: int) -> tuple[float, float]:
    """Garwood's interval of a Poisson mean, from one count."""

    def up_to(n: int, mean: float) -> float:
        if mean <= 0:
            return 1.0
        return sum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(n + 1))

    def solve(below: Callable[[float], bool]) -> float:
        low, high = 0.0, count * 3 + 20.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle) else (low, middle)
        return low

    if count > 400:
        half = Z90 * math.sqrt(count)
        return count - half, count + half
    lower = solve(lambda mean: 1 - up_to(count - 1, mean) < 0.05) if count else 0.0
    return lower, solve(lambda mean: up_to(count, mean) > 0.05)


def wilson_90(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval of a share."""
    centre = (hits / n + Z90**2 / 2 / n) / (1 + Z90**2 / n)
    half = Z90 / (1 + Z90**2 / n) * math.sqrt(hits / n * (1 - hits / n) / n + Z90**2 / 4 / n / n)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Pages per 30 days of one lane (a partner, or one of its directions)."""

    pages: int
    days: float
    per_30_days: float
    low: float
    high: float


def rate(pages: int, days: float) -> Rate:
    """The rate of so many pages in so many days of one lane, with its 90 % interval."""
    low, high = poisson_90(pages)
    scale = 30 / days if days else math.nan
    return Rate(pages=pages, days=days, per_30_days=pages * scale, low=low * scale, high=high * scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Minutes from the onset of drops to their page; infinite where it never came."""

    n: int
    median: float
    median_low: float
    median_high: float
    p90: float
    missed: float
    missed_low: float
    missed_high: float


def delays(minutes: Sequence[float]) -> Delays:
    """Median and 90th percentile with the missed ones counted as infinite, and order-statistic intervals."""
    ordered, n = sorted(minutes), len(minutes)
    missed, half = sum(map(math.isinf, ordered)), Z90 / 2 * math.sqrt(n)
    low, high = wilson_90(missed, n)
    return Delays(
        n=n,
        median=ordered[(n - 1) // 2],
        median_low=ordered[max(0, math.floor(n / 2 - half))],
        median_high=ordered[min(n - 1, math.ceil(n / 2 + half))],
        p90=ordered[min(n - 1, math.ceil(0.9 * n) - 1)],
        missed=missed / n,
        missed_low=low,
        missed_high=high,
    )
