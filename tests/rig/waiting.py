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


class WaitedTooLongError(AssertionError):
    """A condition has not come true within :data:`PATIENCE`."""


def wait_for(
    condition: Callable[[], T | None], what: str = "the condition", *, patience: float = PATIENCE, pause: float = 0.05
) -> T:
    """What the condition returns once it is neither None nor false; an OSError counts as not yet.

    ``patience`` is for what takes long on any machine, never for less; ``pause`` is longer for looks that take time.
    Raises WaitedTooLongError.
    """
    deadline = time.monotonic() + patience
    never = threading.Event()
    while True:
        with suppress(OSError):
            if found := condition():
                return found
        if time.monotonic() > deadline:
            raise WaitedTooLongError(f"not within {patience:g} s: {what}")
        never.wait(pause)
