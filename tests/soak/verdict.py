"""What was measured, what it has to be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.soak.month import Month
from tests.soak.plan import CORRECTION, DAY, RESTARTS
from tests.soak.usage import Usage, first_and_last, longest_life, slope

MAX_MEMORY = 60.0
"""MiB, for one partner."""

MAX_GROWTH = 1.0
"""MiB over the life that is measured."""

MIN_LIFE = 10 * DAY
"""Simulated time below which memory, files and threads say nothing: caches are still filling."""

MAX_LOG = (60, 20 * 1024)
"""Lines and bytes a simulated day. Only what changes is logged, so polls add nothing; two incidents a day do."""

MAX_STATE = 256 * 1024
"""Bytes for one partner: 62 days of calls and the database around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of the table; ``good`` None where the run was too short to tell."""

    what: str
    measured: str
    bound: str = ""
    good: bool | None = True


def findings(month: Month, log: bytes, many_polls: list[Usage]) -> list[Finding]:
    """All rows, those without a bound first."""
    return [
        *_happened(month),
        *_counted(month),
        *_taken(longest_life(month.samples), "without a restart"),
        # in the first half, windows and Python's own tables still fill: at sixty partners that is megabytes
        *_taken(many_polls[len(many_polls) // 2 :], "of the polls of many partners")[1:],
        *_written(month, log),
    ]


def _happened(month: Month) -> list[Finding]:
    restarts = {what: month.done[what] for what in RESTARTS}
    incidents = sum(month.done.values()) - sum(restarts.values()) - month.done[CORRECTION]
    return [
        Finding(what="simulated", measured=f"{month.seconds / DAY:.1f} days, {month.midnights} midnights"),
        Finding(what="polls", measured=f"{month.polls:,}"),
        Finding(what="restarts", measured=", ".join(f"{number} {what}" for what, number in restarts.items())),
        Finding(what="incidents", measured=f"{incidents}, and {month.done[CORRECTION]} corrections"),
    ]


def _counted(month: Month) -> list[Finding]:
    wrong = sum(month.shown.get(series) != value for series, value in month.truth.items())
    calls = sum(int(value) for (name, *_), value in month.truth.items() if name == "vobiz_calls_total")
    return [
        Finding(
            what=f"counters that differ from the truth, of {len(month.truth)}, after {calls:,} calls",
            measured=str(wrong),
            bound="0",
            good=not wrong and calls > 0,
        ),
        Finding(
            what="times a counter went back, or was not the truth when time stood still",
            measured=str(len(month.problems)),
            bound="0",
            good=not month.problems,
        ),
    ]


def _taken(life: list[Usage], of_what: str) -> list[Finding]:
    if len(life) < 2:
        return [Finding(what=f"memory, files, threads {of_what}", measured="no life was long enough", good=None)]
    days = (life[-1].at - life[0].at) / DAY
    long_enough = days * DAY >= MIN_LIFE / 2
    most, growth = max(sample.memory for sample in life), slope(life)
    rows = [
        Finding(
            what="resident memory, most",
            measured=f"{most:.1f} MiB",
            bound=f"{MAX_MEMORY:g} MiB",
            good=most <= MAX_MEMORY if long_enough else None,
        ),
        Finding(
            what=f"its growth over {days:.1f} days {of_what}",
            measured=f"{growth * days:+.2f} MiB ({growth:+.3f} a day)",
            bound=f"{MAX_GROWTH:g} MiB",
            good=growth * days <= MAX_GROWTH if long_enough else None,
        ),
    ]
    when = f"{days:.1f} days {of_what}"
    return rows + [_flat(life, name, when, long_enough) for name in ("files", "threads")]


def _flat(life: list[Usage], name: str, when: str, long_enough: bool) -> Finding:
    first, last = first_and_last(life, lambda sample: float(getattr(sample, name)))
    return Finding(
        what={"files": "open files", "threads": "threads"}[name] + f", least of the first and last quarter of {when}",
        measured=f"{first:.0f} and {last:.0f}",
        bound="no more, give or take 2",
        good=last <= first + 2 if long_enough else None,
    )


def _written(month: Month, log: bytes) -> list[Finding]:
    days = max(month.seconds / DAY, 1.0)
    lines, size = log.count(b"\n") / days, len(log) / days
    return [
        Finding(
            what="log a simulated day",
            measured=f"{lines:.0f} lines, {size / 1024:.1f} KiB",
            bound=f"{MAX_LOG[0]} lines, {MAX_LOG[1] / 1024:.0f} KiB",
            good=lines <= MAX_LOG[0] and size <= MAX_LOG[1],
        ),
        Finding(
            what="state, largest",
            measured=f"{month.largest_state / 1024:.1f} KiB",
            bound=f"{MAX_STATE / 1024:.0f} KiB",
            good=0 < month.largest_state <= MAX_STATE,
        ),
        Finding(
            what="defects in the log",
            measured=str(log.count(b"defect") + log.count(b"Traceback")),
            bound="0",
            good=b"defect" not in log and b"Traceback" not in log,
        ),
    ]
