"""When an alert fires, as the rule manager of Prometheus decides it; and which of its firings are pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

STEP = 60
"""Seconds between evaluations."""

QUIET = 15 * 60
"""A firing is a new page after so many seconds without one."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}


def seconds(duration: str | None) -> float:
    """A duration of Prometheus ("1h30m") in seconds; 0 for none."""
    return sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration or ""))


def firing_times(true_at: Sequence[float], *, hold: float, keep: float) -> set[float]:
    """When an alert of one label set fires, from the evaluations at which its expression is true.

    It fires once the expression has been true for `hold` seconds without a gap, and goes on for `keep` seconds after;
    what comes back within that time has never resolved and needs no new `hold`.
    """
    fires: set[float] = set()
    for run in _runs(true_at):
        unresolved = run[0] - STEP in fires
        on = [at for at in run if unresolved or at - run[0] >= hold]
        fires.update(on)
        if on:
            fires.update(run[-1] + STEP * step for step in range(1, int(-(-keep // STEP)) + 1))
    return fires


def _runs(times: Sequence[float]) -> list[list[float]]:
    """The times, split wherever one or more evaluations are missing."""
    runs: list[list[float]] = []
    for at in times:
        if runs and at - runs[-1][-1] <= 1.5 * STEP:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def pages(fires: Iterable[float], begin: float, end: float, pauses: Sequence[tuple[float, float]] = ()) -> list[float]:
    """When it newly fires after 15 quiet minutes, in [begin, end) and outside the pauses."""
    found, last = [], float("-inf")
    for at in sorted(fires):
        if at - last > QUIET and begin <= at < end and not any(a <= at <= b for a, b in pauses):
            found.append(at)
        last = at
    return found


def exposed_seconds(begin: float, end: float, pauses: Sequence[tuple[float, float]]) -> float:
    """Seconds from begin to end that no pause covers."""
    total, reached = 0.0, begin
    for a, b in sorted(pauses):
        total += max(0.0, min(a, end) - reached)
        reached = max(reached, b)
    return total + max(0.0, end - reached)
