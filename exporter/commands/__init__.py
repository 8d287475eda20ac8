"""The commands, one module each, and what several of them need."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True, eq=False)
class Families(Collector):
    """Metrics as the client library writes them."""

    families: Sequence[Family]

    def collect(self) -> Sequence[Family]:
        """All of them."""
        return self.families


def show_progress(name: str, done: float, where: str) -> None:
    """One line on stderr while that is a terminal, nothing elsewhere; ``done`` is 0 to 1."""
    if sys.stderr.isatty():
        print(f"\r{name} {done:4.0%} {where:<20}", end="" if done < 1 else "\n", file=sys.stderr, flush=True)
