"""Each rule of the ledger as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from exporter.ledger import Key, Ledger, Observation, dump_ledger, load_ledger
from exporter.ledger.day import COST_TOLERANCE, SECONDS_TOLERANCE
from exporter.ledger.ledger import KEPT_DAYS

DAY = date(2026, 7, 1)
BEFORE = DAY - timedelta(days=1)
NEXT = DAY + timedelta(days=1)
CALLS = ("inbound", "calls")
OUTBOUND = ("outbound", "calls")
PRODUCT = ("product/voice_api", "calls")
RENAMED = ("product/voice", "calls")
RUPEES, DOLLARS = ("all", "cost/INR"), ("all", "cost/USD")

Figures = Mapping[Key, int | str]
Net = dict[Any, Any]
"""Amounts by key, as they are compared with whole numbers."""


def directions(
    days: Mapping[date, Figures],
    *,
    last: date = DAY,
    complete: bool = True,
    doubtful: bool = False,
    currency: str = "INR",
) -> Observation:
    """What one answer of 31 days says, the last of them being the server's day."""
    return Observation(
        group="directions",
        first=last - timedelta(days=30),
        last=last,
        complete=complete,
        days=_rows(days),
        partial=frozenset() if complete else frozenset(days),
        doubtful=doubtful,
        currency=currency,
    )


def products(day: date, figures: Figures, *, complete: bool = True, doubtful: bool = False) -> Observation:
    return Observation(
        group="products",
        first=day,
        last=day,
        complete=complete,
        days=_rows({day: figures}),
        partial=frozenset() if complete else frozenset({day}),
        doubtful=doubtful,
        currency="INR",
    )


def _rows(days: Mapping[date, Figures]) -> dict[date, dict[Key, Decimal]]:
    return {day: {key: Decimal(value) for key, value in row.items()} for day, row in days.items()}


def begun(days: Mapping[date, Figures], *, complete: bool = True) -> Ledger:
    ledger = Ledger()
    ledger.record(directions(days, complete=complete))
    return ledger


def restarted(ledger: Ledger) -> Ledger:
    return load_ledger(dump_ledger(ledger))


def counted(ledger: Ledger) -> Net:
    """The counters that are not 0."""
    return {key: value for key, value in ledger.totals.items() if value}


def plain(amounts: Mapping[Key, Decimal]) -> Net:
    return dict(amounts)


def taken_back(ledger: Ledger) -> Net:
    return {key: value for key, value in ledger.taken_back().items() if value}


# What counts


def test_the_first_observation_is_history_and_counters_begin_at_zero() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    assert ledger.totals[CALLS] == 0
    assert counted(ledger) == {}


def test_what_rises_above_the_mark_is_added_once() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    for _ in range(2):
        ledger.record(directions({DAY: {CALLS: 507}}))
    assert counted(ledger) == {CALLS: 7}


def test_a_new_day_counts_from_its_first_call() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY: {CALLS: 500}, NEXT: {CALLS: 3}}, last=NEXT))
    assert counted(ledger) == {CALLS: 3}


def test_a_call_booked_on_yesterday_after_midnight_is_counted_once() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    for _ in range(2):
        ledger.record(directions({DAY: {CALLS: 501}, NEXT: {CALLS: 3}}, last=NEXT))
    assert counted(ledger) == {CALLS: 4}


def test_a_complete_first_answer_without_calls_shows_every_counter_at_zero() -> None:
    ledger = begun({})
    figures = ("calls", "answered_calls", "seconds")
    assert ledger.shown() == {(lane, figure): 0 for lane in ("inbound", "outbound") for figure in figures} | {RUPEES: 0}
    assert ledger.taken_back() == ledger.shown()
    ledger.record(directions({DAY: {OUTBOUND: 1000}}))
    assert counted(ledger) == {OUTBOUND: 1000}


def test_a_day_that_had_no_row_in_a_complete_first_answer_had_no_calls() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY - timedelta(days=3): {CALLS: 2}, DAY: {CALLS: 500}}))
    assert counted(ledger) == {CALLS: 2}


def test_a_day_before_all_that_the_first_answer_covered_is_history() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY - timedelta(days=31): {CALLS: 900}, DAY: {CALLS: 500}}))
    assert counted(ledger) == {}


def test_what_an_incomplete_first_answer_lacked_is_history_when_it_comes() -> None:
    ledger = begun({}, complete=False)
    ledger.record(directions({BEFORE: {CALLS: 900}, DAY: {CALLS: 500}}))
    ledger.record(directions({BEFORE: {CALLS: 900}, DAY: {CALLS: 501}}))
    assert counted(ledger) == {CALLS: 1}


def test_a_day_after_an_incomplete_first_answer_counts_from_its_first_call() -> None:
    ledger = begun({}, complete=False)
    ledger.record(directions({NEXT: {CALLS: 9}}, last=NEXT))
    assert counted(ledger) == {CALLS: 9}


def test_a_figure_unreadable_at_first_is_history_when_it_can_be_read() -> None:
    answered = ("inbound", "answered_calls")
    ledger = begun({DAY: {CALLS: 500}}, complete=False)
    ledger.record(directions({DAY: {CALLS: 501, answered: 300}}))
    assert counted(ledger) == {CALLS: 1}


def test_a_figure_unreadable_for_a_poll_is_caught_up_with() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    ledger.record(directions({DAY: {}}, complete=False))
    ledger.record(directions({DAY: {CALLS: 510}}))
    assert counted(ledger) == {CALLS: 10}


def test_products_that_were_a_day_behind_at_the_start_count_as_much_as_the_directions() -> None:
    other = ("product/sip_trunking", "calls")
    ledger = Ledger()
    ledger.record(directions({BEFORE: {CALLS: 700}, DAY: {CALLS: 400}}), products(BEFORE, {PRODUCT: 700}), today=DAY)
    ledger.record(directions({BEFORE: {CALLS: 700}, DAY: {CALLS: 403}}), products(DAY, {PRODUCT: 390, other: 13}))
    assert sum(value for key, value in ledger.totals.items() if key in (PRODUCT, other)) == 3
    assert ledger.totals[CALLS] == 3


def test_products_first_given_days_later_count_from_when_the_account_was_first_asked() -> None:
    ledger = begun({DAY: {CALLS: 400}})
    ledger.record(directions({DAY: {CALLS: 400}, NEXT: {CALLS: 50}}, last=NEXT), products(NEXT, {PRODUCT: 50}))
    assert counted(ledger) == {CALLS: 50, PRODUCT: 50}


# Corrections, and what is taken back


def test_calls_that_fill_a_corrected_gap_are_not_counted_twice() -> None:
    ledger = begun({DAY: {CALLS: 1000}})
    for calls in (990, 995, 1000, 1004):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert counted(ledger) == {CALLS: 4}


def test_a_correction_counts_when_it_is_made_and_not_while_it_lasts() -> None:
    ledger = begun({DAY: {CALLS: 1000}})
    for calls in (990, 990, 991):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert ledger.corrections == 1
    ledger.record(directions({DAY: {CALLS: 980}}))
    assert ledger.corrections == 2


def test_figures_lowered_in_one_poll_are_one_correction() -> None:
    ledger = begun({DAY: {CALLS: 1000, OUTBOUND: 100}})
    ledger.record(products(DAY, {PRODUCT: 1100}))
    ledger.record(directions({DAY: {CALLS: 900, OUTBOUND: 90}}), products(DAY, {PRODUCT: 990}))
    assert ledger.corrections == 1


def test_what_the_api_has_withdrawn_is_taken_back_until_it_is_there_again() -> None:
    ledger = begun({DAY: {CALLS: 0}})
    ledger.record(directions({DAY: {CALLS: 100}}))
    ledger.record(directions({DAY: {CALLS: 88}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 100}, {CALLS: 12})
    ledger.record(directions({DAY: {CALLS: 101}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 101}, {})


def test_a_day_that_a_complete_answer_lacks_is_taken_back_whole_and_an_incomplete_one_says_nothing() -> None:
    ledger = begun({})
    ledger.record(directions({BEFORE: {CALLS: 7}, DAY: {CALLS: 5}}))
    ledger.record(directions({DAY: {CALLS: 5}}, complete=False))
    assert taken_back(ledger) == {}
    ledger.record(directions({DAY: {CALLS: 5}}))
    assert taken_back(ledger) == {CALLS: 7}
    ledger.record(directions({BEFORE: {CALLS: 7}, DAY: {CALLS: 5}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 12}, {})


def test_the_oldest_day_of_the_window_is_cut_off_and_not_taken_back() -> None:
    oldest = NEXT - timedelta(days=30)
    ledger = begun({oldest: {CALLS: 20}})
    for calls, last in ((24, DAY), (6, NEXT), (0, NEXT)):
        ledger.record(directions({oldest: {CALLS: calls}} if calls else {}, last=last))
    assert (counted(ledger), taken_back(ledger), ledger.corrections) == ({CALLS: 4}, {}, 0)


def test_what_was_taken_back_of_a_day_is_remembered_when_the_day_is_not() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 10}}))
    ledger.record(directions({DAY: {CALLS: 7}}))
    for n in range(1, 80):
        ledger.record(directions({DAY: {CALLS: 7}} if n <= 30 else {}, last=DAY + timedelta(days=n)))
    assert DAY not in ledger.days
    assert taken_back(ledger) == {CALLS: 3}


def test_replicas_that_lag_and_take_turns_add_nothing_twice() -> None:
    ledger = begun({DAY: {CALLS: 100}})
    for calls in (110, 105, 110, 105, 111):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert counted(ledger) == {CALLS: 11}


# What only moved


def test_calls_that_are_dated_again_are_not_new() -> None:
    ledger = begun({})
    ledger.record(directions({BEFORE: {CALLS: 100}, DAY: {CALLS: 10}}))
    ledger.record(directions({BEFORE: {CALLS: 80}, DAY: {CALLS: 30}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 110}, {})
    ledger.record(directions({BEFORE: {CALLS: 80}, DAY: {CALLS: 80}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 160}, {})


def test_a_server_that_moves_its_midnight_adds_nothing() -> None:
    days = [DAY - timedelta(days=n) for n in range(10, -1, -1)]
    ledger = begun({})
    ledger.record(directions({day: {CALLS: 100 + n} for n, day in enumerate(days)}))
    before = counted(ledger)
    shares = [0, *(25 + n for n in range(10)), 0]
    ledger.record(
        directions({day: {CALLS: 100 + n - shares[n + 1] + shares[n]} for n, day in enumerate(days)}),
    )
    assert counted(ledger) == before
    assert taken_back(ledger) == {}


def test_two_replicas_of_different_midnights_in_turn_count_each_call_once() -> None:
    ledger = begun({})
    total = 0
    for n in range(40):
        total += 5
        late = min(total, 30) if n % 2 else 0
        ledger.record(directions({BEFORE: {CALLS: 100 + late}, DAY: {CALLS: total - late}}))
    assert counted(ledger) == {CALLS: 100 + total}


def test_a_call_that_turns_out_to_be_of_the_other_direction_is_not_new() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 100, OUTBOUND: 100}}))
    ledger.record(directions({DAY: {CALLS: 60, OUTBOUND: 140}}))
    assert counted(ledger) == {CALLS: 100, OUTBOUND: 100}
    assert taken_back(ledger) == {CALLS: 40, OUTBOUND: -40}
    ledger.record(directions({DAY: {CALLS: 70, OUTBOUND: 150}}))
    assert sum(counted(ledger).values()) == 220


def test_a_renamed_product_is_not_new_and_goes_on_under_its_new_name() -> None:
    ledger = begun({})
    ledger.record(products(DAY, {PRODUCT: 800}))
    ledger.record(products(DAY, {RENAMED: 800}))
    assert (counted(ledger), taken_back(ledger)) == ({PRODUCT: 800}, {PRODUCT: 800, RENAMED: -800})
    ledger.record(products(DAY, {RENAMED: 810}))
    ledger.record(products(NEXT, {RENAMED: 5}))
    assert counted(ledger) == {PRODUCT: 800, RENAMED: 15}


def test_a_product_that_is_renamed_and_renamed_back_is_as_if_it_had_not_been() -> None:
    ledger = begun({})
    for figures in ({PRODUCT: 800}, {RENAMED: 800}, {PRODUCT: 803}):
        ledger.record(products(DAY, figures))
    assert (counted(ledger), taken_back(ledger)) == ({PRODUCT: 803}, {})


def test_a_row_that_vanishes_while_others_grow_costs_nothing_once_it_is_back() -> None:
    ledger = begun({})
    rows: dict[date, Figures] = {BEFORE: {CALLS: 500}, DAY: {CALLS: 10}}
    ledger.record(directions(rows))
    ledger.record(directions({DAY: {CALLS: 17}}))
    ledger.record(directions({**rows, DAY: {CALLS: 19}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 519}, {})


# Currencies


def test_a_currency_that_flaps_within_a_day_changes_nothing() -> None:
    ledger = begun({})
    for cost, currency in (
        ("100", "INR"),
        ("110", "USD"),
        ("115", "USD"),
        ("120", "INR"),
        ("125", "USD"),
        ("133", "INR"),
    ):
        ledger.record(directions({DAY: {("all", f"cost/{currency}"): cost}}, currency=currency))
    assert counted(ledger) == {RUPEES: 133}
    assert taken_back(ledger) == {}


def test_a_currency_that_has_changed_counts_from_the_next_day_on() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {RUPEES: "100.50"}}))
    ledger.record(directions({DAY: {DOLLARS: "1.20"}}, currency="USD"))
    days: dict[date, Figures] = {DAY: {DOLLARS: "1.50"}, NEXT: {DOLLARS: "0.25"}}
    for _ in range(2):
        ledger.record(directions(days, last=NEXT, currency="USD"))
    assert counted(ledger) == {RUPEES: Decimal("100.50"), DOLLARS: Decimal("0.25")}
    assert ledger.shown()[RUPEES] == Decimal("100.50")


# Answers that contradict themselves


def test_an_answer_that_contradicts_itself_counts_as_far_as_the_next_one_says_the_same() -> None:
    ledger = begun({DAY: {CALLS: 300}})
    ledger.record(directions({DAY: {CALLS: 30_000}}, doubtful=True))
    assert counted(ledger) == {}
    ledger.record(directions({DAY: {CALLS: 340}}))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 40}, {})


def test_an_api_that_always_contradicts_itself_counts_one_poll_late() -> None:
    ledger = begun({DAY: {CALLS: 300}})
    for calls in (310, 320, 315, 330):
        ledger = restarted(ledger)
        ledger.record(directions({DAY: {CALLS: calls}}, doubtful=True))
    assert counted(ledger) == {CALLS: 15}
    assert ledger.corrections == 0


def test_a_first_answer_that_contradicts_itself_sets_no_mark() -> None:
    ledger = Ledger()
    ledger.record(directions({DAY: {CALLS: 30_000}}, doubtful=True))
    ledger.record(directions({DAY: {CALLS: 300}}))
    ledger.record(directions({DAY: {CALLS: 301}}))
    assert counted(ledger) == {CALLS: 1}


# Dates


def test_a_date_that_leaps_counts_only_when_the_next_answer_confirms_it() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    far = DAY.replace(year=2099)
    ledger.record(directions({far: {CALLS: 90}}, last=far))
    assert far not in ledger.days
    ledger.record(directions({DAY: {CALLS: 503}}))
    ledger.record(directions({far: {CALLS: 90}}, last=far))
    assert counted(ledger) == {CALLS: 3}
    ledger = restarted(ledger)
    ledger.record(directions({far: {CALLS: 95}}, last=far))
    assert counted(ledger) == {CALLS: 98}


def test_a_pause_of_days_is_a_leap_that_the_second_answer_confirms() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    later = DAY + timedelta(days=9)
    for _ in range(2):
        ledger.record(directions({DAY: {CALLS: 500}, later: {CALLS: 9}}, last=later))
    assert counted(ledger) == {CALLS: 9}


def test_a_first_answer_from_the_future_does_not_bind() -> None:
    far = DAY.replace(year=2062)
    ledger = Ledger()
    ledger.record(directions({}, last=far))
    for _ in range(2):
        ledger.record(directions({DAY: {CALLS: 100}}))
    assert counted(ledger) == {}
    ledger.record(directions({DAY: {CALLS: 105}}))
    ledger.record(directions({DAY: {CALLS: 105}, NEXT: {CALLS: 50}}, last=NEXT))
    assert counted(ledger) == {CALLS: 55}


def test_dates_that_ran_ahead_for_months_cost_nothing_once_they_are_right_again() -> None:
    ledger = begun({DAY: {CALLS: 5}})
    for ahead in (40, 80, 120):
        last = DAY + timedelta(days=ahead)
        rows: dict[date, Figures] = {last - timedelta(days=n): {CALLS: 1} for n in range(25)}
        for _ in range(2):
            ledger.record(directions(rows, last=last))
    base = ledger.totals[CALLS]
    for calls in (5, 25, 45):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert max(ledger.days) <= DAY
    assert ledger.totals[CALLS] - base == 40
    ledger.record(directions({DAY: {CALLS: 45}, NEXT: {CALLS: 20}}, last=NEXT))
    assert ledger.totals[CALLS] - base == 60


def test_what_was_counted_on_dates_that_ran_ahead_is_taken_back() -> None:
    ledger = begun({DAY: {CALLS: 5}})
    last = DAY + timedelta(days=40)
    for calls in (5, 5, 6, 6):
        row: dict[date, Figures] = {DAY: {CALLS: calls}} if calls == 6 else {last: {CALLS: 90}}
        ledger.record(directions(row, last=DAY if calls == 6 else last))
    assert (counted(ledger), taken_back(ledger)) == ({CALLS: 91}, {CALLS: 90})


def test_a_row_dated_in_the_future_counts_when_its_date_is_right() -> None:
    ledger = begun({})
    for _ in range(2):
        ledger.record(directions({DAY.replace(year=2027): {CALLS: 410}}, complete=False))
    ledger.record(directions({DAY: {CALLS: 410}}))
    assert counted(ledger) == {CALLS: 410}


def test_dates_beyond_any_calendar_are_ignored() -> None:
    ledger = begun({DAY: {CALLS: 5}})
    for _ in range(3):
        ledger.record(directions({date.max: {CALLS: 9}}, last=date.max), today=date.max)
    ledger.record(directions({DAY: {CALLS: 6}}))
    assert counted(ledger) == {CALLS: 1}


# What is kept


def test_the_days_that_were_not_seen_for_the_longest_time_are_forgotten_first() -> None:
    ledger = begun({}, complete=False)
    days = [DAY + timedelta(days=n) for n in range(KEPT_DAYS + 5)]
    for day in days:
        ledger.record(directions({day: {CALLS: 1}}, last=day, complete=False))
    assert sorted(ledger.days) == days[5:]


def test_a_day_that_was_forgotten_is_history_when_it_comes_back() -> None:
    ledger = begun({}, complete=False)
    for n in range(KEPT_DAYS + 1):
        day = DAY + timedelta(days=n)
        ledger.record(directions({day: {CALLS: 1}}, last=day, complete=False))
    ledger.record(directions({DAY: {CALLS: 1}}, last=day, complete=False))
    assert counted(ledger) == {CALLS: KEPT_DAYS}


def test_an_api_that_shows_a_year_costs_no_marks_when_single_days_are_asked_for() -> None:
    year: dict[date, Figures] = {DAY - timedelta(days=n): {CALLS: 10} for n in range(365)}
    ledger = begun(year)
    ledger.record(products(DAY, {PRODUCT: 10}))
    oldest = min(year)
    for _ in range(2):
        ledger.record(directions({**year, oldest: {CALLS: 11}}), products(DAY, {PRODUCT: 10}))
    assert counted(ledger) == {CALLS: 1}


# What is shown


def test_nothing_is_shown_before_it_is_observed_again() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 10_000}}), products(DAY, {PRODUCT: 10_000}))
    ledger = restarted(ledger)
    assert ledger.shown() == ledger.taken_back() == {}
    ledger.record(directions({DAY: {CALLS: 10_005}}))
    assert ledger.shown()[CALLS] == 10_005
    assert PRODUCT not in ledger.shown()
    ledger.record(products(DAY, {PRODUCT: 10_005}))
    assert ledger.shown()[PRODUCT] == 10_005


def test_a_counter_whose_figure_cannot_be_read_after_a_start_is_not_shown() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 5, OUTBOUND: 5}}))
    ledger = restarted(ledger)
    ledger.record(directions({DAY: {OUTBOUND: 6}}, complete=False), directions({BEFORE: {}}, last=BEFORE))
    assert CALLS not in ledger.shown()
    assert ledger.shown()[OUTBOUND] == 6


def test_products_are_shown_after_a_pause_once_each_missed_day_was_asked_for() -> None:
    ledger = begun({})
    ledger.record(products(DAY, {PRODUCT: 5}))
    ledger = restarted(ledger)
    later = DAY + timedelta(days=2)
    rows: dict[date, Figures] = {DAY: {CALLS: 7}, NEXT: {CALLS: 8}, later: {CALLS: 1}}
    ledger.record(directions(rows, last=later), products(later, {PRODUCT: 1}), products(NEXT, {PRODUCT: 8}))
    assert ledger.missing_days(later) == (DAY,)
    assert PRODUCT not in ledger.shown()
    ledger.record(directions(rows, last=later), refused=[DAY], today=later)
    assert ledger.shown()[PRODUCT] == 14
    ledger.record(products(DAY, {PRODUCT: 7}), today=later)
    assert ledger.shown()[PRODUCT] == 16


def test_a_counter_that_is_shown_stays_while_an_endpoint_fails_for_days() -> None:
    ledger = begun({})
    ledger.record(products(DAY, {PRODUCT: 5}))
    for n in range(1, 5):
        ledger.record(directions({}, last=DAY + timedelta(days=n)))
    assert ledger.shown()[PRODUCT] == 5


# Which days are asked for


def test_days_without_an_answer_from_after_their_end_are_missing_newest_first() -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    ledger = begun({})
    ledger.record(products(DAY, {PRODUCT: 0}))
    for _ in range(2):
        ledger.record(directions({}, last=days[-1]))
    assert ledger.missing_days(days[-1]) == (days[2], days[1], DAY)
    ledger.record(products(days[1], {PRODUCT: 0}), today=days[-1])
    assert ledger.missing_days(days[-1]) == (days[2], DAY)


def test_days_whose_answer_was_incomplete_come_after_those_that_were_never_answered() -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    ledger = begun({})
    ledger.record(products(DAY, {PRODUCT: 0}))
    for _ in range(2):
        ledger.record(directions({}, last=days[-1]))
    ledger.record(products(days[2], {PRODUCT: 0}, complete=False), today=days[-1])
    assert ledger.missing_days(days[-1]) == (days[1], DAY, days[2])


def test_without_rows_the_directions_of_missed_days_are_missing_too() -> None:
    ledger = Ledger()
    ledger.record(_of_one_day(DAY, 10), products(DAY, {PRODUCT: 10}), today=DAY)
    later = DAY + timedelta(days=4)
    for _ in range(2):
        ledger.record(_of_one_day(later, 100), products(later, {PRODUCT: 100}), today=later)
    assert ledger.missing_days(later) == tuple(later - timedelta(days=n) for n in range(1, 5))
    for day in ledger.missing_days(later):
        calls = 17 if day == DAY else 100
        ledger.record(_of_one_day(day, calls), products(day, {PRODUCT: calls}), today=later)
    assert counted(ledger) == {CALLS: 407, PRODUCT: 407}
    assert ledger.missing_days(later) == ()


def _of_one_day(day: date, calls: int) -> Observation:
    return Observation(
        group="directions", first=day, last=day, complete=True, days=_rows({day: {CALLS: calls}}), currency="INR"
    )


def test_products_that_were_never_given_are_not_asked_for() -> None:
    ledger = begun({DAY: {CALLS: 5}})
    ledger.record(directions({NEXT: {CALLS: 5}}, last=NEXT))
    assert ledger.missing_days(NEXT) == ()


def test_days_before_the_first_answer_are_not_asked_for() -> None:
    ledger = begun({DAY - timedelta(days=9): {CALLS: 5}})
    ledger.record(products(DAY, {PRODUCT: 0}))
    ledger.record(directions({DAY - timedelta(days=9): {CALLS: 6}}))
    assert ledger.missing_days(DAY) == ()


def test_products_that_do_not_account_for_the_directions_are_asked_for_again() -> None:
    ledger = begun({})
    rows: dict[date, Figures] = {DAY: {CALLS: 20}}
    ledger.record(directions(rows, last=NEXT), products(DAY, {PRODUCT: 20}), products(NEXT, {PRODUCT: 0}), today=NEXT)
    assert ledger.missing_days(NEXT) == ()
    for calls in (10, 13):
        ledger.record(directions({DAY: {CALLS: calls}}, last=NEXT))
        assert ledger.missing_days(NEXT) == (DAY,)
        ledger.record(products(DAY, {PRODUCT: calls}), today=NEXT)
        assert ledger.missing_days(NEXT) == ()


def test_differences_that_rounding_explains_are_no_gap() -> None:
    ledger = begun({})
    seconds, product_seconds, product_cost = ("inbound", "seconds"), (PRODUCT[0], "seconds"), (PRODUCT[0], "cost/INR")
    ledger.record(products(DAY, {product_seconds: 600, product_cost: 9}), today=NEXT)
    rows: dict[date, Figures] = {DAY: {seconds: str(600 + SECONDS_TOLERANCE), RUPEES: str(9 + COST_TOLERANCE)}}
    ledger.record(directions(rows, last=NEXT), today=NEXT)
    assert ledger.missing_days(NEXT) == ()
    ledger.record(directions({DAY: {**rows[DAY], seconds: str(601 + SECONDS_TOLERANCE)}}, last=NEXT))
    assert ledger.missing_days(NEXT) == (DAY,)


def test_days_out_of_the_api_s_reach_are_lost_and_reported_once() -> None:
    ledger = begun({DAY: {CALLS: 1}})
    ledger.record(directions({DAY: {CALLS: 1}, NEXT: {CALLS: 1}}, last=NEXT))
    later = DAY + timedelta(days=40)
    ledger.record(directions({}, last=later))
    grown = ledger.record(directions({}, last=later))
    assert grown.days_lost == tuple(DAY + timedelta(days=n) for n in range(1, 10))
    assert ledger.days_lost == 9
    for n in range(3):
        assert restarted(ledger).record(directions({}, last=later + timedelta(days=n))).days_lost == ()


def test_no_days_are_lost_to_a_date_that_is_years_ahead() -> None:
    ledger = begun({DAY: {CALLS: 1}})
    for last in (DAY.replace(year=2099), DAY.replace(year=2099), DAY, DAY, NEXT):
        ledger.record(directions({}, last=last))
    assert ledger.days_lost == 0


# What a poll added


def test_growth_of_today_is_fresh_and_all_other_growth_is_late() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    grown = ledger.record(directions({BEFORE: {CALLS: 3}, DAY: {CALLS: 507}}), at=60.0)
    assert (plain(grown.fresh), plain(grown.late)) == ({CALLS: 7}, {CALLS: 3})
    assert grown.evidence("inbound") == {"calls": 7}
    assert grown.evidence("all") == {"cost/INR": 0}


def test_a_lane_that_did_not_grow_is_evidence_of_zero() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    assert ledger.record(directions({DAY: {CALLS: 500}}), at=60.0).evidence("inbound") == {"calls": 0}
    assert ledger.record(directions({DAY: {}}, complete=False), at=120.0).evidence("inbound") == {}


def test_a_lane_without_calls_is_evidence_of_zero() -> None:
    ledger = begun({})
    grown = ledger.record(directions({}), at=60.0)
    assert grown.evidence("outbound") == {"calls": 0, "answered_calls": 0, "seconds": 0}


def test_the_first_growth_after_a_start_or_a_pause_is_late() -> None:
    ledger = restarted(begun({DAY: {CALLS: 500}}))
    for calls, at, fresh in ((510, 60.0, False), (520, 120.0, True), (530, 1400.0, False), (540, 1460.0, True)):
        grown = ledger.record(directions({DAY: {CALLS: calls}}), at=at)
        assert plain(grown.fresh if fresh else grown.late) == {CALLS: 10}
        assert (CALLS in grown.observed) == fresh


def test_growth_in_an_answer_that_moved_amounts_is_late() -> None:
    ledger = begun({BEFORE: {CALLS: 100}, DAY: {CALLS: 500}})
    grown = ledger.record(directions({BEFORE: {CALLS: 90}, DAY: {CALLS: 550}}), at=60.0)
    assert (plain(grown.fresh), plain(grown.late), set(grown.observed)) == ({}, {CALLS: 40}, set())


def test_growth_after_a_leap_is_late() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    later = DAY + timedelta(days=9)
    ledger.record(directions({DAY: {CALLS: 500}, later: {CALLS: 10}}, last=later), at=60.0)
    grown = ledger.record(directions({DAY: {CALLS: 500}, later: {CALLS: 12}}, last=later), at=120.0)
    assert (plain(grown.fresh), plain(grown.late)) == ({}, {CALLS: 12})
