"""Real processes on real sockets: the daemon, the simulated Vobiz, Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from exporter.simulator import DemoSettings
from tests.e2e.processes import ExporterProcess, Prometheus, SimulatedVobiz, free_port
from tests.tools import tool

StartVobiz = Callable[..., SimulatedVobiz]
StartExporter = Callable[..., ExporterProcess]
StartPrometheus = Callable[[str], Prometheus]


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    """Whatever is entered here is ended with the test, the last one first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start_vobiz(ending: ExitStack) -> StartVobiz:
    """Start a simulated Vobiz; arguments as of DemoSettings."""

    def start(**settings: object) -> SimulatedVobiz:
        return ending.enter_context(SimulatedVobiz(DemoSettings(**settings)))  # type: ignore[arg-type]

    return start


@pytest.fixture
def start_exporter(ending: ExitStack, tmp_path: Path) -> StartExporter:
    """Start the daemon against a simulated Vobiz, polling every second; without ``state`` nothing outlives it."""

    def start(vobiz: SimulatedVobiz, *, state: bool = True) -> ExporterProcess:
        path = tmp_path / "state" / "state.json" if state else None
        exporter = ExporterProcess(directory=tmp_path, vobiz=vobiz, state_path=path, port=free_port())
        return ending.enter_context(exporter)

    return start


@pytest.fixture
def start_prometheus(ending: ExitStack, tmp_path: Path) -> StartPrometheus:
    """Start a Prometheus that scrapes ``host:port`` every second."""

    def start(target: str) -> Prometheus:
        directory = tmp_path / "prometheus"
        directory.mkdir()
        prometheus = Prometheus(tool("prometheus"), directory=directory, target=target, port=free_port())
        return ending.enter_context(prometheus)

    return start
