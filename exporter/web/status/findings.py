"""What is wrong with each partner, if anything, and how bad it is: by the scores that the alert rules page by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import chain

from exporter.api.errors import Outcome
from exporter.clock import Moment
from exporter.detect.judgements import AnswerRate, Verdict
from exporter.poll.snapshot import ENDPOINTS, Failure, Snapshot
from exporter.web.status import words
from exporter.web.status.facts import Facts, Lane

MAX_FIELDS = 5
"""Unreadable fields that are named."""

PAGES = 1.0
"""A score above this pages, in the alert rules as here."""

WARNS = 0.5
"""A traffic score above this warns: VobizTrafficLow."""


class State(str, Enum):
    """The state of a partner, the worst first; the values are those of the JSON document."""

    PROBLEM = "problem"
    WARNING = "warning"
    UNKNOWN = "unknown"
    OK = "ok"


_ORDER = {state: place for place, state in enumerate(State)}
_STATE_OF_RATE = {Verdict.DROPPED: State.PROBLEM, Verdict.SUSPICIOUS: State.WARNING, Verdict.USUAL: State.OK}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or cannot be judged, what to do, and the alert whose runbook says more.

    Partners whose findings are the same but for the ``detail`` share a card on the page.
    """

    state: State
    what: str
    to_do: str
    alert: str = ""
    detail: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """The whole sentence."""
        return f"{self.what}{self.detail}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One partner's facts, what is wrong (worst first), and how bad that is."""

    facts: Facts
    findings: tuple[Finding, ...]
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All partners at one moment, worst first; those in the same state stay in the order of the configuration."""

    now: Moment
    partners: tuple[Judged, ...]

    @property
    def state(self) -> State:
        """The worst of all partners; unknown while there is none."""
        return self.partners[0].state if self.partners else State.UNKNOWN

    @property
    def counts(self) -> Mapping[State, int]:
        """How many partners are in each state, worst first, without empty states."""
        return Counter(partner.state for partner in self.partners)

    @property
    def shared(self) -> Mapping[Finding, Sequence[Judged]]:
        """The partners that have the same worst trouble; only where there are at least two."""
        grouped: dict[Finding, list[Judged]] = {}
        for partner in self.partners:
            if partner.state in (State.PROBLEM, State.WARNING):
                grouped.setdefault(partner.findings[0], []).append(partner)
        return {finding: partners for finding, partners in grouped.items() if len(partners) > 1}


def overview(snapshots: Sequence[Snapshot], now: Moment) -> Overview:
    """Everything there is to say at this moment."""
    partners = [judge(snapshot, now) for snapshot in snapshots]
    return Overview(now=now, partners=tuple(sorted(partners, key=lambda partner: _ORDER[partner.state])))


def judge(snapshot: Snapshot, now: Moment) -> Judged:
    """One partner at this moment. Its state is the worst of the findings; one that was never polled is unknown."""
    facts = Facts(snapshot, now)
    traffic = chain.from_iterable(map(_traffic, facts.lanes))
    every = chain(_polls(facts), _balance(facts), _spend(facts), traffic, _answers(facts), _content(facts))
    found = tuple(sorted(every, key=lambda finding: _ORDER[finding.state])) if snapshot.polls else ()
    state = found[0].state if found else State.OK if snapshot.polls else State.UNKNOWN
    return Judged(facts=facts, findings=found, state=state)


def rate_state(lane: Lane) -> State:
    """The state of a direction's answer rate: OK only where it was judged and is usual, or nobody calls."""
    return _STATE_OF_RATE.get(lane.judged.answer_rate.verdict, State.OK if lane.idle else State.UNKNOWN)


_problem, _warning = partial(Finding, State.PROBLEM), partial(Finding, State.WARNING)


def _polls(facts: Facts) -> Iterator[Finding]:
    """One finding for endpoints that fail for the same reason; extras alone are no more than a warning."""
    failing: dict[tuple[str, str], dict[str, Failure]] = {}
    for endpoint, health in facts.snapshot.health.items():
        if (failure := health.failure) is not None:
            failing.setdefault((failure.outcome, failure.to_do), {})[endpoint] = failure
    for (outcome, to_do), failures in failing.items():
        failed, main = Outcome(outcome), any(name in ENDPOINTS for name in failures)
        since = min((failure.since for failure in failures.values()), key=lambda moment: moment.elapsed)
        make = _problem if main and (failed.lasting or not facts.fresh) else _warning
        alert = "VobizAuthFailed" if outcome in ("unauthorized", "forbidden") else "VobizDataStale"
        detail = f": {' and '.join(failures)}, since {words.ago(since, facts.now)}"
        yield make(failed.happened, to_do, alert if main else "VobizApiErrors", detail)
    if not facts.fresh and not any("dashboard" in failures for failures in failing.values()):
        last = "yet" if facts.values_at is None else f"since {words.ago(facts.values_at, facts.now)}"
        to_do = "Polls may hang or have stopped: see the exporter's log, and restart it."
        yield _problem("No poll failed, but there are no values", to_do, "VobizDataStale", f" {last}")


def _balance(facts: Facts) -> Iterator[Finding]:
    """A partner that has no customers yet holds no balance for them either."""
    report = facts.report
    if report.balance is not None and report.balance <= 0 and report.accounts.total != 0:
        detail = f": {words.money(report.balance, report.currency)}"
        yield _problem("The balance is used up", "Top it up: calls may be refused.", "VobizBalanceExhausted", detail)


def _spend(facts: Facts) -> Iterator[Finding]:
    to_do = "Look for toll fraud: which customers call where, and stop them first."
    for currency, spend in facts.judgements.currencies.items():
        if (spend.spend_spike_score or 0) > PAGES:
            expected = spend.cost_per_hour_expected
            usual = "" if expected is None else f"; about {words.number(expected)} an hour are usual now"
            yield _problem(f"Spend in {currency} is far above usual", to_do, "VobizSpendSpike", usual)
    for lane in facts.lanes:
        if (lane.judged.minutes_spike_score or 0) > PAGES:
            yield _problem(f"Far more {lane.direction} minutes than usual", to_do, "VobizOutboundMinutesSpike")


def _traffic(lane: Lane) -> Iterator[Finding]:
    score, expected = lane.judged.traffic_drop_score or 0, lane.judged.calls_per_hour_expected
    to_do = "Place a test call, and check trunks and numbers."
    usual = "" if expected is None else f"; at this hour {words.number(expected)} an hour are usual"
    if score > PAGES:
        yield _problem(f"No {lane.direction} calls", to_do, "VobizNoTraffic", usual)
    elif score > WARNS:
        yield _warning(f"Far fewer {lane.direction} calls than usual", to_do, "VobizTrafficLow", usual)


def _answers(facts: Facts) -> Iterator[Finding]:
    """Of each direction; and of a product that drops while neither direction shows it."""
    states = [(lane, rate_state(lane)) for lane in facts.lanes]
    rates = facts.judgements.products.items()
    dropped = {name: rate for name, rate in rates if rate.verdict is Verdict.DROPPED}
    to_do = "Place a test call{}, and compare carriers, numbers and customers."
    for lane, state in states if facts.fresh else ():
        what, evidence = f"The {lane.direction} answer rate", _evidence(lane.judged.answer_rate, facts.now)
        if state is State.PROBLEM:
            carried = f". It is the calls of {' and '.join(dropped)}" if dropped else ""
            yield _problem(f"{what} has dropped", to_do.format(""), "VobizAnswerRateDrop", evidence + carried)
        elif state is State.WARNING:
            yield _warning(f"{what} may have dropped", to_do.format(""), "VobizAnswerRateDegraded", evidence)
        elif state is State.UNKNOWN:
            nothing = "Nothing, if this is usual here. It is judged again as calls come in."
            yield Finding(state, f"{what} cannot be judged: {_why_unknown(lane.judged.answer_rate)}", nothing)
    if all(state is not State.PROBLEM for _, state in states):
        for name, rate in dropped.items():
            what, evidence = f"The answer rate of {name} has dropped", _evidence(rate, facts.now)
            yield _problem(what, to_do.format(" with this product"), "VobizAnswerRateDrop", evidence)


def _evidence(rate: AnswerRate, now: Moment) -> str:
    since = "" if rate.since is None else f" since {words.ago(Moment.at_wall(rate.since, now), now)}"
    return f": {words.number(rate.answered)} of {words.number(rate.calls)} calls answered{since}{_expected(rate)}"


def _why_unknown(rate: AnswerRate) -> str:
    if rate.verdict is not Verdict.TOO_FEW_CALLS:
        return "not enough history to compare with yet"
    counted = f" ({words.number(rate.answered)} of {words.number(rate.calls)} answered{_expected(rate)})"
    return f"too few calls to tell{counted if rate.calls else ''}"


def _expected(rate: AnswerRate) -> str:
    expected = rate.expected_answered
    return "" if expected is None else f", {words.number(expected)} expected"


def _content(facts: Facts) -> Iterator[Finding]:
    for endpoint, health in facts.snapshot.health.items():
        if health.unreadable:
            named = [f"{field.path} ({field.problem})" for field in health.unreadable]
            if len(named) > MAX_FIELDS:
                named[MAX_FIELDS:] = [f"and {len(named) - MAX_FIELDS} more"]
            what = f"Fields of {endpoint} are missing or unreadable, their values are left out"
            to_do = "Vobiz's answer may have changed: look for a newer release of the exporter."
            yield _warning(what, to_do, "VobizFieldsUnreadable", f": {', '.join(named)}")
    if facts.mismatches:
        to_do, checks = "If it lasts, ask Vobiz which of the values is right.", f": {', '.join(facts.mismatches)}"
        yield _warning("Vobiz's own sums disagree", to_do, detail=checks)
