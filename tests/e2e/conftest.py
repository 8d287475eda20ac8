"""Real processes on real sockets: the daemon, the simulated Vobiz, Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.rig.counting import CountingExporter
from tests.rig.prometheus import Prometheus, scraping
from tests.rig.simulated import SimulatedVobiz
from tests.rig.tools import tool

StartVobiz = Callable[..., SimulatedVobiz]
StartExporter = Callable[..., CountingExporter]
StartPrometheus = Callable[[str], Prometheus]


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    """Whatever is entered here is ended with the test, the last one first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start_vobiz(ending: ExitStack) -> StartVobiz:
    """Start a simulated Vobiz; keywords are its flags."""
    return lambda **flags: ending.enter_context(SimulatedVobiz(**flags))


@pytest.fixture
def start_exporter(ending: ExitStack, tmp_path: Path) -> StartExporter:
    """Start the daemon against a simulated Vobiz, polling every second; without ``state`` nothing outlives it."""

    def start(vobiz: SimulatedVobiz, *, state: bool = True) -> CountingExporter:
        exporter = CountingExporter(tmp_path / "exporter", vobiz, state=state)
        exporter.start()
        ending.callback(exporter.close)
        return exporter

    return start


@pytest.fixture
def start_prometheus(ending: ExitStack, tmp_path: Path) -> StartPrometheus:
    """Start a Prometheus that scrapes ``host:port`` every second."""

    def start(target: str) -> Prometheus:
        tool("prometheus")
        return ending.enter_context(Prometheus(tmp_path / "prometheus", scraping([target])))

    return start
