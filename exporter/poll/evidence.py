"""What the growth of the counters says, and the complete days before: to the detector, and by themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from statistics import median

from exporter.api.model import DIRECTIONS, NO_CALLS, Report, Rollup, calls_of
from exporter.clock import Moment
from exporter.detect.observations import Counts, Day, History
from exporter.detect.observations import Increments as Evidence
from exporter.ledger.ledger import Increments
from exporter.ledger.observation import COST_FIGURE, PRODUCT_LANE, TOTAL_LANE

BASELINE_DAYS, MIN_DAYS = 14, 3
"""Complete days that a baseline is of at most, two whole weeks, and at least."""

MIN_CALLS, MIN_SHARE = 20, 0.2
"""A day counts for the ratio with this many calls, and this share of the median day's: a holiday's ratio is noise."""

WINDOW = 900.0
"""Seconds that the last minutes reach back. With a longer poll interval: from the previous poll on."""

GRAIN = 50.0
"""Seconds for which what shorter poll intervals bring is kept as one: some 18 entries, however often polls come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is usual for one direction: answered / calls (0 to 1), and calls a day. None is unknown."""

    answer_ratio: float | None = None
    calls_per_day: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """Calls and answered calls of ``seconds`` by direction, None where one is not known."""

    seconds: float
    directions: Mapping[str, Rollup]


class RecentCalls:
    """What polls added within the window: ``value`` is all of it, None before there were two polls, ``at`` the last."""

    def __init__(self) -> None:
        self.value: Recent | None = None
        self.at: Moment | None = None
        self._came: dict[float, Mapping[str, Rollup]] = {}
        """By when a poll was, in seconds of the elapsed clock: what came in since, up to the next entry."""

    def add(self, grown: Increments, began: Moment, *, max_pause: float) -> None:
        """Take in one poll; one that learned nothing of the directions is left out, and the next covers its time.

        After more than ``max_pause`` seconds it starts again: what came in during a pause is no growth.
        """
        if not any(lane in DIRECTIONS for lane, _ in grown.fresh):
            return
        previous, self.at = self.at, began
        if previous is None or began.elapsed - previous.elapsed > max_pause:
            self.value, self._came = None, {}
            return
        since = next((start for start in self._came if previous.elapsed - start < GRAIN), previous.elapsed)
        before = self._came.get(since, dict.fromkeys(DIRECTIONS, NO_CALLS))
        self._came[since] = {lane: calls_of([before[lane], _calls(grown, lane)]) for lane in DIRECTIONS}
        first = min(since, began.elapsed - WINDOW)
        self._came = {start: came for start, came in self._came.items() if start >= first}
        directions = {direction: self._grown(direction) for direction in DIRECTIONS}
        self.value = Recent(seconds=began.elapsed - min(self._came), directions=directions)

    def _grown(self, direction: str) -> Rollup:
        """An answer may be booked after its call: answered calls of the window are never more than its calls."""
        grown = calls_of([came[direction] for came in self._came.values()])
        if grown.calls is None or grown.answered_calls is None:
            return grown
        return replace(grown, answered_calls=min(grown.calls, grown.answered_calls))


def _calls(grown: Increments, direction: str) -> Rollup:
    amounts = grown.of(direction)
    calls, answered = (int(amounts[it]) if it in amounts else None for it in ("calls", "answered_calls"))
    return Rollup(calls=calls, answered_calls=answered)


def evidence_of(grown: Increments, began: Moment, today: date) -> Evidence:
    """What came in since the previous poll. Late amounts are no evidence."""
    lanes = {lane for lane, figure in grown.fresh if figure == "calls"}
    now = datetime.fromtimestamp(began.wall, timezone.utc)
    return Evidence(
        timestamp=began.wall,
        weekday=today.weekday(),
        minute_of_day=now.hour * 60 + now.minute + now.second / 60,
        directions={lane: _counts(grown, lane) for lane in lanes if lane in DIRECTIONS},
        products={lane.removeprefix(PRODUCT_LANE): _counts(grown, lane) for lane in lanes if lane not in DIRECTIONS},
        cost={figure.removeprefix(COST_FIGURE): float(cost) for figure, cost in grown.of(TOTAL_LANE).items()},
    )


def history_of(dashboard: Report) -> History:
    """The complete days of an answer of ``/dashboard``, from the first with a row on: the account may be younger.

    Unknown days are left out, of one direction alone where the row lacks only its calls.
    """
    first = min((row.day for row in dashboard.days or ()), default=date.max)
    rows = [row for row in dashboard.every_day[:-1] if row.day >= first]
    return History(
        directions={
            "inbound": [_day(row.day, row.inbound) for row in rows if _has_calls(row.inbound)],
            "outbound": [_day(row.day, row.outbound) for row in rows if _has_calls(row.outbound)],
        },
        total=[_day(row.day, row.total, dashboard.currency) for row in rows if row.total.cost is not None],
    )


def baselines(dashboard: Report) -> dict[str, Baseline]:
    """The usual day of each direction that has enough history: median answer rate, mean calls."""
    return {
        direction: _baseline(days[-BASELINE_DAYS:])
        for direction, days in history_of(dashboard).directions.items()
        if len(days) >= MIN_DAYS
    }


def _baseline(days: Sequence[Day]) -> Baseline:
    calls = [day.calls for day in days]
    enough = max(MIN_CALLS, MIN_SHARE * median(calls))
    ratios = [day.answered / day.calls for day in days if day.calls >= enough]
    return Baseline(
        answer_ratio=median(ratios) if len(ratios) >= MIN_DAYS else None, calls_per_day=sum(calls) / len(calls)
    )


def _counts(grown: Increments, lane: str) -> Counts:
    amounts = grown.of(lane)
    calls, answered, seconds = (float(amounts.get(figure, 0)) for figure in ("calls", "answered_calls", "seconds"))
    return Counts(calls=calls, answered=answered, seconds=seconds, answered_known="answered_calls" in amounts)


def _has_calls(rollup: Rollup) -> bool:
    """Whether it can be said how many calls there were, and how many of them were answered."""
    return rollup.calls is not None and rollup.answered_calls is not None


def _day(day: date, rollup: Rollup, currency: str | None = None) -> Day:
    return Day(
        weekday=day.weekday(),
        calls=float(rollup.calls or 0),
        answered=float(rollup.answered_calls or 0),
        seconds=float((rollup.minutes or 0) * 60),
        cost={} if currency is None or rollup.cost is None else {currency: float(rollup.cost)},
    )
