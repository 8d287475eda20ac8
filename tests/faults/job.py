"""A job runs some rows of the table in a directory of its own; several jobs run at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What holds for all jobs. ``slack`` is seconds that the machine may lose before a recovery is called late."""

    slack: float
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when everything is to end at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``rows`` are its faults: group, name, what is done. ``run`` makes those that are wanted."""

    name: str
    rows: tuple[tuple[str, str, str], ...]
    run: Callable[[Path, frozenset[str], Setting], list[Verdict]]

    @property
    def names(self) -> frozenset[str]:
        """The faults that it makes."""
        return frozenset(name for _, name, _ in self.rows)
