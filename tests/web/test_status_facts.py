"""What may be told of a partner, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.api.errors import FAILURES, Outcome
from exporter.api.model import Report, Rollup, Unreadable, Window
from exporter.clock import Moment
from exporter.poll.snapshot import Dated, Failure, Health, PastFailure, Snapshot
from exporter.web.status.days import rows
from exporter.web.status.facts import facts_of
from exporter.web.status.findings import Finding, State, findings, state_of
from exporter.web.status.history import ended
from exporter.web.status.overview import overview
from tests.web.status_kit import (
    CALM,
    DAYS,
    NEVER_POLLED,
    NOW,
    REPORT,
    TODAY,
    UP,
    before,
    dashboard,
    down,
    failing,
    named,
    readings,
    rollup,
)

RULES = Path(__file__).parents[2] / "prometheus" / "rules"


def found(snapshot: Snapshot, now: Moment = NOW) -> tuple[Finding, ...]:
    return findings(facts_of(snapshot, now.elapsed), now)


def state(snapshot: Snapshot, now: Moment = NOW) -> State:
    facts = facts_of(snapshot, now.elapsed)
    return state_of(facts, findings(facts, now))


def test_a_partner_who_fares_well_is_ok_and_nothing_is_found() -> None:
    assert found(CALM) == ()
    assert state(CALM) is State.OK


def test_a_partner_who_was_never_polled_is_unknown() -> None:
    assert state(NEVER_POLLED) is State.UNKNOWN


def test_every_outcome_of_a_failed_request_has_words_and_advice() -> None:
    assert FAILURES.keys() == {outcome.value for outcome in Outcome} - {"success"}


@pytest.mark.parametrize("outcome", sorted(FAILURES))
def test_a_failure_is_told_once_for_both_endpoints_with_since_when_and_what_to_do(outcome: str) -> None:
    (finding,) = found(failing(outcome))
    assert finding.text == f"{FAILURES[outcome].happened}: dashboard and analytics, since 09:58 UTC, 1 min ago."
    assert finding.to_do == FAILURES[outcome].to_do


def test_a_failure_does_not_tell_of_hosts_in_the_configuration() -> None:
    assert "gateway.internal" not in repr(found(failing("connection")))


def test_refused_credentials_are_a_problem_at_once() -> None:
    assert state(failing("unauthorized")) is State.PROBLEM


def test_a_failed_poll_is_a_warning_while_the_figures_are_fresh_and_a_problem_after() -> None:
    assert state(failing("timeout")) is State.WARNING
    assert state(failing("timeout", replace(CALM, dashboard=dashboard(age=301)))) is State.PROBLEM


def test_two_endpoints_that_fail_for_different_reasons_are_told_apart() -> None:
    snapshot = replace(CALM, health={"dashboard": down("timeout"), "analytics": down("forbidden")})
    assert [finding.state for finding in found(snapshot)] == [State.PROBLEM, State.WARNING]


def test_figures_that_grow_old_without_a_failure_are_a_problem() -> None:
    (finding,) = found(replace(CALM, dashboard=dashboard(age=600)))
    assert finding.state is State.PROBLEM
    assert finding.text == "No figures since 09:50 UTC, 10 min ago, though no poll failed."


def test_stale_figures_are_unknown() -> None:
    facts = facts_of(replace(CALM, dashboard=dashboard(age=301), recent=readings((9, 9), (9, 9), age=301)), NOW.elapsed)
    assert (facts.balance, facts.currency, facts.accounts.active, facts.accounts_limit) == (None, None, None, None)
    assert facts.today == facts.recent == Rollup()
    assert all(lane.today == lane.recent == Rollup() for lane in facts.lanes)
    assert all(lane.usual.answer_ratio is None for lane in facts.lanes)
    assert facts.figures_at == before(301)
    assert not facts.figures_fresh


def test_today_comes_from_analytics_where_it_is_fresh_and_else_from_the_last_day_of_the_dashboard() -> None:
    report = Report(
        window=Window(first=TODAY, last=TODAY),
        total=rollup(7, 5),
        directions=(("inbound", rollup(3, 2)), ("outbound", rollup(4, 3))),
    )
    snapshot = replace(CALM, periods={"today": Dated(value=report, at=before(5), expires_after=300)})
    assert facts_of(snapshot, NOW.elapsed).today == rollup(7, 5)
    assert facts_of(snapshot, NOW.elapsed + 296).today == Rollup()
    older = replace(CALM, periods={"today": Dated(value=report, at=before(301), expires_after=300)})
    assert facts_of(older, NOW.elapsed).today == DAYS[0].total


def test_a_day_without_a_row_had_no_calls_unless_a_row_could_not_be_read() -> None:
    complete = replace(REPORT, days=DAYS[1:])
    assert rows(complete)[-1].total.calls == 0
    assert facts_of(replace(CALM, dashboard=dashboard(complete)), NOW.elapsed).today.calls == 0
    unreadable = replace(complete, complete_days=False)
    assert rows(unreadable)[-1].total.calls is None
    assert facts_of(replace(CALM, dashboard=dashboard(unreadable)), NOW.elapsed).today.calls is None


def test_a_window_of_ten_years_is_not_drawn_further_back_than_a_month() -> None:
    report = replace(REPORT, window=Window(first=TODAY - timedelta(days=3_650), last=TODAY))
    assert [row.day for row in rows(report)] == [TODAY - timedelta(days=back) for back in range(30, -1, -1)]


@pytest.mark.parametrize(
    ("answered", "expected"),
    [(300, State.OK), (241, State.OK), (239, State.WARNING), (181, State.WARNING), (179, State.PROBLEM)],
)
def test_the_answer_rate_of_the_last_minutes_is_held_against_the_usual_60_percent(
    answered: int, expected: State
) -> None:
    assert state(replace(CALM, recent=readings((100, 80), (500, answered)))) is expected


def test_a_handful_of_unanswered_calls_is_no_drop() -> None:
    assert state(replace(CALM, recent=readings((5, 0), (60, 0)))) is State.OK


def test_without_a_usual_rate_no_rate_is_called_low() -> None:
    assert state(replace(CALM, baselines={}, recent=readings((500, 0), (500, 0)))) is State.OK


def test_a_drop_that_polls_have_not_seen_since_says_when_that_was() -> None:
    snapshot = replace(failing("timeout"), recent=readings((100, 80), (500, 100), age=200))
    texts = [finding.text for finding in found(snapshot)]
    assert "far below usual: 20.0% of 500 calls in the 15 min to 09:56 UTC, usually 60.0%" in texts[0]


def test_silence_is_called_out_where_there_is_traffic_as_a_rule() -> None:
    (finding,) = found(replace(CALM, recent=readings((0, 0), (0, 0))))
    assert finding.state is State.WARNING
    assert finding.text == "No outbound calls in the last 15 min; on average there are 500."


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
        replace(CALM, recent=readings((100, 80), (500, 0))),
        replace(CALM, recent=readings((100, 80), (500, 220))),
        replace(CALM, recent=readings((0, 0), (0, 0))),
        replace(CALM, health={"dashboard": replace(UP, unreadable=unreadable), "analytics": UP}),
    ]
    named_alerts = {finding.alert for snapshot in troubled for finding in found(snapshot)}
    assert len(named_alerts) == 7
    assert named_alerts <= alerts


def test_the_worst_partner_comes_first_and_the_order_is_kept_otherwise() -> None:
    snapshots = [named("a"), named("b", failing("timeout")), named("c", NEVER_POLLED), named("d", failing("tls"))]
    snapshots += [named("e"), named("f", failing("tls"))]
    seen = overview(snapshots, NOW)
    assert [partner.facts.name for partner in seen.partners] == ["d", "f", "b", "c", "a", "e"]
    assert seen.counts == ((State.PROBLEM, 2), (State.WARNING, 1), (State.UNKNOWN, 1), (State.OK, 2))


def test_a_failure_of_both_endpoints_at_the_same_time_is_one_that_is_over() -> None:
    def past(since: float, until: float, outcome: str = "timeout") -> PastFailure:
        failure = Failure(outcome=outcome, message="", since=before(since))
        return PastFailure(failure=failure, until=before(until))

    health = {
        "dashboard": Health(up=True, past=(past(100, 50), past(900, 800))),
        "analytics": Health(up=True, past=(past(99, 49), past(500, 400, "tls"))),
    }
    assert [(len(failure.endpoints), failure.outcome, failure.since) for failure in ended(health)] == [
        (2, "timeout", before(100)),
        (1, "tls", before(500)),
        (1, "timeout", before(900)),
    ]
