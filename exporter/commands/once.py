"""``vobiz-exporter once``: one poll, one page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from exporter.api.errors import StartError
from exporter.clock import Clock
from exporter.config import load_config
from exporter.extras import endpoints_of
from exporter.files import write_atomically
from exporter.metrics import SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.books import Books
from exporter.poll.snapshot import SnapshotStore
from exporter.state import StateError, StateFile
from exporter.wiring import make_runner


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Poll every partner once and write the page; 0 if everything worked. Raises ConfigError and StartError.

    The page is written in any case: ``vobiz_up 0`` says more than a file that no longer changes. ``process_*`` and
    ``python_*`` are left out: node_exporter, which may serve this page, has its own.
    """
    config = load_config(args.config_file, environ=environ)
    clock, store, telemetry = Clock(), SnapshotStore(), Telemetry()
    state = None if config.state.path is None else _open(config.state.path, [p.name for p in config.partners], clock)
    for partner in config.partners:
        auth_id = partner.auth_id.current().reveal()
        books = Books(partner=partner.name, auth_id=auth_id, store=state, on_failure=telemetry.state_write_failed)
        telemetry.add_partner(partner.name, endpoints_of(partner))
        runner = make_runner(
            partner, config, books=books, publish=store.publish, telemetry=telemetry, clock=clock, once=True
        )
        runner.poll()
        runner.client.close()
    if state is not None:
        state.close()
    page = _page(store, telemetry, clock)
    if args.output is None:
        sys.stdout.buffer.write(page)
    else:
        _write(args.output, page)
    worked = all(health.up for snapshot in store.current() for _, health in snapshot.health)
    return 0 if worked else 1


class _VobizOnly(Collector):
    """The families of some registries whose names are ours."""

    def __init__(self, *collectors: Collector) -> None:
        self._collectors = collectors

    def collect(self) -> Iterable[Family]:
        families = (family for collector in self._collectors for family in collector.collect())
        return (family for family in families if family.name.startswith("vobiz_"))


def _page(store: SnapshotStore, telemetry: Telemetry, clock: Clock) -> bytes:
    page = CollectorRegistry(auto_describe=False)
    page.register(SnapshotCollector(store, clock.elapsed))
    page.register(_VobizOnly(telemetry.polls, telemetry.process))
    return generate_latest(page)


def _open(path: Path, partners: list[str], clock: Clock) -> StateFile:
    state = StateFile(path)
    try:
        state.open(configured=partners, now=clock.wall())
    except StateError as error:
        raise StartError(str(error)) from None
    return state


def _write(path: Path, page: bytes) -> None:
    try:
        write_atomically(path, page)
    except OSError as error:
        raise StartError(f"--output {path}: {error.strerror}; give a file in a directory that can be written") from None
