"""Waiting for a condition: the only way in which tests wait, and the only limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 90.0
"""Seconds that any condition may take. A busy machine is slow, a defect is for ever: only failures wait that long."""

PAUSE = 0.02
"""Seconds between two looks."""


class WaitedTooLongError(AssertionError):
    """A condition has not come true within :data:`PATIENCE`."""


def wait_for(condition: Callable[[], T | None], what: str = "the condition", *, patience: float = PATIENCE) -> T:
    """What the condition returns once it is neither None nor false; an OSError counts as not yet.

    ``patience`` is for what takes long on any machine, never for less. Raises WaitedTooLongError.
    """
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while True:
        with suppress(OSError):
            if found := condition():
                return found
        if time.monotonic() > deadline:
            raise WaitedTooLongError(f"not within {patience:g} s: {what}")
        pause.wait(PAUSE)


def comes_true(condition: Callable[[], object], *, patience: float = PATIENCE) -> bool:
    """Whether a condition comes true in time."""
    try:
        wait_for(condition, "", patience=patience)
    except WaitedTooLongError:
        return False
    return True
