"""What is wrong with a partner, if anything, and how bad it is.

The page judges the last minutes more coarsely than the alerting rules, which know the time of day: it calls out what
nobody would argue about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from exporter.api.errors import FAILURES
from exporter.clock import Moment
from exporter.poll.snapshot import ENDPOINTS, Failure
from exporter.web.status import words
from exporter.web.status.facts import Facts, Lane

FAR_BELOW_USUAL = 0.6
BELOW_USUAL = 0.8
"""The answer rate of the last minutes, as a share of the usual one."""

LEAST_MISSING = 40.0
"""Answers that must be missing against the usual rate, so that chance cannot look like a drop: at the usual 60 % that
is more than four standard deviations at either limit."""

LEAST_EXPECTED = 200.0
"""Calls that the last minutes bring on average over day and night, for none at all to be called out."""

MOST_FIELDS = 5
"""Unreadable fields that are named."""

_SECONDS_A_DAY = 86_400.0


class State(str, Enum):
    """How a partner fares; the values are those of the JSON page."""

    PROBLEM = "problem"
    WARNING = "warning"
    UNKNOWN = "unknown"
    OK = "ok"


WORST_FIRST = tuple(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, what to do, and the alert whose runbook tells more."""

    state: State
    text: str
    to_do: str
    alert: str


def findings(facts: Facts, now: Moment) -> tuple[Finding, ...]:
    """All of them, worst first."""
    if not facts.polls:
        return ()
    found = [
        *_polls(facts, now),
        *_balance(facts),
        *(finding for lane in facts.lanes for finding in _traffic(lane, facts.recent_seconds, facts.lately(now))),
        *_content(facts),
    ]
    return tuple(sorted(found, key=lambda finding: WORST_FIRST.index(finding.state)))


def state_of(facts: Facts, found: tuple[Finding, ...]) -> State:
    """The worst of the findings; a partner that was never polled is unknown."""
    if found:
        return found[0].state
    return State.OK if facts.polls else State.UNKNOWN


def _polls(facts: Facts, now: Moment) -> Iterator[Finding]:
    """One finding for endpoints that fail for the same reason; extras alone are no more than a warning."""
    failing: dict[str, list[tuple[str, Failure]]] = {}
    for endpoint, health in facts.health.items():
        if health.failure is not None:
            failing.setdefault(health.failure.outcome, []).append((endpoint, health.failure))
    for outcome, failures in failing.items():
        wording = FAILURES[outcome]
        since = min((failure.since for _, failure in failures), key=lambda moment: moment.elapsed)
        main = any(name in ENDPOINTS for name, _ in failures)
        urgent = main and (wording.lasting or not facts.figures_fresh)
        yield Finding(
            state=State.PROBLEM if urgent else State.WARNING,
            text=f"{wording.happened}: {_endpoints([name for name, _ in failures])}, since {words.ago(since, now)}.",
            to_do=wording.to_do,
            alert=_alert(outcome) if main else "VobizApiErrors",
        )
    if not facts.figures_fresh and "dashboard" not in [name for group in failing.values() for name, _ in group]:
        last = "yet" if facts.figures_at is None else f"since {words.ago(facts.figures_at, now)}"
        yield Finding(
            state=State.PROBLEM,
            text=f"No figures {last}, though no poll failed.",
            to_do="Polls may hang or have stopped: see the exporter's log, and restart it.",
            alert="VobizDataStale",
        )


def _alert(outcome: str) -> str:
    return "VobizAuthFailed" if outcome in ("unauthorized", "forbidden") else "VobizDataStale"


def _balance(facts: Facts) -> Iterator[Finding]:
    if facts.balance is not None and facts.balance <= 0:
        yield Finding(
            state=State.PROBLEM,
            text=f"The balance is used up: {words.money(facts.balance, facts.currency)}.",
            to_do="Top it up: calls may be refused.",
            alert="VobizBalanceExhausted",
        )


def _traffic(lane: Lane, seconds: float | None, lately: str) -> Iterator[Finding]:
    calls, answered = lane.recent.calls, lane.recent.answered_calls
    if seconds is None or calls is None:
        return
    per_day, usual = lane.usual.calls_per_day, lane.usual.answer_ratio
    if calls == 0 and per_day is not None and per_day * seconds / _SECONDS_A_DAY >= LEAST_EXPECTED:
        yield Finding(
            state=State.WARNING,
            text=f"No {lane.direction} calls in the {lately}; "
            f"on average there are {words.number(per_day * seconds / _SECONDS_A_DAY)}.",
            to_do="Place a test call, and check trunks and numbers.",
            alert="VobizNoTraffic",
        )
    standing = rate_state(lane)
    if standing is not State.OK and answered is not None:
        far = "far " if standing is State.PROBLEM else ""
        yield Finding(
            state=standing,
            text=f"The {lane.direction} answer rate is {far}below usual: {words.percent(lane.recent.answer_ratio)} "
            f"of {words.number(calls)} calls in the {lately}, usually {words.percent(usual)}.",
            to_do="Place a test call, and compare carriers, numbers and customers.",
            alert="VobizAnswerRateDrop" if standing is State.PROBLEM else "VobizAnswerRateDegraded",
        )


def rate_state(lane: Lane) -> State:
    """How the answer rate of the last minutes stands against the usual one; OK also where that cannot be told."""
    ratio, usual, calls = lane.recent.answer_ratio, lane.usual.answer_ratio, lane.recent.calls
    if ratio is None or usual is None or calls is None or (usual - ratio) * calls < LEAST_MISSING:
        return State.OK
    if ratio < FAR_BELOW_USUAL * usual:
        return State.PROBLEM
    return State.WARNING if ratio < BELOW_USUAL * usual else State.OK


def _content(facts: Facts) -> Iterator[Finding]:
    for endpoint, health in facts.health.items():
        if health.unreadable:
            named = [f"{field.path} ({field.problem})" for field in health.unreadable[:MOST_FIELDS]]
            more = len(health.unreadable) - len(named)
            yield Finding(
                state=State.WARNING,
                text=f"Fields of {endpoint} are missing or unreadable, their figures are left out: "
                + ", ".join([*named, *([f"and {more} more"] if more else [])])
                + ".",
                to_do="Vobiz's answer may have changed: look for a newer release of the exporter.",
                alert="VobizFieldsUnreadable",
            )
    if facts.mismatches:
        yield Finding(
            state=State.WARNING,
            text=f"Vobiz's own sums disagree: {', '.join(facts.mismatches)}.",
            to_do="If it lasts, ask Vobiz which of the figures is right.",
            alert="",
        )


def _endpoints(names: list[str]) -> str:
    return " and ".join(names)
