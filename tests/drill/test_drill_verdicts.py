"""What counts as a page, and when a fault has passed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.drill.fault_run import FaultRun
from tests.drill.faults import FAULTS
from tests.drill.pager import Pager
from tests.drill.pages import event

FAULT = next(fault for fault in FAULTS if fault.alert == "VobizAnswerRateDrop")


def run_of(*actions: str, keys: tuple[str, ...] = ()) -> FaultRun:
    """A fault that broke at 0 s and was healed at 100 s; events come 10 s apart, from 10 s on."""
    pager, run = Pager(), FaultRun(fault=FAULT, broken=0.0, healed=100.0)
    for place, action in enumerate(actions):
        pager.take(event(event_action=action, dedup_key=keys[place] if keys else "one"), 10.0 * (place + 1))
    run.incidents.extend(pager.incidents)
    return run


def test_one_page_and_one_resolve_is_right() -> None:
    assert run_of("trigger", "resolve").problems() == []


def test_what_joins_an_open_page_is_no_second_page() -> None:
    assert run_of("trigger", "trigger", "trigger", "resolve").problems() == []


def test_two_alertmanagers_that_do_not_agree_are_seen_though_it_is_one_page() -> None:
    run = run_of("trigger", "trigger", "resolve")
    run.fault = replace(FAULT, sent_once=True)
    assert run.problems() == ["sent 2 times instead of once"]


def test_another_dedup_key_is_a_second_page() -> None:
    run = run_of("trigger", "trigger", "resolve", "resolve", keys=("one", "two", "one", "two"))
    assert run.problems() == ["2 pages instead of one"]


def test_a_page_after_the_resolve_is_a_second_page() -> None:
    assert run_of("trigger", "resolve", "trigger", "resolve").problems() == ["2 pages instead of one"]


def test_no_page_is_wrong() -> None:
    assert run_of().problems() == ["0 pages instead of one"]


def test_a_page_that_is_never_resolved_is_wrong() -> None:
    assert run_of("trigger").problems() == ["1 not resolved"]


def test_the_page_of_another_alert_is_wrong() -> None:
    pager = Pager()
    run = FaultRun(fault=next(fault for fault in FAULTS if fault.alert == "VobizNoTraffic"), broken=0.0, healed=1.0)
    pager.take(event(), 10.0)
    pager.take(event(event_action="resolve"), 20.0)
    run.incidents.extend(pager.incidents)
    assert run.problems() == ["the page is not for VobizNoTraffic"]


@pytest.mark.parametrize(
    ("said", "cause", "problems"),
    [
        ("", "", []),
        (" 71 % of the unanswered calls ended with Canceled (Out Of Credits), usually 2 %. ", "Rejected", ["Canceled"]),
        (" 71 % of the unanswered calls ended with Rejected, usually 2 %. ", "Rejected", []),
        (" 71 % of the unanswered calls ended with Rejected. ", "Rejected", []),
        (" 71 % of the unanswered calls ended with Rejected, usually 2 %. ", "", ["Rejected"]),
        ("", "Rejected", ["no cause"]),
    ],
)
def test_a_page_has_to_name_the_cause_and_no_other(said: str, cause: str, problems: list[str]) -> None:
    pager, run = Pager(), FaultRun(fault=replace(FAULT, cause=cause))
    description = f"33 % were answered.{said}"
    pager.take(event(payload={"custom_details": {"description": description}}), 10.0)
    run.incidents.extend(pager.incidents)
    found = [problem for problem in run.problems() if "names" in problem]
    assert len(found) == len(problems)
    assert all(words in problem for words, problem in zip(problems, found, strict=True))


def test_times_count_from_the_fault_and_from_its_healing() -> None:
    pager, run = Pager(), FaultRun(fault=FAULT, broken=5.0, healed=100.0)
    pager.take(event(), 12.0)
    pager.take(event(event_action="resolve"), 130.0)
    run.incidents.extend(pager.incidents)
    assert (run.page_after, run.resolved_after) == (7.0, 30.0)


@pytest.mark.parametrize(("now", "heal"), [(11.0, False), (30.0, True)])
def test_a_fault_goes_on_for_a_while_after_its_page(now: float, heal: bool) -> None:
    run = run_of("trigger")
    run.healed = None
    assert run.to_heal(now, hold=20.0) is heal


def test_a_fault_that_never_pages_is_given_up() -> None:
    run = FaultRun(fault=FAULT, broken=0.0)
    assert not run.to_heal(60 * FAULT.minutes - 1, hold=20.0)
    assert run.to_heal(60 * FAULT.minutes, hold=20.0)
    run.healed = 60 * FAULT.minutes
    assert run.over(run.healed)
