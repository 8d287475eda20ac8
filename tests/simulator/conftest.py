from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from exporter.simulator import DemoServer, DemoSettings

from .world import FakeClock, World

Demo = Callable[..., World]


@pytest.fixture
def demo() -> Iterator[Demo]:
    """Start simulators under a fake clock; 400 calls an hour by default; they end with the test."""
    with ExitStack() as stack:

        def start(*, clock: FakeClock | None = None, **settings: Any) -> World:
            time = clock or FakeClock()
            chosen = DemoSettings(**{"volume": 400.0, **settings})
            server = stack.enter_context(DemoServer(chosen, clock=time))
            server.start()
            return World(server, time)

        yield start
