"""What the partners' counters would have shown before the drill: the expected traffic of the simulated world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from exporter.ledger import COST_FIGURE, PRODUCT_LANE
from exporter.simulator.books import PULSE
from exporter.simulator.climate import DIRECTIONS, Climate
from exporter.simulator.traffic import MEAN_PULSES, PAISE_A_PULSE, PRODUCT_SHARE

CURRENCY = "INR"
COARSE, FINE = 240.0, 30.0
"""Seconds between samples, up to and from :data:`FINE_FROM` before the end. Prometheus looks back for five minutes."""
FINE_FROM = 3_600.0


@dataclass(slots=True, kw_only=True)
class Past:
    """The counters of one partner, growing as the simulator's traffic is expected to: without the chance of single
    calls, but with its days, quarters of an hour and wandering rates."""

    climate: Climate
    totals: dict[tuple[str, str], float] = field(default_factory=dict)

    def grow(self, at: float, seconds: float) -> None:
        """Add the calls to be expected in ``seconds`` from ``at`` (the simulator's clock) on."""
        for direction in DIRECTIONS:
            lane = self.climate.lane(direction, at)
            for product, share in PRODUCT_SHARE.items():
                calls = lane.calls * share * seconds
                answered = calls * lane.answer_rate
                talk = answered * MEAN_PULSES * PULSE
                cost = answered * MEAN_PULSES * PAISE_A_PULSE[direction, product] / 100
                for name in (direction, PRODUCT_LANE + product):
                    self._add(name, "calls", calls)
                    self._add(name, "answered_calls", answered)
                    self._add(name, "seconds", talk)
                for name in ("all", PRODUCT_LANE + product):
                    self._add(name, COST_FIGURE + CURRENCY, cost)

    def counters(self) -> dict[tuple[str, str], Decimal]:
        """The counters as they stand, in whole calls, seconds and hundredths."""
        return {
            (lane, figure): Decimal(int(value * 100)) / 100 if "/" in figure else Decimal(int(value))
            for (lane, figure), value in self.totals.items()
        }

    def _add(self, lane: str, figure: str, amount: float) -> None:
        self.totals[lane, figure] = self.totals.get((lane, figure), 0.0) + amount


def moments(start: float, end: float) -> Iterator[float]:
    """When samples are taken, from ``start`` to ``end``, which is one of them."""
    at = start
    while at < end:
        yield at
        at += FINE if at > end - FINE_FROM else COARSE
    yield end
