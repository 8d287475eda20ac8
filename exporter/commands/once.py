"""``vobiz-exporter once``: one poll, and its metrics on stdout or in a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from prometheus_client import generate_latest

from exporter.clock import Clock
from exporter.commands.output import check_output, write_output
from exporter.config.load import load_config
from exporter.daemon.daemon import open_state
from exporter.daemon.partners import Environment, Partner
from exporter.metrics.collector import Families, SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.counting import Ledgers
from exporter.poll.endpoint import ONCE


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Poll every partner once and write the metrics; 0 if everything worked. Raises ConfigError and StartError.

    The metrics are written in any case: ``vobiz_up 0`` says more than a file that no longer changes.
    """
    config = load_config(args.config_file, environ=environ, here=True)
    if args.output is not None:
        check_output(args.output)
    clock = Clock()
    state, telemetry = open_state(config, clock), Telemetry()
    ledgers = Ledgers(state, on_failure=telemetry.state_write_failed)
    environment = Environment(clock=clock, telemetry=telemetry, ledgers=ledgers)
    for configured in config.partners:
        Partner(configured, config, environment, budget=ONCE).poll()
    if state is not None:
        state.close()
    parts = (SnapshotCollector(environment.store, clock.elapsed), telemetry.polls, telemetry.process)
    families = [family for part in parts for family in part.collect() if _is_of_the_poll(family.name)]
    page = generate_latest(Families(families))
    if args.output is None:
        sys.stdout.buffer.write(page)
    else:
        write_output(args.output, page)
    worked = all(health.up for snapshot in environment.store.current() for health in snapshot.health.values())
    return 0 if worked else 1


def _is_of_the_poll(name: str) -> bool:
    """Nothing was reloaded; and of ``process_*`` and ``python_*`` node_exporter, which may serve these, has its own."""
    return name.startswith("vobiz_") and "_reload_" not in name
