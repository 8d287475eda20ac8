"""The ledger of one account: pure, without clock or I/O.

The API's figures are cumulative per day. They start again at the server's midnight, are sometimes corrected downward,
and a day's figures may still grow after it is over. For every day, lane and figure the ledger keeps the highest value
ever given (the *mark*); what rises above a mark is new, and is added to the total. So the same answer twice adds
nothing, a correction takes nothing away, and what fills a corrected gap is not counted again.

What was there when the account was first asked is history, not growth, and so is a value whose past is unknown. An
amount that only moved is not new (:func:`~exporter.ledger.day.offset`). Beside the totals stands what the API has taken
back of them: the difference is what it says now, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from exporter.ledger.claims import Claims
from exporter.ledger.day import ZERO, Day, offset
from exporter.ledger.gaps import SHOWN_DAYS, is_unanswered, missing
from exporter.ledger.increments import Increments, PollRecord
from exporter.ledger.observation import (
    COST_FIGURE,
    DIRECTIONS_GROUP,
    MAX_SPAN,
    PRODUCTS_GROUP,
    Key,
    Observation,
    directions_keys,
    group_of,
    is_cost,
)

KEPT_DAYS = 62
"""Days that are kept at least: twice what the API shows. More if an answer shows more."""

MAX_STEP = timedelta(days=2)
"""By how much the server's date may differ from the last one without being confirmed."""

FIRST_DATE, LAST_DATE = date(1970, 1, 1), date(9000, 1, 1)
"""What a server may call today: beyond, there is no calendar to count in."""

GROUPS = (DIRECTIONS_GROUP, PRODUCTS_GROUP)

_DAY = timedelta(days=1)


class Ledger:
    """Days and totals of one account. Not thread-safe: one poll at a time.

    ``max_pause``: seconds without an observation after which growth is no evidence of what happens now.
    """

    def __init__(self, *, max_pause: float = 1200.0) -> None:
        self.totals: dict[Key, Decimal] = {}
        """All counters. What may be published of them: :meth:`shown`."""
        self.corrections = 0
        """Polls in which the API lowered a figure that it had already given."""
        self.days_lost = 0
        """Days that the API could no longer show when they were asked for."""
        self.days: dict[date, Day] = {}
        """The days that are kept, the longest not seen first."""
        self.remainder: dict[Key, Decimal] = {}
        """What was taken back of days that are no longer kept."""
        self.since: date | None = None
        """The server's day when the account was first asked: up to it, a value whose past is unknown is history."""
        self.opening: dict[Key, Decimal] | None = None
        """What the directions had on that day when they were first known."""
        self.today: date | None = None
        """The server's day, as far as it is confirmed."""
        self.leap: date | None = None
        """Another date, far from it, that the last answer has named."""
        self.reach: date | None = None
        """The oldest day that the API can show: of those before, the lost ones are counted."""
        self.span = 0
        """The most days that one answer covered."""
        self.claims = Claims()
        self._max_pause = max_pause
        self._read: dict[Key, float] = {}
        self._asked: set[tuple[str, date]] = set()
        self._ready: set[str] = set()

    def record(
        self, *seen: Observation, today: date | None = None, at: float = 0.0, refused: Iterable[date] = ()
    ) -> Increments:
        """Take in what one poll saw.

        ``today`` is the server's day (the last one that was observed, if it is not known), ``at`` the elapsed clock in
        seconds. ``refused`` are days that ``/analytics`` was asked for without an answer that could be used. A date
        that leaps more than two days counts when the next poll confirms it; until then nothing of it is recorded.
        """
        today = today or max((observation.last for observation in seen), default=None)
        if today is None or not FIRST_DATE <= today <= LAST_DATE:
            return Increments()
        if self._is_unconfirmed(today):
            self.leap = today
            return Increments()
        leapt = self._leaps(today)
        self._begin(today)
        poll = PollRecord(today=today, at=at, leapt=leapt)
        known = [observation for observation in seen if observation.last <= today + _DAY]
        for group in GROUPS:
            self._take([observation for observation in known if observation.group == group], poll)
        self.corrections += poll.corrected
        self._prune()
        lost = self._lost(today)
        self.days_lost += len(lost)
        self._asked.update((group, day) for group in GROUPS for day in refused)
        self._ready.update(group for group in GROUPS if self._is_ready(group, today))
        return poll.increments(days_lost=lost)

    def shown(self) -> dict[Key, Decimal]:
        """The counters that were observed since the start: any other might have to step back once it is."""
        read_costs = {lane for lane, figure in self._read if figure.startswith(COST_FIGURE)}
        return {
            key: total
            for key, total in self.totals.items()
            if group_of(key) in self._ready and (key in self._read or (is_cost(key) and key[0] in read_costs))
        }

    def taken_back(self) -> dict[Key, Decimal]:
        """By counter that is shown, what the API has withdrawn of it: counter less this is what the API says now.

        Below zero where the API moved amounts into a lane that are counted in another one.
        """
        sums = {key: self.remainder.get(key, ZERO) for key in self.shown()}
        for day in self.days.values():
            for key, amount in day.taken_back():
                if key in sums:
                    sums[key] += amount
        return sums

    def missing_days(self, today: date) -> tuple[date, ...]:
        """Past days to ask ``/analytics`` for, the most needed first.

        First those without an answer from after their end, then those whose answer was incomplete or whose products do
        not add up to their directions; the newest first of each. None while ``today`` is a leap to be confirmed.
        """
        if self._is_unconfirmed(today):
            return ()
        groups = self._groups()
        days = {day for group in groups for day in self._missing(group, today)}
        return tuple(sorted(days, key=lambda day: (not is_unanswered(self.days, day, groups), -day.toordinal())))

    def _leaps(self, today: date) -> bool:
        return self.today is not None and abs(today - self.today) > MAX_STEP

    def _is_unconfirmed(self, today: date) -> bool:
        """Whether a date leaps and the previous answer did not leap the same way, or time has gone back since."""
        if self.today is None or not self._leaps(today):
            return False
        return self.leap is None or (today > self.today) != (self.leap > self.today) or today < self.leap - _DAY

    def _begin(self, today: date) -> None:
        """Settle which day it is. If it was later before, that was wrong: nothing that is kept lies in the future."""
        self.leap = None
        if self.since is None or self.today is None:
            self.since = self.today = today
        elif today < self.today - MAX_STEP:
            for day in [day for day in self.days if day > today]:
                if day > self.since:
                    self.days[day].withdraw()
                self._forget(day)
            self.since = min(self.since, today)
            self.today, self.reach = today, None
        self.today = max(self.today, today)

    def _take(self, seen: Sequence[Observation], poll: PollRecord) -> None:
        values: dict[date, dict[Key, Decimal]] = {}
        read: set[Key] = set()
        for answer in seen:
            observation = self.claims.with_costs_that_count(answer, poll.today)
            self._open_counters(observation)
            for day, figures in self._values(observation):
                values.setdefault(day, {}).update(figures)
            read.update(observation.zeros(poll.today, self.totals))
            self._stamp(observation, poll.today)
        read.update(values.get(poll.today, ()))
        places = [(day, key, value) for day, figures in values.items() for key, value in figures.items()]
        poll.corrected |= any(self.days[day].fall(key, value) for day, key, value in places)
        timely = set() if offset(self.days, values) or poll.leapt else self._timely(read, poll.at)
        poll.observed |= timely
        self._read.update(dict.fromkeys(read, poll.at))
        for day, key, value in places:
            growth = self.days[day].take(key, value)
            self.totals[key] = self.totals.get(key, ZERO) + growth
            if growth:
                poll.add(key, growth, fresh=day == poll.today and key in timely)

    def _open_counters(self, seen: Observation) -> None:
        """A complete answer without calls says that they are 0."""
        if seen.group == DIRECTIONS_GROUP and seen.complete:
            for key in directions_keys(seen.currency):
                self.totals.setdefault(key, ZERO)

    def _values(self, seen: Observation) -> Iterator[tuple[date, dict[Key, Decimal]]]:
        """What an answer says of each day, as far as it counts; what is new there gets its mark."""
        rows = dict(seen.days)
        days = self._days_of(seen)
        self.span = max(self.span, len(days))
        for day in days:
            known = self.days[day] = self.days.pop(day, Day())
            values = dict(rows.get(day, ()))
            values.update(dict.fromkeys(seen.zeros(day, known.marks), ZERO))
            if seen.first == day < seen.last:
                # the window moves by the hour: its oldest day is cut off, not corrected
                values = {key: max(value, known.value(key, value)) for key, value in values.items()}
            values = self.claims.believed(seen, day, known, values)
            self._mark(seen, day, values)
            yield day, values

    def _days_of(self, seen: Observation) -> list[date]:
        """The days that an answer says something of. Of its oldest one, which is cut off by the hour, no history."""
        days = dict.fromkeys((*seen.span(), *(day for day, _ in seen.days if day <= seen.last)))
        known = seen.group in self.days.get(seen.first, Day()).covered
        if seen.first < seen.last and self.since is not None and seen.first <= self.since and not known:
            days.pop(seen.first, None)
        return list(days)

    def _mark(self, seen: Observation, day: date, values: dict[Key, Decimal]) -> None:
        known = self.days[day]
        if seen.group == DIRECTIONS_GROUP and day == self.since and self.opening is None and seen.covers(day):
            self.opening = {**dict.fromkeys(directions_keys(seen.currency), ZERO), **values}
        before = self._counted_before(seen.group, day)
        for key in sorted(values.keys() - known.marks.keys(), key=lambda key: (-values[key], key)):
            if known.has_other_currency(key):
                known.marks[key] = values[key]
            elif seen.group in known.covered or self.since is None or day > self.since:
                known.marks[key] = ZERO
            elif key[1] in before:
                known.marks[key] = min(values[key], before[key[1]])
                before[key[1]] -= known.marks[key]
            else:
                known.marks[key] = values[key]

    def _counted_before(self, group: str, day: date) -> dict[str, Decimal]:
        """By figure, how much of the products is history: what the directions had when the account was first asked.

        Products come from another endpoint, which may still be a day behind then.
        """
        sums: dict[str, Decimal] = {}
        if group == PRODUCTS_GROUP and day == self.since and self.opening is not None:
            for (_, figure), value in self.opening.items():
                sums[figure] = sums.get(figure, ZERO) + value
        return sums

    def _stamp(self, seen: Observation, today: date) -> None:
        for day in self._days_of(seen):
            known = self.days[day]
            known.asked[seen.group] = today
            if seen.covers(day):
                known.covered[seen.group] = today
            self._asked.add((seen.group, day))

    def _timely(self, keys: Iterable[Key], at: float) -> set[Key]:
        return {key for key in keys if key in self._read and at - self._read[key] <= self._max_pause}

    def _groups(self) -> set[str]:
        """The groups that the API gives."""
        return {group_of(key) for key in self.totals}

    def _missing(self, group: str, today: date) -> list[date]:
        if self.since is None or group not in self._groups():
            return []
        return missing(self.days, group, since=self.since, today=today)

    def _is_ready(self, group: str, today: date) -> bool:
        """Whether all days that may have grown before the start were asked for since."""
        days = [today - _DAY, *self._missing(group, today)]
        return all((group, day) in self._asked for day in days if self.since is not None and day >= self.since)

    def _lost(self, today: date) -> tuple[date, ...]:
        """The days that have left the API's reach since the last poll without an answer from after their end.

        None if that would be more than a year: then a date was wrong.
        """
        reach = today - SHOWN_DAYS
        before, self.reach = self.reach, max(reach, self.reach or reach)
        first = max(self.since or today, before or reach)
        days = (first + n * _DAY for n in range((reach - first).days) if reach - first <= MAX_SPAN)
        return tuple(day for day in days if is_unanswered(self.days, day, self._groups()))

    def _prune(self) -> None:
        """Forget the days that were not seen for the longest time; none that the API shows is among them."""
        for day in list(self.days)[: -max(KEPT_DAYS, 2 * self.span)]:
            self._forget(day)
            if self.since is not None and self.today is not None:
                self.since = max(self.since, min(day, self.today))

    def _forget(self, day: date) -> None:
        for key, amount in self.days.pop(day).taken_back():
            self.remainder[key] = self.remainder.get(key, ZERO) + amount
