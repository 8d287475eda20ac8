"""Tests that start no process are the quick ones: ``make check`` runs them. Nothing may slip in among them."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.rig.examples import examples

settings.register_profile("suite", examples(100))
settings.load_profile("suite")

# If a release tool has brought this package along, jsonschema compiles a grammar for it when it is imported: 1.5 s for
# each worker, for a format that no schema here has.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

_unmarked: list[str] = []
"""The test that runs now, if it has no mark ``process``."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "process: starts processes; make check leaves it out")
    sys.addaudithook(_refuse)


def pytest_collection_finish() -> None:
    # What was collected stays to the end: looking for garbage among it takes a twentieth of the time.
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if item.get_closest_marker("process") is None:
        _unmarked.append(item.nodeid)
    try:
        return (yield)
    finally:
        _unmarked.clear()


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command run in this process sets up logging: the next test starts without its handler and its levels."""
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in ("exporter", "urllib3", "requests", "apscheduler"))]
    handlers, levels = list(root.handlers), [logger.level for logger in loggers]
    yield
    # What pytest itself has added for this test goes by itself; what the test has added goes here.
    root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the exporter logs: a line of a library may come at any moment, and no test means it."""
    only = logging.Filter("exporter")
    caplog.handler.addFilter(only)
    yield caplog
    caplog.handler.removeFilter(only)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and _unmarked:
        raise AssertionError(f"{_unmarked[0]} starts {arguments[0]}: mark it with pytest.mark.process")
