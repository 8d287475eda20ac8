"""Histories drawn from a tape of bytes: what happens to the books, what the API answers, and who polls it.

A tape is what Hypothesis generates and shrinks fastest. At its end every choice is the first, plainest one.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from exporter.api.model import Report
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import Key, observations
from exporter.ledger.state import dump_state, load_state
from tests.ledger.api_model import CELLS, SHOWN_DAYS, Books, Json, Tally, answer, body, dashboard

START = date(2026, 2, 27)
MAX_MISSING = 3
REACH = 4
"""Days before today on which something may still change."""


class Tape:
    """Choices, one byte each."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._data)

    def pick(self, ways: int) -> int:
        """One of this many ways; 0 at the end of the tape."""
        if self.ended:
            return 0
        self._at += 1
        return self._data[self._at - 1] % ways

    def calls(self) -> Tally:
        """Some new calls of one kind: too many seconds and too much money to be taken for a rounding difference."""
        calls = 1 + self.pick(9)
        answered = self.pick(calls + 1)
        tenths = answered * (3 + self.pick(40))
        return calls, answered, tenths, tenths * 3 + 11 * self.pick(7)


class Exporter:
    """The part of the exporter that counts, fed with the API's bytes."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.copies: list[bytes] = []
        self.shown: dict[Key, Decimal] = {}
        """The last value published of each counter."""
        self.stepped_back: list[Key] = []
        self._elapsed = 0.0

    def restart(self, copy: bytes | None = None) -> None:
        """End and start again, with the ledger as it was saved last, or with an old copy of it."""
        self.ledger = Ledger(load_state(dump_state(self.ledger) if copy is None else copy))

    def poll(self, *views: Books, tape: Tape) -> None:
        """Ask for everything; each answer comes from one of the views, and may be damaged as the tape says."""
        before = dict(self.ledger.totals)
        self._elapsed += 60.0
        view = views[tape.pick(len(views))]
        whole, today = self._ask_dashboard(view, tape), view.today
        recent = [today, today - timedelta(days=1)][: 2 - tape.pick(2)]
        days = [*recent, *[day for day in self.ledger.missing_days(today) if day not in recent][:MAX_MISSING]]
        answers = {day: self._ask_analytics(views[tape.pick(len(views))], day, tape) for day in days}
        reports = [report for report in answers.values() if report is not None]
        refused = [day for day, report in answers.items() if report is None]
        grown = self.ledger.record(*observations(whole, reports), today=today, at=self._elapsed, refused=refused)
        totals = self.ledger.totals
        growth = {key: value - before.get(key, 0) for key, value in totals.items()}
        assert all(value >= 0 for value in growth.values())
        assert all(0 <= value <= growth.get(key, 0) for key, value in grown.fresh.items())
        self.copies.append(dump_state(self.ledger))
        published = self.ledger.shown()
        self.stepped_back += [key for key, value in published.items() if value < self.shown.get(key, 0)]
        self.shown |= published

    def poll_until_quiet(self, books: Books) -> None:
        """Fresh polls until no day is missing; a long pause takes several, at three days a poll."""
        oldest = books.today - timedelta(days=SHOWN_DAYS)
        for polls in range(60):
            self.poll(books, tape=Tape(b""))
            missing = [day for day in self.ledger.missing_days(books.today) if day >= oldest]
            if polls > 1 and not missing:
                return
        raise AssertionError(f"asked for again and again: {missing}")

    def net(self) -> dict[Key, Decimal]:
        """Counters less what was taken back of them."""
        taken_back = self.ledger.taken_back()
        return {key: total - taken_back[key] for key, total in self.ledger.shown().items()}

    def _ask_dashboard(self, view: Books, tape: Tape) -> Report | None:
        said = dashboard(view)
        rows = said["time_series"]
        damage = tape.pick(14) if rows else 0
        day = rows[tape.pick(len(rows))]["date"] if damage in (1, 2, 5) else ""
        row: Json = next((row for row in rows if row["date"] == day), {})
        if damage == 1:
            rows.remove(row)
        elif damage == 2:
            row["inbound"]["total_calls"] = "many"
        elif damage == 3:
            said["currency"] = None
        elif damage == 4:
            del said["time_series"]
        elif damage == 5 and not self.ledger.claims.doubted and self.ledger.leap is None:
            # said twice, it would count; what came with a leap of the date is said already
            row["total_calls"] += 700
            row["outbound"]["total_calls"] += 700
        elif damage == 6:
            return None
        elif damage > 8:
            rows.reverse()
        return parse_dashboard(body(said))

    def _ask_analytics(self, view: Books, day: date, tape: Tape) -> Report | None:
        said = answer(view, first=day, last=day)
        damage = tape.pick(12)
        if damage == 1:
            next(iter(said["by_product"].values()))["total_minutes"] = "long"
        elif damage == 2:
            said["currency"] = None
        elif damage == 3:
            return None
        elif damage == 4 and not self.ledger.claims.doubted and self.ledger.leap is None:
            next(iter(said["by_product"].values()))["total_calls"] += 900
        return parse_analytics(body(said))


def new_books(tape: Tape) -> Books:
    """A partner with up to a few days of calls."""
    books = Books(today=START)
    for _ in range(tape.pick(6)):
        books.book(START - timedelta(days=tape.pick(3)), CELLS[tape.pick(4)], tape.calls())
    return books


def calls_come_in(books: Books, tape: Tape) -> None:
    """Calls of today, or booked late on a recent day."""
    books.book(recent_day(books, tape) if tape.pick(4) == 3 else books.today, CELLS[tape.pick(4)], tape.calls())


def correct(books: Books, tape: Tape) -> None:
    """Take back part of the calls of one kind on a recent day, sometimes all of them, and what they took and cost.

    Never money or time alone: on a past day a few cents or seconds are taken for rounding, and not asked for again.
    """
    day, cell = recent_day(books, tape), CELLS[tape.pick(4)]
    calls, answered, tenths, cost = books.days.get(day, {}).get(cell, (0, 0, 0, 0))
    share = 1 + tape.pick(4)
    if calls // share:
        books.book(day, cell, (-(calls // share), -(answered // share), -(tenths // share), -(cost // share)))


def move(books: Books, tape: Tape) -> None:
    """Calls are dated again, or turn out to be of another direction or product."""
    day, cell = recent_day(books, tape), CELLS[tape.pick(4)]
    books.move((day, cell), (recent_day(books, tape), cell) if tape.pick(2) else (day, CELLS[tape.pick(4)]))


def change_zone(books: Books) -> None:
    """The server's midnight moves: of each recent day, one kind of calls is on the next."""
    for ago in range(REACH, 0, -1):
        day = books.today - timedelta(days=ago)
        if day >= START:
            books.move((day, CELLS[0]), (day + timedelta(days=1), CELLS[0]))


def recent_day(books: Books, tape: Tape) -> date:
    """A day on which something may still change; none before the start."""
    return max(books.today - timedelta(days=tape.pick(REACH)), START)


def ahead(books: Books) -> Books:
    """The same books, as a server has them that is a year ahead."""
    leapt = books.copy()
    leapt.today += timedelta(days=365)
    leapt.days = {day + timedelta(days=365): cells for day, cells in leapt.days.items()}
    return leapt
