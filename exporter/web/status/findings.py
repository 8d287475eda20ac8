"""What is wrong with a partner, if anything, and how bad it is: by the scores that the alert rules page by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from exporter.api.errors import FAILURES
from exporter.clock import Moment
from exporter.detect import AnswerRate, Verdict
from exporter.poll.snapshot import ENDPOINTS, Failure
from exporter.web.status import words
from exporter.web.status.facts import Facts, Lane

MAX_FIELDS = 5
"""Unreadable fields that are named."""

PAGES = 1.0
"""A score above this pages, in the alert rules as here."""

WARNS = 0.5
"""A traffic score above this warns: VobizTrafficLow."""


class State(str, Enum):
    """The state of a partner; the values are those of the JSON document."""

    PROBLEM = "problem"
    WARNING = "warning"
    UNKNOWN = "unknown"
    OK = "ok"


WORST_FIRST = tuple(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or cannot be told, what to do, and the alert whose runbook says more.

    Partners whose findings have the same ``kind`` share a card on the page.
    """

    state: State
    kind: str
    text: str
    to_do: str
    alert: str = ""


def findings(facts: Facts, now: Moment) -> tuple[Finding, ...]:
    """All of them, worst first."""
    if not facts.polls:
        return ()
    found = [
        *_polls(facts, now),
        *_balance(facts),
        *_spend(facts),
        *(finding for lane in facts.lanes for finding in _traffic(lane)),
        *(finding for lane in facts.lanes for finding in _answers(facts, lane, now)),
        *_products(facts, now),
        *_content(facts),
    ]
    return tuple(sorted(found, key=lambda finding: WORST_FIRST.index(finding.state)))


def state_of(facts: Facts, found: tuple[Finding, ...]) -> State:
    """The worst of the findings; a partner that was never polled is unknown."""
    if found:
        return found[0].state
    return State.OK if facts.polls else State.UNKNOWN


def rate_state(lane: Lane) -> State:
    """The state of a direction's answer rate: OK only where it was judged and is usual, or nobody calls."""
    return {
        Verdict.DROPPED: State.PROBLEM,
        Verdict.SUSPICIOUS: State.WARNING,
        Verdict.USUAL: State.OK,
    }.get(lane.judged.answer_rate.verdict, State.OK if lane.idle else State.UNKNOWN)


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
        urgent = main and (wording.lasting or not facts.fresh)
        yield Finding(
            state=State.PROBLEM if urgent else State.WARNING,
            kind=f"poll {outcome}",
            text=f"{wording.happened}: {' and '.join(name for name, _ in failures)}, since {words.ago(since, now)}.",
            to_do=wording.to_do,
            alert=_alert(outcome) if main else "VobizApiErrors",
        )
    if not facts.fresh and "dashboard" not in [name for group in failing.values() for name, _ in group]:
        last = "yet" if facts.values_at is None else f"since {words.ago(facts.values_at, now)}"
        yield Finding(
            state=State.PROBLEM,
            kind="no values",
            text=f"No values {last}, though no poll failed.",
            to_do="Polls may hang or have stopped: see the exporter's log, and restart it.",
            alert="VobizDataStale",
        )


def _alert(outcome: str) -> str:
    return "VobizAuthFailed" if outcome in ("unauthorized", "forbidden") else "VobizDataStale"


def _balance(facts: Facts) -> Iterator[Finding]:
    """A partner that has no customers yet holds no balance for them either."""
    if facts.balance is not None and facts.balance <= 0 and facts.accounts.total != 0:
        yield Finding(
            state=State.PROBLEM,
            kind="balance",
            text=f"The balance is used up: {words.money(facts.balance, facts.currency)}.",
            to_do="Top it up: calls may be refused.",
            alert="VobizBalanceExhausted",
        )


def _spend(facts: Facts) -> Iterator[Finding]:
    for currency, spend in facts.judgements.currencies.items():
        if _above(spend.spend_spike_score, PAGES):
            expected = spend.cost_per_hour_expected
            usual = "" if expected is None else f"; about {expected:,.0f} an hour are usual now"
            yield Finding(
                state=State.PROBLEM,
                kind="spend",
                text=f"Spend in {currency} is far above usual{usual}.",
                to_do="Look for toll fraud: which customers call where, and stop them first.",
                alert="VobizSpendSpike",
            )
    for lane in facts.lanes:
        if _above(lane.judged.minutes_spike_score, PAGES):
            yield Finding(
                state=State.PROBLEM,
                kind="minutes",
                text=f"Far more {lane.direction} minutes than usual.",
                to_do="Look for toll fraud: which customers call where, and stop them first.",
                alert="VobizOutboundMinutesSpike",
            )


def _traffic(lane: Lane) -> Iterator[Finding]:
    score, expected = lane.judged.traffic_drop_score, lane.judged.calls_per_hour_expected
    if not _above(score, WARNS):
        return
    silent = _above(score, PAGES)
    usual = "" if expected is None else f"; at this hour {words.number(expected)} an hour are usual"
    yield Finding(
        state=State.PROBLEM if silent else State.WARNING,
        kind=f"traffic {lane.direction}",
        text=f"{'No' if silent else 'Far fewer'} {lane.direction} calls{'' if silent else ' than usual'}{usual}.",
        to_do="Place a test call, and check trunks and numbers.",
        alert="VobizNoTraffic" if silent else "VobizTrafficLow",
    )


def _answers(facts: Facts, lane: Lane, now: Moment) -> Iterator[Finding]:
    rate, state = lane.judged.answer_rate, rate_state(lane)
    if state is State.OK or not facts.fresh:
        return
    if state is State.UNKNOWN:
        few = rate.verdict is Verdict.TOO_FEW_CALLS
        yield Finding(
            state=State.UNKNOWN,
            kind=f"cannot tell {lane.direction}",
            text=f"The {lane.direction} answer rate cannot be judged: "
            + (f"too few calls to tell{_counted(rate)}." if few else "not enough history to compare with yet."),
            to_do="Nothing, if this is usual here. It is judged again as calls come in.",
        )
        return
    dropped = state is State.PROBLEM
    products = facts.dropped_products if dropped else {}
    carried = f" It is the calls of {' and '.join(products)}." if products else ""
    yield Finding(
        state=state,
        kind=f"answers {lane.direction}",
        text=f"The {lane.direction} answer rate {'has dropped' if dropped else 'may have dropped'}: "
        f"{_evidence(rate, now)}.{carried}",
        to_do="Place a test call, and compare carriers, numbers and customers.",
        alert="VobizAnswerRateDrop" if dropped else "VobizAnswerRateDegraded",
    )


def _products(facts: Facts, now: Moment) -> Iterator[Finding]:
    """A product that drops while neither direction shows it."""
    if any(rate_state(lane) is State.PROBLEM for lane in facts.lanes):
        return
    for name, rate in facts.dropped_products.items():
        yield Finding(
            state=State.PROBLEM,
            kind=f"answers {name}",
            text=f"The answer rate of {name} has dropped: {_evidence(rate, now)}.",
            to_do="Place a test call with this product, and compare carriers, numbers and customers.",
            alert="VobizAnswerRateDrop",
        )


def _evidence(rate: AnswerRate, now: Moment) -> str:
    since = "" if rate.since is None else f" since {words.ago(Moment.at_wall(rate.since, now), now)}"
    return f"{words.number(rate.answered)} of {words.number(rate.calls)} calls answered{since}{_expected(rate)}"


def _counted(rate: AnswerRate) -> str:
    if not rate.calls:
        return ""
    return f" ({words.number(rate.answered)} of {words.number(rate.calls)} answered{_expected(rate)})"


def _expected(rate: AnswerRate) -> str:
    expected = rate.expected_answered
    return "" if expected is None else f", {words.number(expected)} expected"


def _above(score: float | None, limit: float) -> bool:
    return score is not None and score > limit


def _content(facts: Facts) -> Iterator[Finding]:
    for endpoint, health in facts.health.items():
        if health.unreadable:
            named = [f"{field.path} ({field.problem})" for field in health.unreadable[:MAX_FIELDS]]
            more = len(health.unreadable) - len(named)
            yield Finding(
                state=State.WARNING,
                kind=f"fields {endpoint}",
                text=f"Fields of {endpoint} are missing or unreadable, their values are left out: "
                + ", ".join([*named, *([f"and {more} more"] if more else [])])
                + ".",
                to_do="Vobiz's answer may have changed: look for a newer release of the exporter.",
                alert="VobizFieldsUnreadable",
            )
    if facts.mismatches:
        yield Finding(
            state=State.WARNING,
            kind="sums",
            text=f"Vobiz's own sums disagree: {', '.join(facts.mismatches)}.",
            to_do="If it lasts, ask Vobiz which of the values is right.",
        )
