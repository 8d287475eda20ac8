"""A job makes some faults, the rows of the table, in a directory of its own; several jobs run at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

CHECKS = ("alive", "logged", "counted", "values", "recovered")
"""
alive      the process runs, says that it polls, and gives its page
logged     once when it begins, once when it is over, with what to do; never a secret
counted    in a metric, as often as it happened
values    each one on each page is right or absent; counters are exact in the end
recovered  by itself, within one interval of the fault's end, or after the wait that the API asked for
"""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """One row. ``notes`` say what was seen where all is well, ``problems`` what was not as it has to be."""

    name: str
    what: str
    group: str
    tried: int = 0
    notes: dict[str, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})
    problems: dict[str, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})

    def note(self, check: str, text: str) -> None:
        """Something worth knowing, each text once."""
        if text and text not in self.notes[check]:
            self.notes[check].append(text)

    def fail(self, check: str, text: str) -> None:
        """Something that is not as it has to be, each text once."""
        if text not in self.problems[check]:
            self.problems[check].append(text)

    def require(self, check: str, holds: bool, otherwise: str) -> None:
        """Fail unless it holds."""
        if not holds:
            self.fail(check, otherwise)

    @property
    def holds(self) -> bool:
        """Whether it was tried, and every cell holds."""
        return self.tried > 0 and not any(self.problems.values())


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
