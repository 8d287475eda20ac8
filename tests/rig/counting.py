"""Each call once: an exporter that polls a simulated partner, and its counters beside the truth."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.rig.exporter import Exporter, write_config
from tests.rig.process import free_port
from tests.rig.simulated import SimulatedVobiz
from tests.rig.waiting import wait_for

Series = tuple[str, str, str]
"""Counter, or gauge of what is taken back of it; the label in which its series differ, and its value."""

Counters = dict[Series, Decimal]

_NAMES = {"calls": "calls", "answered_calls": "answered_calls", "seconds": "call_seconds", "cost": "cost"}
_SHOWN = re.compile(rf"vobiz_(product_)?({'|'.join(_NAMES.values())})_(total|taken_back)")
_LABELS = ("product", "direction", "currency")


def true_counters(truth: Mapping[str, Any]) -> Counters:
    """What the counters and what is taken back of them must be, had they begun with the simulation.

    Cost by direction is not given by day.
    """
    counters: Counters = {}
    for suffix, tallies in (("total", truth), ("taken_back", truth["withdrawn"])):
        counters[f"vobiz_cost_{suffix}", "currency", str(truth["currency"])] = Decimal(tallies["cost"])
        for field, name in _NAMES.items():
            for product, tally in tallies["by_product"].items():
                counters[f"vobiz_product_{name}_{suffix}", "product", product] = Decimal(tally[field])
            for direction, tally in tallies["by_direction"].items():
                if field != "cost":
                    counters[f"vobiz_{name}_{suffix}", "direction", direction] = Decimal(tally[field])
    return counters


def shown_counters(page: str) -> Counters:
    """What an exposition in the text format shows of them; empty before the first poll."""
    counters = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if _SHOWN.fullmatch(sample.name):
                label = next(label for label in _LABELS if label in sample.labels)
                counters[sample.name, label, sample.labels[label]] = Decimal(repr(sample.value))
    return counters


def backward(before: Counters, after: Counters) -> list[Series]:
    """The series that went back or vanished: Prometheus would take it for a reset, and count everything again."""
    return [
        series
        for series, value in before.items()
        if series[0].endswith("_total") and after.get(series, Decimal(-1)) < value
    ]


class CountingExporter(Exporter):
    """Polls one partner of a simulated Vobiz every second; a restart finds the same port, state and configuration."""

    def __init__(self, directory: Path, vobiz: SimulatedVobiz, *, state: bool = True, timeout: str = "20s") -> None:
        self.state = directory / "state" / "state.db"
        self.state.parent.mkdir(parents=True, exist_ok=True)
        auth_id, token = vobiz.partners[0]
        partner = f"- {{name: acme, auth_id: {auth_id}, auth_token: {token}}}"
        extra = f"state: {{path: '{self.state}'}}\n" if state else ""
        config = write_config(directory, vobiz.url, partners=partner, extra=extra, timeout=timeout)
        self.address = f"127.0.0.1:{free_port()}"
        arguments = (f"--config.file={config}", f"--web.listen-address={self.address}")
        super().__init__("run", *arguments, log=directory / "exporter.log")

    def run_for(self, seconds: float) -> None:
        """Let it run; fails if it ends by itself."""
        with suppress(subprocess.TimeoutExpired):
            code = self._last.wait(seconds)
            raise AssertionError(f"the exporter ended with code {code}: {self.output[-2000:]}")

    def counters(self) -> Counters:
        """Its counters as they are now. Raises OSError while it does not answer."""
        return shown_counters(self.page())

    def wait_for_next_polls(self) -> None:
        """Until both endpoints were asked after now, twice, so that nothing that was in flight is left."""
        for _ in range(2):
            wait_for(partial(self._polled_since, time.time()), "a poll that worked")

    def _polled_since(self, moment: float) -> bool:
        name = "vobiz_last_success_timestamp_seconds"
        at = [self.value(name, endpoint=endpoint) or 0.0 for endpoint in ("dashboard", "analytics")]
        return min(at) > moment
