"""Each rule of the ledger as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exporter.ledger.day import COST_TOLERANCE, SECONDS_TOLERANCE
from exporter.ledger.ledger import KEPT_DAYS, Ledger
from exporter.ledger.observation import Key, Observation
from exporter.ledger.state import dump_state, load_state

DAY = date(2026, 7, 1)
BEFORE = DAY - timedelta(days=1)
NEXT = DAY + timedelta(days=1)
CALLS, ANSWERED = ("inbound", "calls"), ("inbound", "answered_calls")
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
    last: date | None = None,
    complete: bool = True,
    doubtful: bool = False,
    currency: str = "INR",
) -> Observation:
    """What one answer of 31 days says, the last of them being the server's day."""
    last = last or max(DAY, *days, date.min)
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


def products(day: date, figures: Figures, *, complete: bool = True) -> Observation:
    return Observation(
        group="products",
        first=day,
        last=day,
        complete=complete,
        days=_rows({day: figures}),
        partial=frozenset() if complete else frozenset({day}),
        currency="INR",
    )


def _rows(days: Mapping[date, Figures]) -> dict[date, dict[Key, Decimal]]:
    return {day: {key: Decimal(value) for key, value in row.items()} for day, row in days.items()}


def begun(days: Mapping[date, Figures], *, complete: bool = True) -> Ledger:
    ledger = Ledger()
    ledger.record(directions(days, complete=complete))
    return ledger


def restarted(ledger: Ledger) -> Ledger:
    return Ledger(load_state(dump_state(ledger)))


def counted(ledger: Ledger) -> Net:
    """The counters that are not 0."""
    return {key: value for key, value in ledger.totals.items() if value}


def plain(amounts: Mapping[Key, Decimal]) -> Net:
    return dict(amounts)


def taken_back(ledger: Ledger) -> Net:
    return {key: value for key, value in ledger.taken_back().items() if value}


def inbound(calls: int, day: date = DAY, **other: Any) -> Observation:
    return directions({day: {CALLS: calls}}, **other)


def both(inbound: int, outbound: int) -> Observation:
    return directions({DAY: {CALLS: inbound, OUTBOUND: outbound}})


def dated(yesterday: int, today: int, **other: Any) -> Observation:
    return directions({BEFORE: {CALLS: yesterday}, DAY: {CALLS: today}}, **other)


def cost(amount: str, currency: str, **other: Any) -> Observation:
    return directions({DAY: {("all", f"cost/{currency}"): amount}}, currency=currency, **other)


EMPTY = directions({})
OLD, LATER, FAR = DAY - timedelta(days=31), DAY + timedelta(days=9), DAY.replace(year=2062)
OLDEST = NEXT - timedelta(days=30)
MIDNIGHT = directions({DAY: {CALLS: 501}, NEXT: {CALLS: 3}})
CHANGED = directions({DAY: {DOLLARS: "1.50"}, NEXT: {DOLLARS: "0.25"}}, currency="USD")

# What several answers, one a poll, come to: what is counted, and what of it is taken back
# fmt: off
HISTORIES: dict[str, tuple[list[Observation], Net, Net]] = {
    "the first observation is history": ([inbound(500)], {}, {}),
    "what rises above the mark is added once": ([inbound(500), inbound(507), inbound(507)], {CALLS: 7}, {}),
    "calls booked on yesterday after midnight are counted once, and the new day from its first call on":
        ([inbound(500), MIDNIGHT, MIDNIGHT], {CALLS: 4}, {}),
    "a day that had no row in a complete first answer had no calls": ([inbound(500), dated(2, 500)], {CALLS: 2}, {}),
    "a day before all that the first answer covered is history":
        ([inbound(500), directions({OLD: {CALLS: 900}, DAY: {CALLS: 500}})], {}, {}),
    "what an incomplete first answer lacked is history when it comes":
        ([directions({}, complete=False), dated(900, 500), dated(900, 501)], {CALLS: 1}, {}),
    "a day after an incomplete first answer counts from its first call":
        ([directions({}, complete=False), inbound(9, NEXT)], {CALLS: 9}, {}),
    "a figure that was unreadable at first is history when it can be read":
        ([inbound(500, complete=False), directions({DAY: {CALLS: 501, ANSWERED: 300}})], {CALLS: 1}, {}),
    "a figure that was unreadable for a poll is caught up with":
        ([inbound(500), directions({DAY: {}}, complete=False), inbound(510)], {CALLS: 10}, {}),
    "products that are first given later count from when the account was first asked": (
        [inbound(400), directions({DAY: {CALLS: 400}, NEXT: {CALLS: 50}}), products(NEXT, {PRODUCT: 50})],
        {CALLS: 50, PRODUCT: 50}, {},
    ),
    "calls that fill a corrected gap are not counted twice":
        ([inbound(calls) for calls in (1000, 990, 995, 1000, 1004)], {CALLS: 4}, {}),
    "replicas that lag and take turns add nothing twice":
        ([inbound(calls) for calls in (100, 110, 105, 110, 105, 111)], {CALLS: 11}, {}),
    "what the API withdraws is taken back": ([inbound(0), inbound(100), inbound(88)], {CALLS: 100}, {CALLS: 12}),
    "what is there again is not taken back":
        ([inbound(0), inbound(100), inbound(88), inbound(101)], {CALLS: 101}, {}),
    "an incomplete answer takes no day back": ([EMPTY, dated(7, 5), inbound(5, complete=False)], {CALLS: 12}, {}),
    "a day that a complete answer lacks is taken back whole":
        ([EMPTY, dated(7, 5), inbound(5)], {CALLS: 12}, {CALLS: 7}),
    "a day that vanishes while others grow costs nothing once it is back":
        ([EMPTY, dated(500, 10), inbound(17), dated(500, 19)], {CALLS: 519}, {}),
    "the oldest day of the window is cut off and not taken back":
        ([inbound(20, OLDEST), inbound(24, OLDEST), inbound(6, OLDEST, last=NEXT), directions({}, last=NEXT)],
         {CALLS: 4}, {}),
    "calls that are dated again are not new": ([EMPTY, dated(100, 10), dated(80, 30)], {CALLS: 110}, {}),
    "after calls were dated again, the next ones count":
        ([EMPTY, dated(100, 10), dated(80, 30), dated(80, 80)], {CALLS: 160}, {}),
    "a call that turns out to be of the other direction is not new":
        ([EMPTY, both(100, 100), both(60, 140)], {CALLS: 100, OUTBOUND: 100}, {CALLS: 40, OUTBOUND: -40}),
    "a renamed product is not new":
        ([EMPTY, products(DAY, {PRODUCT: 800}), products(DAY, {RENAMED: 800})],
         {PRODUCT: 800}, {PRODUCT: 800, RENAMED: -800}),
    "a renamed product goes on under its new name": (
        [EMPTY, *(products(day, {key: calls}) for day, key, calls in
                  ((DAY, PRODUCT, 800), (DAY, RENAMED, 800), (DAY, RENAMED, 810), (NEXT, RENAMED, 5)))],
        {PRODUCT: 800, RENAMED: 15}, {PRODUCT: 800, RENAMED: -800},
    ),
    "a product that is renamed back is as if it had not been renamed":
        ([EMPTY, *(products(DAY, row) for row in ({PRODUCT: 800}, {RENAMED: 800}, {PRODUCT: 803}))],
         {PRODUCT: 803}, {}),
    "a currency that flaps within a day changes nothing": (
        [EMPTY, cost("100", "INR"), cost("110", "USD"), cost("115", "USD"), cost("120", "INR"), cost("133", "INR")],
        {RUPEES: 133}, {},
    ),
    "a currency that has changed counts from the next day on": (
        [EMPTY, cost("100.50", "INR"), cost("1.20", "USD"), CHANGED, CHANGED],
        {RUPEES: Decimal("100.50"), DOLLARS: Decimal("0.25")}, {},
    ),
    "an answer that contradicts itself does not count": ([inbound(300), inbound(30_000, doubtful=True)], {}, {}),
    "it counts as far as the next one says the same":
        ([inbound(300), inbound(30_000, doubtful=True), inbound(340)], {CALLS: 40}, {}),
    "a first answer that contradicts itself sets no mark":
        ([inbound(30_000, doubtful=True), inbound(300), inbound(301)], {CALLS: 1}, {}),
    "a pause of days is a leap that the second answer confirms":
        ([inbound(500), *[directions({DAY: {CALLS: 500}, LATER: {CALLS: 9}})] * 2], {CALLS: 9}, {}),
    "a first answer from the future does not bind": (
        [directions({}, last=FAR), inbound(100), inbound(100), inbound(105),
         directions({DAY: {CALLS: 105}, NEXT: {CALLS: 50}})],
        {CALLS: 55}, {},
    ),
    "what was counted on dates that ran ahead is taken back":
        ([inbound(5), inbound(90, FAR), inbound(90, FAR), inbound(6), inbound(6)], {CALLS: 91}, {CALLS: 90}),
    "a row dated in the future counts when its date is right":
        ([EMPTY, *[inbound(410, FAR, last=DAY, complete=False)] * 2, inbound(410)], {CALLS: 410}, {}),
    "dates beyond any calendar are ignored": ([inbound(5), *[inbound(9, date.max)] * 3, inbound(6)], {CALLS: 1}, {}),
}
# fmt: on


@pytest.mark.parametrize("sentence", list(HISTORIES))
def test_history(sentence: str) -> None:
    answers, expected, withdrawn = HISTORIES[sentence]
    ledger = Ledger()
    for answer in answers:
        ledger.record(answer)
    assert (counted(ledger), taken_back(ledger)) == (expected, withdrawn)
    assert Ledger(load_state(dump_state(ledger))).totals == ledger.totals


def test_a_complete_first_answer_without_calls_shows_every_counter_at_zero() -> None:
    ledger = begun({})
    figures = ("calls", "answered_calls", "seconds")
    assert ledger.shown() == {(lane, figure): 0 for lane in ("inbound", "outbound") for figure in figures} | {RUPEES: 0}
    assert ledger.taken_back() == ledger.shown()
    ledger.record(directions({DAY: {OUTBOUND: 1000}}))
    assert counted(ledger) == {OUTBOUND: 1000}


def test_products_that_were_a_day_behind_at_the_start_count_as_much_as_the_directions() -> None:
    other = ("product/sip_trunking", "calls")
    ledger = Ledger()
    ledger.record(directions({BEFORE: {CALLS: 700}, DAY: {CALLS: 400}}), products(BEFORE, {PRODUCT: 700}), today=DAY)
    ledger.record(directions({BEFORE: {CALLS: 700}, DAY: {CALLS: 403}}), products(DAY, {PRODUCT: 390, other: 13}))
    assert sum(value for key, value in ledger.totals.items() if key in (PRODUCT, other)) == 3
    assert ledger.totals[CALLS] == 3


def test_a_correction_counts_when_it_is_made_and_not_while_it_lasts() -> None:
    ledger = begun({DAY: {CALLS: 1000}})
    for calls in (990, 990, 991):
        ledger.record(directions({DAY: {CALLS: calls}}))
    assert ledger.corrections == 1
    ledger.record(directions({DAY: {CALLS: 970, OUTBOUND: 0}}), products(DAY, {PRODUCT: 970}))
    assert ledger.corrections == 2


def test_what_was_taken_back_of_a_day_is_remembered_when_the_day_is_not() -> None:
    ledger = begun({})
    ledger.record(directions({DAY: {CALLS: 10}}))
    ledger.record(directions({DAY: {CALLS: 7}}))
    for n in range(1, 80):
        ledger.record(directions({DAY: {CALLS: 7}} if n <= 30 else {}, last=DAY + timedelta(days=n)))
    assert DAY not in ledger.days
    assert taken_back(ledger) == {CALLS: 3}


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


def test_an_api_that_always_contradicts_itself_counts_one_poll_late() -> None:
    ledger = begun({DAY: {CALLS: 300}})
    for calls in (310, 320, 315, 330):
        ledger = restarted(ledger)
        ledger.record(directions({DAY: {CALLS: calls}}, doubtful=True))
    assert counted(ledger) == {CALLS: 15}
    assert ledger.corrections == 0


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


def test_what_came_with_a_leap_counts_though_the_answer_that_confirms_it_is_of_a_replica_that_lags() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    later = DAY + timedelta(days=3)
    ledger.record(directions({DAY: {CALLS: 500}, later: {CALLS: 3}}, last=later))
    ledger.record(directions({DAY: {CALLS: 500}}, last=later))
    assert counted(ledger) == {CALLS: 3}


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


def test_products_of_a_day_that_has_no_calls_are_asked_for_again() -> None:
    ledger = begun({})
    ledger.record(directions({}, last=NEXT), products(DAY, {PRODUCT: 1}), products(NEXT, {PRODUCT: 0}), today=NEXT)
    assert ledger.missing_days(NEXT) == (DAY,)
    ledger.record(products(DAY, {PRODUCT: 0}), today=NEXT)
    assert ledger.missing_days(NEXT) == ()
    assert ledger.taken_back()[PRODUCT] == 1


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
    assert ledger.totals[CALLS] == 10
    assert grown.of("inbound") == {"calls": 7}
    assert grown.of("all") == {"cost/INR": 0}


def test_a_lane_that_did_not_grow_is_evidence_of_zero() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    assert ledger.record(directions({DAY: {CALLS: 500}}), at=60.0).of("inbound") == {"calls": 0}
    assert ledger.record(directions({DAY: {}}, complete=False), at=120.0).of("inbound") == {}


def test_a_lane_without_calls_is_evidence_of_zero() -> None:
    ledger = begun({})
    grown = ledger.record(directions({}), at=60.0)
    assert grown.of("outbound") == {"calls": 0, "answered_calls": 0, "seconds": 0}


def test_the_first_growth_after_a_start_or_a_pause_is_late() -> None:
    ledger = restarted(begun({DAY: {CALLS: 500}}))
    for calls, at, fresh in ((510, 60.0, False), (520, 120.0, True), (530, 1400.0, False), (540, 1460.0, True)):
        grown = ledger.record(directions({DAY: {CALLS: calls}}), at=at)
        assert grown.of("inbound") == ({"calls": 10} if fresh else {})
    assert ledger.totals[CALLS] == 40


def test_growth_in_an_answer_that_moved_amounts_is_late() -> None:
    ledger = begun({BEFORE: {CALLS: 100}, DAY: {CALLS: 500}})
    grown = ledger.record(directions({BEFORE: {CALLS: 90}, DAY: {CALLS: 550}}), at=60.0)
    assert ledger.totals[CALLS] == 40
    assert not grown.fresh


def test_growth_after_a_leap_is_late() -> None:
    ledger = begun({DAY: {CALLS: 500}})
    later = DAY + timedelta(days=9)
    ledger.record(directions({DAY: {CALLS: 500}, later: {CALLS: 10}}, last=later), at=60.0)
    grown = ledger.record(directions({DAY: {CALLS: 500}, later: {CALLS: 12}}, last=later), at=120.0)
    assert ledger.totals[CALLS] == 12
    assert not grown.fresh
