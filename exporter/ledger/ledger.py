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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from math import inf

from exporter.ledger.day import ZERO, Day, offset
from exporter.ledger.observation import DIRECTIONS_GROUP, GROUPS, Key, Observation, directions_keys, group_of, is_cost
from exporter.ledger.state import LedgerState, Values

KEPT_DAYS = 62
"""Days that are kept: twice what the API shows. More if it shows more."""

MAX_STEP = timedelta(days=2)
"""By how much the server's date may differ from the last one without being confirmed."""

LAST_DATE = date(9000, 1, 1)
"""What a server may call today: beyond, there is no calendar to count in."""

_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Increments:
    """What one poll says of now: ``fresh`` is the growth of the counters since the previous poll, with zeros.

    Nothing is known of a key that is not in it. Growth that is no evidence of what happens now is not in it either: it
    was booked on an earlier day, or is the first since the start or since a pause, or came in an answer that also moved
    amounts, or in the first one after a leap of the server's date. ``days_lost`` are the days found to be out of the
    API's reach, each reported once.
    """

    fresh: dict[Key, Decimal] = field(default_factory=dict)
    days_lost: tuple[date, ...] = ()

    def of(self, lane: str) -> dict[str, Decimal]:
        """The growth of one lane by figure (``calls``, ``answered_calls``, ``seconds``, ``cost/INR``)."""
        return {figure: growth for (name, figure), growth in self.fresh.items() if name == lane}


class Ledger(LedgerState):
    """Days and totals of one account. Not thread-safe: one poll at a time.

    ``max_pause``: seconds without an observation after which growth is no evidence of what happens now.
    """

    def __init__(self, state: LedgerState | None = None, *, max_pause: float = 1200.0) -> None:
        super().__init__(**vars(state or LedgerState()))
        self.max_pause = max_pause
        self._held: Sequence[Observation] = ()
        self._read: dict[Key, float] = {}
        self._asked: set[tuple[str, date]] = set()
        self._ready: set[str] = set()

    def record(
        self, *seen: Observation, today: date | None = None, at: float = 0.0, refused: Iterable[date] = ()
    ) -> Increments:
        """Take in what one poll saw.

        ``today`` is the server's day (the last one that was observed, if it is not known), ``at`` the elapsed clock in
        seconds. ``refused`` are days that ``/analytics`` was asked for without an answer that could be used. A date
        that leaps more than two days counts when the next poll confirms it; until then its answers are held.
        """
        today = today or max((observation.last for observation in seen), default=None)
        if today is None or today > LAST_DATE:
            return Increments()
        if self._is_unconfirmed(today):
            self.leap, self._held = today, seen
            return Increments()
        leapt = self._leaps(today)
        # One after the other: an answer from before the leap was confirmed may be the newer one, of a better replica.
        polls, self._held = (self._held, seen) if leapt else (seen,), ()
        self._begin(today)
        grown, corrected = Increments(), False
        for poll, group in product(polls, GROUPS):
            answers = [each for each in poll if each.group == group and each.last <= today + _DAY]
            values, read = self._values(answers, today)
            corrected |= any(self.days[day].fall(*item) for day, row in values.items() for item in row.items())
            moved = offset(self.days, values)
            if not leapt and not moved:
                timely = (key for key in read if at - self._read.get(key, -inf) <= self.max_pause)
                grown.fresh.update(dict.fromkeys(timely, ZERO))
            self._take(values, grown.fresh, today)
            self._read.update(dict.fromkeys(read, at))
        self._prune(today)
        grown.days_lost = self.lost(today)
        self.days_lost += len(grown.days_lost)
        self.corrections += corrected
        self._asked.update((group, day) for group in GROUPS for day in refused)
        self._ready.update(group for group in GROUPS if self._is_ready(group, today))
        return grown

    def shown(self) -> dict[Key, Decimal]:
        """The counters that were observed since the start: any other might have to step back once it is."""
        read_costs = {key[0] for key in self._read if is_cost(key)}
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
        days = {day for group in GROUPS for day in self.missing(group, today)}
        return tuple(sorted(days, key=lambda day: (not self.is_unanswered(day), -day.toordinal())))

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
        if self.today is None or today < self.today - MAX_STEP:
            for day in [day for day in self.days if day > today]:
                if day > self.since:  # all of it is taken back
                    self.days[day].given = dict.fromkeys(self.days[day].marks, ZERO)
                self._forget(day)
            self.since, self.today, self.reach = min(self.since, today), today, None
        self.today = max(self.today, today)

    def _take(self, values: Mapping[date, Values], fresh: dict[Key, Decimal], today: date) -> None:
        """Raise marks and counters to what was given, and note the growth of today where it is fresh."""
        for day, row in values.items():
            for key, value in row.items():
                growth = self.days[day].take(key, value)
                self.totals[key] = self.totals.get(key, ZERO) + growth
                if day == today and key in fresh:
                    fresh[key] += growth

    def _values(self, seen: Sequence[Observation], today: date) -> tuple[dict[date, Values], set[Key]]:
        """What the answers say of each day, as far as it counts, and the keys of which they say something of today.

        What is new there gets its mark.
        """
        values: dict[date, Values] = {}
        read: set[Key] = set()
        for answer in seen:
            observation = self.claims.with_costs_that_count(answer, today)
            if observation.group == DIRECTIONS_GROUP and observation.complete:
                # a complete answer without calls says that they are 0
                for key in directions_keys(observation.currency):
                    self.totals.setdefault(key, ZERO)
            read.update(observation.zeros(today, self.totals))
            for day in observation.known_days():
                values.setdefault(day, {}).update(self._values_of(observation, day))
                self.days[day].asked[observation.group] = today
                if observation.covers(day):
                    self.days[day].covered[observation.group] = today
                self._asked.add((observation.group, day))
        return values, read | values.get(today, {}).keys()

    def _values_of(self, seen: Observation, day: date) -> Values:
        known = self.days[day] = self.days.pop(day, Day())
        values = {**seen.days.get(day, {}), **dict.fromkeys(seen.zeros(day, known.marks), ZERO)}
        if seen.first == day < seen.last:
            # the window moves by the hour: its oldest day is cut off, not corrected
            values = {key: max(value, known.value(key, value)) for key, value in values.items()}
        values = self.claims.believed(seen, day, known, values)
        history = self._history(seen, day, values)
        for key in sorted(values.keys() - known.marks.keys(), key=lambda key: (-values[key], key)):
            mark = values[key]
            if not known.has_other_currency(key):
                if seen.group in known.covered or day > self.since:
                    mark = ZERO
                elif key[1] in history:
                    mark = min(mark, history[key[1]])
                    history[key[1]] -= mark
            known.marks[key] = mark
        return values

    def _history(self, seen: Observation, day: date, values: Values) -> dict[str, Decimal]:
        """By figure, how much of the products is history: what the directions had when the account was first asked.

        Products come from another endpoint, which may still be a day behind then.
        """
        if day != self.since:
            return {}
        if seen.group != DIRECTIONS_GROUP:
            return dict(self.opening or {})
        if self.opening is None and seen.covers(day):
            self.opening = {figure: ZERO for _, figure in directions_keys(seen.currency)}
            for (_, figure), value in values.items():
                self.opening[figure] += value
        return {}

    def _is_ready(self, group: str, today: date) -> bool:
        """Whether all days that may have grown before the start were asked for since."""
        days = [*self.missing(group, today), *([today - _DAY] if today > self.since else [])]
        return all((group, day) in self._asked for day in days)

    def _prune(self, today: date) -> None:
        """Forget the days that were not seen for the longest time; none that the API shows today is among them."""
        unseen = [day for day, known in self.days.items() if today not in known.asked.values()]
        for day in unseen[: max(len(self.days) - KEPT_DAYS, 0)]:
            self._forget(day)
            self.since = max(self.since, min(day, today))

    def _forget(self, day: date) -> None:
        for key, amount in self.days.pop(day).taken_back():
            self.remainder[key] = self.remainder.get(key, ZERO) + amount
