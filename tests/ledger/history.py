"""Histories drawn from a tape of bytes: what happens to the books, what the API answers, and who polls it.

A tape is what Hypothesis generates and shrinks fastest. At its end every choice is the first, plainest one.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

from exporter.api.model import Report
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger import Ledger, Observation, directions_observed, dump_ledger, load_ledger, products_observed
from tests.ledger.api_model import CELLS, SHOWN_DAYS, Books, Series, Tally, answer, body, dashboard
from tests.ledger.observer import Observer

START = date(2026, 2, 27)
MOST_GAPS = 3


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
    """The part of the exporter that counts, fed with the API's bytes; what it is shown, the observer is shown too."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.observer = Observer()

    def restart(self, *, with_state: bool) -> None:
        """End and start again, with the ledger from disk or without."""
        if with_state:
            self.ledger = load_ledger(json.loads(json.dumps(dump_ledger(self.ledger))))
        else:
            self.ledger, self.observer = Ledger(), Observer()

    def poll(self, *views: Books, tape: Tape) -> None:
        """Ask for everything; each answer comes from one of the views, and may be spoilt as the tape says."""
        gaps = self.ledger.product_gaps()
        directions, today = self._ask_dashboard(views[tape.pick(len(views))], tape)
        recent = [today, today - timedelta(days=1)][: 2 - tape.pick(2)]
        days = [*recent, *[day for day in gaps if day not in recent][:MOST_GAPS]]
        reports = [
            self._ask_analytics(views[tape.pick(len(views))], day, tape, directions=directions is None) for day in days
        ]
        observations = [directions_observed(report) for report in reports] if directions is None else [directions]
        observations += [products_observed(report) for report in reports]
        before, totals = dump_ledger(self.ledger), dict(self.ledger.totals)
        changed = self.ledger.record(*(seen for seen in observations if seen is not None))
        self.observer.end_poll()
        assert changed == (dump_ledger(self.ledger) != before)
        assert all(self.ledger.totals[series] >= value for series, value in totals.items())

    def _ask_dashboard(self, view: Books, tape: Tape) -> tuple[Observation | None, date]:
        shown = {(day, series): value for day in view.days for series, value in _of_rows(view, day).items()}
        said = dashboard(view)
        rows = said["time_series"]
        first, last = view.today - timedelta(days=SHOWN_DAYS), view.today
        shown = {key: value for key, value in shown.items() if first <= key[0] <= last}
        spoilt = tape.pick(12) if rows else 0
        day = rows[tape.pick(len(rows))]["date"] if spoilt in (1, 2) else ""
        if spoilt == 1:
            said["time_series"] = [row for row in rows if row["date"] != day]
            shown = {key: value for key, value in shown.items() if key[0].isoformat() != day}
        elif spoilt == 2:
            next(row for row in rows if row["date"] == day)["inbound"]["total_calls"] = "many"
            del shown[date.fromisoformat(day), ("inbound", "calls")]
        elif spoilt == 3:
            said["currency"] = None
            shown = {key: value for key, value in shown.items() if key[1][0] != "all"}
        elif spoilt == 4:
            del said["time_series"]
        elif spoilt > 8:
            rows.reverse()
        observation = directions_observed(parse_dashboard(body(said)))
        assert (observation is None) == (spoilt == 4)
        if observation is not None:
            self.observer.see("directions", shown, first=first, last=last, whole=spoilt not in (1, 2, 3))
        return observation, last

    def _ask_analytics(self, view: Books, day: date, tape: Tape, *, directions: bool) -> Report:
        said = answer(view, first=day, last=day)
        shown = {(day, series): value for series, value in view.figures(day).items()}
        spoilt = tape.pick(12)
        if spoilt == 1:
            said["by_product"]["voice_api"]["total_minutes"] = "long"
            del shown[day, ("product/voice_api", "seconds")]
        elif spoilt == 2:
            said["currency"] = None
            shown = {key: value for key, value in shown.items() if not key[1][1].startswith("cost/")}
        for kind, is_product in (("directions", False), ("products", True)):
            if is_product or directions:
                part = {key: value for key, value in shown.items() if key[1][0].startswith("product/") == is_product}
                self.observer.see(kind, part, first=day, last=day, whole=spoilt not in (1, 2))
        return parse_analytics(body(said))


def _of_rows(view: Books, day: date) -> dict[Series, Decimal]:
    """What a row of ``time_series`` shows of a day; nothing if the day has no row."""
    if not any(view.sum([day])):
        return {}
    return {series: value for series, value in view.figures(day).items() if not series[0].startswith("product/")}


def new_books(tape: Tape) -> Books:
    """A partner with up to a few days of calls."""
    books = Books(today=START)
    for _ in range(tape.pick(6)):
        books.book(START - timedelta(days=tape.pick(3)), CELLS[tape.pick(4)], tape.calls())
    return books


def correct(books: Books, day: date, tape: Tape) -> None:
    """Take back part of the calls of one kind on a day, sometimes all of them."""
    cell = CELLS[tape.pick(4)]
    calls, answered, tenths, cost = books.days.get(day, {}).get(cell, (0, 0, 0, 0))
    share = 1 + tape.pick(4)
    books.book(day, cell, (-(calls // share), -(answered // share), -(tenths // share), -(cost // share)))
