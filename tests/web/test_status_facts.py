"""What may be said of a partner, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.api.errors import ApiError, Outcome
from exporter.api.model import NO_CALLS, Accounts, Report, Rollup, Unreadable, Window
from exporter.clock import Moment
from exporter.detect.judgements import Direction, Judgements, Spend, Verdict
from exporter.poll.snapshot import Dated, Health, PastFailure, Snapshot
from exporter.web.status.facts import Facts
from exporter.web.status.findings import Finding, State, judge, overview
from exporter.web.status.past import ended
from tests.web.status_kit import (
    CALM,
    DAYS,
    DROPPED,
    NEVER_POLLED,
    NOW,
    REPORT,
    STALE_AFTER,
    TODAY,
    UP,
    USUAL,
    before,
    dashboard,
    down,
    failing,
    failure,
    judged,
    named,
    rate,
    readings,
    rollup,
)

RULES = Path(__file__).parents[2] / "prometheus" / "rules"


def found(snapshot: Snapshot, now: Moment = NOW) -> tuple[Finding, ...]:
    return judge(snapshot, now).findings


def state(snapshot: Snapshot, now: Moment = NOW) -> State:
    return judge(snapshot, now).state


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.SUCCESS}))
def test_a_failure_is_reported_once_for_both_endpoints_with_since_when_and_what_to_do(outcome: Outcome) -> None:
    (finding,) = found(failing(outcome.value))
    assert finding.text == f"{outcome.happened}: dashboard and analytics, since 09:58 UTC, 1 min ago."
    assert finding.to_do == ApiError(outcome, "").to_do


def test_a_failure_for_a_reason_of_its_own_shows_what_to_do_about_that() -> None:
    health = dict(failing("malformed").health)
    failed = replace(failure("malformed", since=90), to_do="Report it.")
    health["analytics"] = replace(health["analytics"], failure=failed, past=(PastFailure(failure=failed, until=NOW),))
    general, own = found(replace(CALM, health=health))
    assert (general.text, own.text) == (
        "The answer cannot be used: dashboard, since 09:58 UTC, 1 min ago.",
        "The answer cannot be used: analytics, since 09:58 UTC, 1 min ago.",
    )
    assert (general.to_do, own.to_do) == (ApiError(Outcome.MALFORMED, "").to_do, "Report it.")
    health["dashboard"] = replace(UP, past=(PastFailure(failure=failure("malformed", since=90), until=NOW),))
    assert [past.failure.to_do for _, past in ended(health)] == [general.to_do, own.to_do]


def test_a_failed_poll_is_a_warning_while_the_figures_are_fresh_and_a_problem_after() -> None:
    assert state(failing("timeout")) is State.WARNING
    assert state(failing("timeout", replace(CALM, dashboard=dashboard(age=301)))) is State.PROBLEM


def test_two_endpoints_that_fail_for_different_reasons_are_two_findings() -> None:
    snapshot = replace(CALM, health={"dashboard": down("timeout"), "analytics": down("forbidden")})
    assert [finding.state for finding in found(snapshot)] == [State.PROBLEM, State.WARNING]


def test_figures_that_grow_old_without_a_failure_are_a_problem() -> None:
    (finding,) = found(replace(CALM, dashboard=dashboard(age=600)))
    assert finding.state is State.PROBLEM
    assert finding.text == "No poll failed, but there are no values since 09:50 UTC, 10 min ago."


def test_stale_figures_are_unknown() -> None:
    facts = Facts(replace(CALM, dashboard=dashboard(age=301), recent=readings((9, 9), (9, 9), age=301)), NOW)
    assert (facts.fresh, facts.report) == (False, Report())
    assert facts.today.total == facts.recent.total == Rollup()
    assert all(lane.today == lane.recent == Rollup() for lane in facts.lanes)
    assert all(lane.usual.answer_ratio is None for lane in facts.lanes)
    assert facts.values_at == before(301)


def test_today_comes_from_analytics_where_it_is_fresh_and_else_from_the_last_day_of_the_dashboard() -> None:
    report = Report(
        window=Window(first=TODAY, last=TODAY),
        total=rollup(7, 5),
        directions=(("inbound", rollup(3, 2)), ("outbound", rollup(4, 3))),
    )
    snapshot = replace(CALM, periods={"today": Dated(value=report, at=before(5), expires_after=300)})
    assert Facts(snapshot, NOW).today.total == rollup(7, 5)
    assert Facts(snapshot, before(-296)).today.total == Rollup()
    older = replace(CALM, periods={"today": Dated(value=report, at=before(301), expires_after=300)})
    assert Facts(older, NOW).today.total == DAYS[0].total


def test_a_day_without_a_row_had_no_calls_unless_a_row_could_not_be_read() -> None:
    complete = replace(REPORT, days=DAYS[1:])
    assert complete.every_day[-1].total == NO_CALLS
    assert Facts(replace(CALM, dashboard=dashboard(complete)), NOW).today.total.calls == 0
    unreadable = replace(complete, complete_days=False)
    assert unreadable.every_day[-1].total.calls is None
    assert Facts(replace(CALM, dashboard=dashboard(unreadable)), NOW).today.total.calls is None


def test_a_window_of_ten_years_is_not_drawn_further_back_than_a_month() -> None:
    report = replace(REPORT, window=Window(first=TODAY - timedelta(days=3_650), last=TODAY))
    assert [row.day for row in report.every_day] == [TODAY - timedelta(days=back) for back in range(30, -1, -1)]


FRAUD = Dated(
    value=Judgements(
        directions={"outbound": Direction(answer_rate=rate(), minutes_spike_score=1.5)},
        currencies={"INR": Spend(spend_spike_score=3.0, cost_per_hour_expected=351.5)},
    ),
    at=before(12),
    expires_after=STALE_AFTER,
)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.USUAL, State.OK),
        (Verdict.SUSPICIOUS, State.WARNING),
        (Verdict.DROPPED, State.PROBLEM),
        (Verdict.TOO_FEW_CALLS, State.UNKNOWN),
        (Verdict.UNKNOWN, State.UNKNOWN),
    ],
)
def test_the_state_is_the_detectors_verdict_and_never_ok_where_it_cannot_be_judged(
    verdict: Verdict, expected: State
) -> None:
    assert state(replace(CALM, judgements=judged(outbound=rate(verdict)))) is expected


def test_a_drop_says_what_is_since_when_and_what_was_expected() -> None:
    (finding,) = found(replace(CALM, judgements=judged(outbound=DROPPED)))
    assert finding.text == (
        "The outbound answer rate has dropped: 100 of 500 calls answered since 09:50 UTC, 10 min ago, 300 expected."
    )


def test_a_drop_names_the_product_that_carries_it() -> None:
    (finding,) = found(replace(CALM, judgements=judged(outbound=DROPPED, products={"voice_api": DROPPED})))
    assert finding.text.endswith("300 expected. It is the calls of voice_api.")


def test_a_product_that_drops_alone_is_a_problem_of_its_own() -> None:
    (finding,) = found(replace(CALM, judgements=judged(products={"voice_api": DROPPED, "sip_trunking": rate()})))
    assert finding.state is State.PROBLEM
    assert finding.text.startswith("The answer rate of voice_api has dropped: 100 of 500 calls answered")


def test_too_few_calls_to_tell_says_how_many_there_are() -> None:
    few = rate(Verdict.TOO_FEW_CALLS, calls=61, answered=9, expected=34 / 61)
    (finding,) = found(replace(CALM, judgements=judged(inbound=few)))
    assert "too few calls to tell (9 of 61 answered, 34 expected)" in finding.text


def test_a_direction_that_nobody_uses_needs_no_judgement() -> None:
    report = replace(REPORT, days=tuple(replace(row, inbound=rollup(0, 0)) for row in DAYS))
    idle = replace(
        CALM,
        dashboard=dashboard(report),
        baselines={"outbound": USUAL["outbound"]},
        recent=readings((0, 0), (500, 310)),
    )
    assert state(replace(idle, judgements=judged(inbound=rate(Verdict.UNKNOWN)))) is State.OK


def test_a_judgement_from_values_that_are_too_old_is_not_shown() -> None:
    judgements = replace(judged(outbound=DROPPED), at=before(301))
    old = replace(failing("timeout", replace(CALM, dashboard=dashboard(age=301))), judgements=judgements)
    assert [finding.what for finding in found(old)] == [Outcome.TIMEOUT.happened]


@pytest.mark.parametrize(
    ("score", "expected", "text"),
    [
        (1.1, State.PROBLEM, "No outbound calls; at this hour 2,000 an hour are usual."),
        (0.6, State.WARNING, "Far fewer outbound calls than usual; at this hour 2,000 an hour are usual."),
    ],
)
def test_silence_is_a_problem_and_little_traffic_a_warning(score: float, expected: State, text: str) -> None:
    (finding,) = found(replace(CALM, judgements=judged(traffic=score)))
    assert (finding.state, finding.text) == (expected, text)


def test_spend_and_minutes_far_above_usual_are_problems() -> None:
    texts = [finding.text for finding in found(replace(CALM, judgements=FRAUD)) if finding.state is State.PROBLEM]
    assert texts == [
        "Spend in INR is far above usual; about 352 an hour are usual now.",
        "Far more outbound minutes than usual.",
    ]


def test_a_partner_without_customers_has_no_balance_to_run_out_of() -> None:
    empty = replace(REPORT, balance=Decimal(0), accounts=Accounts(total=0, active=0))
    assert found(replace(CALM, dashboard=dashboard(empty))) == ()


def test_a_balance_that_is_used_up_is_a_problem() -> None:
    (finding,) = found(replace(CALM, dashboard=dashboard(replace(REPORT, balance=Decimal("-3.2")))))
    assert (finding.state, finding.text) == (State.PROBLEM, "The balance is used up: -3.20 INR.")


def test_unreadable_fields_are_named_but_not_without_end() -> None:
    unreadable = tuple(Unreadable(path=f"calls.field_{number}", problem="missing") for number in range(9))
    (finding,) = found(replace(CALM, health={"dashboard": replace(UP, unreadable=unreadable), "analytics": UP}))
    assert finding.state is State.WARNING
    assert "calls.field_4 (missing), and 4 more." in finding.text


def test_sums_that_disagree_are_a_warning_while_they_are_fresh() -> None:
    checks = {"day_sum": True, "window": False}
    snapshot = replace(CALM, mismatches=Dated(value=checks, at=before(5), expires_after=300))
    assert [finding.text for finding in found(snapshot)] == ["Vobiz's own sums disagree: day_sum."]
    assert [finding for finding in found(snapshot, before(-296)) if "disagree" in finding.text] == []


def test_every_finding_leads_to_an_alert_that_exists() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*.yml"))
    alerts = set(re.findall(r"^\s*- alert: (\w+)$", text, flags=re.MULTILINE))
    unreadable = (Unreadable(path="calls", problem="missing"),)
    troubled = [
        failing("forbidden"),
        failing("timeout"),
        replace(CALM, dashboard=dashboard(age=600)),
        replace(CALM, dashboard=dashboard(replace(REPORT, balance=Decimal(0)))),
        replace(CALM, judgements=judged(outbound=DROPPED)),
        replace(CALM, judgements=judged(outbound=rate(Verdict.SUSPICIOUS))),
        replace(CALM, judgements=judged(products={"voice_api": DROPPED})),
        replace(CALM, judgements=judged(traffic=1.1)),
        replace(CALM, judgements=judged(traffic=0.6)),
        replace(CALM, judgements=FRAUD),
        replace(CALM, health={"dashboard": replace(UP, unreadable=unreadable), "analytics": UP}),
    ]
    named_alerts = {finding.alert for snapshot in troubled for finding in found(snapshot) if finding.alert}
    assert len(named_alerts) == 10
    assert named_alerts <= alerts


def test_the_worst_partner_comes_first_and_the_order_is_kept_otherwise() -> None:
    snapshots = [named("a"), named("b", failing("timeout")), named("c", NEVER_POLLED), named("d", failing("tls"))]
    snapshots += [named("e"), named("f", failing("tls"))]
    seen = overview(snapshots, NOW)
    assert [partner.facts.name for partner in seen.partners] == ["d", "f", "b", "c", "a", "e"]
    assert seen.counts == {State.PROBLEM: 2, State.WARNING: 1, State.UNKNOWN: 1, State.OK: 2}


def test_a_failure_of_both_endpoints_at_the_same_time_is_one_that_is_over() -> None:
    def past(since: float, until: float, outcome: str = "timeout") -> PastFailure:
        return PastFailure(failure=failure(outcome, since=since), until=before(until))

    health = {
        "dashboard": Health(up=True, past=(past(100, 50), past(900, 800))),
        "analytics": Health(up=True, past=(past(99, 49), past(500, 400, "tls"))),
    }
    assert [(len(names), past.failure.outcome, past.failure.since) for names, past in ended(health)] == [
        (2, "timeout", before(100)),
        (1, "tls", before(500)),
        (1, "timeout", before(900)),
    ]
