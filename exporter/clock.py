"""Time as an argument: what the modules that need it are given, and tests replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


def _elapsed() -> float:
    """Seconds that never jump when the clock is set, and that count while the machine is suspended (Linux)."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment on both clocks: ``wall`` to show it (seconds since the epoch), ``elapsed`` to measure its age."""

    wall: float
    elapsed: float

    @classmethod
    def at_wall(cls, wall: float, now: Moment) -> Moment:
        """The moment that the wall clock showed as ``wall``, given both clocks as they are now."""
        return cls(wall=wall, elapsed=now.elapsed - (now.wall - wall))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The two clocks. Ages and waits are measured on ``elapsed`` alone: the wall clock may be set back or forward."""

    wall: Callable[[], float] = time.time
    elapsed: Callable[[], float] = _elapsed

    def now(self) -> Moment:
        """This moment."""
        return Moment(wall=self.wall(), elapsed=self.elapsed())
