"""``vobiz-exporter once``: one poll, and its metrics on stdout or in a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from exporter.clock import Clock
from exporter.config import load_config
from exporter.config.errors import StartError
from exporter.daemon import Environment, Partner, open_state
from exporter.files import write_atomically
from exporter.metrics import SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.counting import Ledgers
from exporter.poll.endpoint import ONCE
from exporter.poll.snapshot import SnapshotStore


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Poll every partner once and write the metrics; 0 if everything worked. Raises ConfigError and StartError.

    The metrics are written in any case: ``vobiz_up 0`` says more than a file that no longer changes. ``process_*`` and
    ``python_*`` are left out: node_exporter, which may serve them, has its own.
    """
    config = load_config(args.config_file, environ=environ)
    clock = Clock()
    state, telemetry = open_state(config, clock), Telemetry()
    ledgers = Ledgers(state, on_failure=telemetry.state_write_failed)
    environment = Environment(clock=clock, telemetry=telemetry, ledgers=ledgers)
    for configured in config.partners:
        Partner(configured, config, environment, budget=ONCE).poll()
    if state is not None:
        state.close()
    page = _page(environment.store, telemetry, clock)
    if args.output is None:
        sys.stdout.buffer.write(page)
    else:
        try:
            write_atomically(args.output, page)
        except OSError as error:
            remedy = "give a file in a directory that can be written"
            raise StartError(f"--output {args.output}: {error.strerror}; {remedy}") from None
    worked = all(health.up for snapshot in environment.store.current() for health in snapshot.health.values())
    return 0 if worked else 1


class _OfThePoll(Collector):
    """What the exporter counts of itself and this poll has changed: no ``process_*``, no loads of the configuration."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._registries = (telemetry.polls, telemetry.process)

    def collect(self) -> Iterable[Family]:
        families = (family for registry in self._registries for family in registry.collect())
        return (family for family in families if family.name.startswith("vobiz_") and "_reload_" not in family.name)


def _page(store: SnapshotStore, telemetry: Telemetry, clock: Clock) -> bytes:
    page = CollectorRegistry(auto_describe=False)
    page.register(SnapshotCollector(store, clock.elapsed))
    page.register(_OfThePoll(telemetry))
    return generate_latest(page)
