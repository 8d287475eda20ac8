"""Each rule of the ledger as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from exporter.ledger import Ledger, Observation
from exporter.ledger.ledger import COST_TOLERANCE, KEPT_DAYS, SECONDS_TOLERANCE

DAY = date(2026, 7, 1)
NEXT = DAY + timedelta(days=1)
CALLS = ("inbound", "calls")
PRODUCT_CALLS = ("product/voice_api", "calls")

Figures = Mapping[tuple[str, str], int | str]


def directions(days: Mapping[date, Figures], *, last: date = DAY, complete: bool = True) -> Observation:
    """What one answer of 31 days says, the last of them being the server's day."""
    return _observed("directions", days, first=last - timedelta(days=30), last=last, complete=complete)


def products(day: date, figures: Figures, *, complete: bool = True) -> Observation:
    return _observed("products", {day: figures}, first=day, last=day, complete=complete)


def _observed(group: str, days: Mapping[date, Figures], *, first: date, last: date, complete: bool) -> Observation:
    rows = tuple((day, tuple((key, Decimal(value)) for key, value in row.items())) for day, row in days.items())
    return Observation(group=group, first=first, last=last, complete=complete, days=rows)


def begun(days: Mapping[date, Figures], *, complete: bool = True) -> Ledger:
    ledger = Ledger()
    ledger.record(directions(days, complete=complete))
    return ledger


def test_the_first_observation_is_history_and_counters_begin_at_zero() -> None:
    assert begun({DAY: {CALLS: 500}}).totals == {CALLS: 0}


def test_what_rises_above_the_mark_is_added() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    assert ledger.record(directions({DAY: {CALLS: 507}}))
    assert ledger.totals == {CALLS: 7}


def test_the_same_answer_twice_adds_nothing_and_is_not_worth_saving() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    assert not ledger.record(directions({DAY: {CALLS: 500}}))
    assert ledger.totals == {CALLS: 0}


def test_a_new_day_counts_from_its_first_call() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY: {CALLS: 500}, NEXT: {CALLS: 3}}, last=NEXT))
    assert ledger.totals == {CALLS: 3}


def test_a_call_booked_on_yesterday_after_midnight_is_counted_once() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    for _ in range(2):
        ledger.record(directions({DAY: {CALLS: 501}, NEXT: {CALLS: 3}}, last=NEXT))
    assert ledger.totals == {CALLS: 4}


def test_a_day_that_had_no_row_in_a_complete_first_answer_had_no_calls() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY - timedelta(days=3): {CALLS: 2}, DAY: {CALLS: 500}}))
    assert ledger.totals == {CALLS: 2}


def test_a_day_before_all_that_the_first_answer_covered_is_history() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY - timedelta(days=31): {CALLS: 900}}))
    assert ledger.totals == {CALLS: 0}


def test_what_an_incomplete_first_answer_lacked_is_history_when_it_comes() -> None:
    ledger = begun({}, complete=False)
    ledger.record(directions({DAY - timedelta(days=1): {CALLS: 900}, DAY: {CALLS: 500}}))
    ledger.record(directions({DAY: {CALLS: 501}}))
    assert ledger.totals == {CALLS: 1}


def test_a_day_after_an_incomplete_first_answer_counts_from_its_first_call() -> None:
    ledger = begun({}, complete=False)
    ledger.record(directions({NEXT: {CALLS: 9}}, last=NEXT))
    assert ledger.totals == {CALLS: 9}


def test_a_figure_unreadable_at_first_is_history_when_it_can_be_read() -> None:
    answered = ("inbound", "answered_calls")
    ledger = begun({DAY: {CALLS: 500}}, complete=False)
    ledger.record(directions({DAY: {CALLS: 501, answered: 300}}))
    assert ledger.totals == {CALLS: 1, answered: 0}


def test_a_figure_unreadable_for_a_poll_is_caught_up_with() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY: {}}, complete=False))
    ledger.record(directions({DAY: {CALLS: 510}}))
    assert ledger.totals == {CALLS: 10}


def test_a_row_that_is_missing_for_a_poll_changes_nothing() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    assert not ledger.record(directions({}))
    assert not ledger.record(directions({DAY: {CALLS: 500}}))
    assert ledger.totals == {CALLS: 0}
    assert ledger.corrections == 0


def test_calls_that_fill_a_corrected_gap_are_not_counted_twice() -> None:
    ledger = begun({DAY: {CALLS: 1000}})
    for calls in (990, 995, 1000, 1004):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert ledger.totals == {CALLS: 4}


def test_a_correction_counts_when_it_is_made_and_not_while_it_lasts() -> None:
    ledger = begun({DAY: {CALLS: 1000}})
    for calls in (990, 990, 991):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert ledger.corrections == 1
    ledger.record(directions({DAY: {CALLS: 980}}))
    assert ledger.corrections == 2


def test_figures_lowered_in_one_poll_are_one_correction() -> None:
    ledger = begun({DAY: {CALLS: 1000, ("outbound", "calls"): 100}})
    ledger.record(products(DAY, {PRODUCT_CALLS: 1100}))
    ledger.record(
        directions({DAY: {CALLS: 900, ("outbound", "calls"): 90}}),
        products(DAY, {PRODUCT_CALLS: 990}),
    )
    assert ledger.corrections == 1


def test_replicas_that_lag_and_take_turns_add_nothing_twice() -> None:
    ledger = begun({DAY: {CALLS: 100}})
    for calls in (110, 105, 110, 105, 111):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert ledger.totals == {CALLS: 11}


def test_cost_restated_in_another_currency_is_not_counted_again() -> None:
    rupees, dollars = ("all", "cost/INR"), ("all", "cost/USD")
    ledger = begun({})
    ledger.record(directions({DAY: {rupees: "100.50"}}))
    ledger.record(directions({DAY: {dollars: "1.20"}}))
    ledger.record(directions({DAY: {dollars: "1.50"}, NEXT: {dollars: "0.25"}}, last=NEXT))
    assert ledger.totals == {rupees: Decimal("100.50"), dollars: Decimal("0.55")}


def test_marks_are_pruned_by_their_number_and_the_oldest_go_first() -> None:
    ledger = begun({})
    days = [DAY + timedelta(days=n) for n in range(KEPT_DAYS + 5)]
    for day in days:
        ledger.record(directions({day: {CALLS: 1}}, last=day))
    assert sorted(ledger.marks) == days[5:]


def test_a_day_that_was_pruned_is_history_when_it_comes_back() -> None:
    ledger = begun({})
    for n in range(KEPT_DAYS + 1):
        ledger.record(directions({DAY + timedelta(days=n): {CALLS: 1}}, last=DAY + timedelta(days=n)))
    ledger.record(directions({DAY: {CALLS: 1}}))
    assert ledger.totals == {CALLS: KEPT_DAYS + 1}


def test_an_api_that_shows_a_year_costs_no_marks_when_single_days_are_asked_for() -> None:
    year = {DAY - timedelta(days=n): {CALLS: 10} for n in range(365)}
    ledger = begun(year)
    ledger.record(products(DAY, {PRODUCT_CALLS: 10}))
    oldest = min(year)
    ledger.record(directions({**year, oldest: {CALLS: 11}}), products(DAY, {PRODUCT_CALLS: 10}))
    assert ledger.totals[CALLS] == 1
    assert not ledger.record(directions({**year, oldest: {CALLS: 11}}), products(DAY, {PRODUCT_CALLS: 10}))


def test_a_server_whose_day_jumps_years_ahead_and_back_costs_no_marks() -> None:
    rows: dict[date, Figures] = {DAY - timedelta(days=n): {CALLS: 100} for n in range(30)}
    ledger = begun(rows)
    far = DAY.replace(year=2099)
    for n in range(20):
        ledger.record(directions({far + timedelta(days=n): {CALLS: 1}}, last=far + timedelta(days=n)))
    ledger.record(directions({**rows, DAY: {CALLS: 103}}))
    assert ledger.totals == {CALLS: 23}
    ledger.record(directions({**rows, NEXT: {CALLS: 2}}, last=NEXT))
    assert ledger.totals == {CALLS: 25}


def test_days_whose_products_are_wanting_are_named_newest_first() -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    ledger = begun({})
    ledger.record(products(DAY, {PRODUCT_CALLS: 0}))
    ledger.record(directions({day: {CALLS: 5} for day in days}, last=days[-1]))
    ledger.record(products(days[2], {PRODUCT_CALLS: 5}))
    assert ledger.product_gaps() == (days[3], days[1], days[0])


def test_products_that_were_never_given_are_not_asked_for() -> None:
    assert begun({DAY: {CALLS: 5}}).product_gaps() == ()


def test_days_before_the_first_products_are_not_asked_for() -> None:
    ledger = begun({DAY - timedelta(days=9): {CALLS: 5}})
    ledger.record(products(DAY, {PRODUCT_CALLS: 0}))
    ledger.record(directions({DAY - timedelta(days=9): {CALLS: 6}}))
    assert ledger.product_gaps() == ()


def test_a_late_record_after_a_correction_asks_for_the_products_again() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 20}}), products(DAY, {PRODUCT_CALLS: 20}))
    ledger.record(directions({DAY: {CALLS: 10}}), products(DAY, {PRODUCT_CALLS: 10}))
    assert ledger.product_gaps() == ()
    ledger.record(directions({DAY: {CALLS: 13}}))
    assert ledger.product_gaps() == (DAY,)


def test_a_correction_of_an_old_day_asks_for_its_products_too() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 20}}), products(DAY, {PRODUCT_CALLS: 20}))
    ledger.record(directions({DAY: {CALLS: 10}}))
    assert ledger.product_gaps() == (DAY,)


def test_differences_that_rounding_explains_are_no_gap() -> None:
    ledger = begun({})
    seconds, cost = ("inbound", "seconds"), ("all", "cost/INR")
    product_seconds, product_cost = ("product/voice_api", "seconds"), ("product/voice_api", "cost/INR")
    ledger.record(products(DAY, {product_seconds: 600, product_cost: 9}))
    ledger.record(directions({DAY: {seconds: str(600 + SECONDS_TOLERANCE), cost: str(9 + COST_TOLERANCE)}}))
    assert ledger.product_gaps() == ()
    ledger.record(directions({DAY: {seconds: str(601 + SECONDS_TOLERANCE)}}))
    assert ledger.product_gaps() == (DAY,)
