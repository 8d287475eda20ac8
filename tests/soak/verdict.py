"""What was measured, what it has to be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.soak.course import Course
from tests.soak.daemon import Daemon
from tests.soak.plan import CORRECTION, DAY, RESTARTS
from tests.soak.usage import Usage, first_and_last, longest_life, slope

MOST_MEMORY = 44.0
"""MiB: twice what node_exporter takes."""

MOST_GROWTH = 1.0
"""MiB over the life that is measured."""

SHORTEST_LIFE = 10 * DAY
"""Simulated time below which memory, files and threads say nothing: caches are still filling."""

MOST_LOG = (60, 20 * 1024)
"""Lines and bytes a simulated day. Only what changes is told, so polls add nothing; two incidents a day do."""

MOST_STATE = 64 * 1024
"""Bytes for one partner: 62 days of calls are 24 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of the table; ``good`` None where the run was too short to tell."""

    what: str
    measured: str
    bound: str = ""
    good: bool | None = True


def findings(course: Course, daemon: Daemon, treadmill: list[Usage]) -> list[Finding]:
    """All rows, those without a bound first."""
    return [
        *_happened(course, daemon),
        *_counted(course),
        *_taken(longest_life(course.samples), "without a restart"),
        *_taken(longest_life(treadmill), "of polls, one after the other")[1:],
        *_written(course, daemon),
    ]


def _happened(course: Course, daemon: Daemon) -> list[Finding]:
    restarts = {what: course.done[what] for what in RESTARTS}
    incidents = sum(course.done.values()) - sum(restarts.values()) - course.done[CORRECTION]
    return [
        Finding(what="simulated", measured=f"{course.seconds / DAY:.1f} days, {course.midnights} midnights"),
        Finding(what="polls", measured=f"{daemon.polls:,}"),
        Finding(what="restarts", measured=", ".join(f"{number} {what}" for what, number in restarts.items())),
        Finding(what="incidents", measured=f"{incidents}, and {course.done[CORRECTION]} corrections"),
    ]


def _counted(course: Course) -> list[Finding]:
    wrong = sum(course.shown.get(series) != value for series, value in course.truth.items())
    calls = sum(int(value) for (name, _), value in course.truth.items() if name == "vobiz_calls_total")
    return [
        Finding(
            what=f"counters that differ from the truth, of {len(course.truth)}, after {calls:,} calls",
            measured=str(wrong),
            bound="0",
            good=not wrong and calls > 0,
        ),
        Finding(
            what="times a counter went back, or was not the truth when time stood still",
            measured=str(len(course.problems)),
            bound="0",
            good=not course.problems,
        ),
    ]


def _taken(life: list[Usage], of_what: str) -> list[Finding]:
    if len(life) < 2:
        return [Finding(what=f"memory, files, threads {of_what}", measured="no life was long enough", good=None)]
    days = (life[-1].at - life[0].at) / DAY
    long_enough = days * DAY >= SHORTEST_LIFE / 2
    most, growth = max(sample.memory for sample in life), slope(life)
    rows = [
        Finding(
            what="resident memory, most",
            measured=f"{most:.1f} MiB",
            bound=f"{MOST_MEMORY:g} MiB",
            good=most <= MOST_MEMORY if long_enough else None,
        ),
        Finding(
            what=f"its growth over {days:.1f} days {of_what}",
            measured=f"{growth * days:+.2f} MiB ({growth:+.3f} a day)",
            bound=f"{MOST_GROWTH:g} MiB",
            good=growth * days <= MOST_GROWTH if long_enough else None,
        ),
    ]
    when = f"{days:.1f} days {of_what}"
    return rows + [_flat(life, name, when, long_enough) for name in ("files", "threads")]


def _flat(life: list[Usage], name: str, when: str, long_enough: bool) -> Finding:
    first, last = first_and_last(life, lambda sample: float(getattr(sample, name)))
    return Finding(
        what={"files": "open files", "threads": "threads"}[name] + f", most of the first and last quarter of {when}",
        measured=f"{first:.0f} and {last:.0f}",
        bound="no more, give or take 2",
        good=last <= first + 2 if long_enough else None,
    )


def _written(course: Course, daemon: Daemon) -> list[Finding]:
    days = max(course.seconds / DAY, 1.0)
    log = daemon.log.read_bytes()
    lines, size = log.count(b"\n") / days, len(log) / days
    return [
        Finding(
            what="log a simulated day",
            measured=f"{lines:.0f} lines, {size / 1024:.1f} KiB",
            bound=f"{MOST_LOG[0]} lines, {MOST_LOG[1] / 1024:.0f} KiB",
            good=lines <= MOST_LOG[0] and size <= MOST_LOG[1],
        ),
        Finding(
            what="state file, largest",
            measured=f"{course.largest_state / 1024:.1f} KiB",
            bound=f"{MOST_STATE / 1024:.0f} KiB",
            good=0 < course.largest_state <= MOST_STATE,
        ),
        Finding(
            what="defects told in the log",
            measured=str(log.count(b"defect") + log.count(b"Traceback")),
            bound="0",
            good=b"defect" not in log and b"Traceback" not in log,
        ),
    ]
