"""One simulated partner: its profile, its calls, its books and records, and what of them the API shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from .books import Books
from .chance import dice
from .climate import DIRECTIONS, Climate, day_of
from .customers import auth_id_of, make_customers, make_profile
from .incidents import Kind
from .records import Records
from .timeline import Effect, Timeline
from .traffic import History, Traffic, usual_cost_a_day
from .wallets import Wallets

WARM_UP = 900
"""Seconds before the start from which on calls are simulated one by one, so that some are under way at the start."""

_YESTERDAYS_PART = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the API shows of a partner: the server's day, the rows, each customer's credit, records up to an id."""

    today: date
    books: Books
    credits: tuple[int, ...]
    master: int
    last_record: int

    @property
    def balance(self) -> int:
        """What all customers hold together, in hundred-thousandths of a rupee."""
        return sum(self.credits)


class SimulatedPartner:
    """A partner whose calls are simulated up to the moment of the last ``advance``."""

    def __init__(self, *, seed: int, number: int, volume: float, customers: int, start: float) -> None:
        self.auth_id = auth_id_of(number)
        key = (seed, self.auth_id)
        climate = Climate(seed=seed, auth_id=self.auth_id, volume=volume)
        self._history = History(climate=climate, key=key, until=start - WARM_UP)
        self.profile = make_profile(key=key, number=number, founded=self._history.first_day)
        self.customers = make_customers(key=key, number=number, founded=self._history.first_day, count=customers)
        self._books = Books(draw=self._history.draw)
        weights = [customer.weight for customer in self.customers]
        self.records = Records(weights=weights, rng=dice(*key, "records"))
        self._wallets = Wallets(
            weights=weights,
            thrifty=[customer.thrifty for customer in self.customers],
            cost_a_day=usual_cost_a_day(climate),
            rng=dice(*key, "wallets"),
            start=start,
        )
        self.traffic = Traffic(climate=climate, rng=dice(*key, "traffic"), start=start - WARM_UP)
        self._at = start
        self._corrected: set[int] = set()
        self._frozen: Shown | None = None
        self._book(start, dict.fromkeys(DIRECTIONS, Effect()))
        self._books.start_counting()
        self.records.start_counting()

    @property
    def first_day(self) -> date:
        """The first day this partner made calls on."""
        return self._history.first_day

    @property
    def actual(self) -> Shown:
        """What is booked up to the last ``advance``, whatever the API shows."""
        return Shown(
            today=day_of(self._at),
            books=self._books,
            credits=tuple(self._wallets.credits),
            master=self._wallets.master,
            last_record=self.records.last_id,
        )

    @property
    def shown(self) -> Shown:
        """What the API shows: what is booked, or what was booked when the answers froze."""
        return self._frozen or self.actual

    def advance(self, now: float, timeline: Timeline) -> None:
        """Simulate up to ``now``, with each incident taking effect at its own moment."""
        for moment in (*timeline.moments(self._at, now), now):
            self._book(moment, timeline.effects(self.auth_id, self._at))
            self._at = max(self._at, moment)
            self._correct(timeline)
            out_of_credits = timeline.runs(Kind.OUT_OF_CREDITS, self.auth_id, self._at)
            self._wallets.empty(self.records.largest_customer if out_of_credits else None)
            self._freeze(timeline.runs(Kind.FROZEN, self.auth_id, self._at))

    def _book(self, until: float, effects: dict[str, Effect]) -> None:
        for booking in self.traffic.run(until, effects):
            self._books.book(booking.day, booking.direction, booking.product, booking.tally)
            self._wallets.settle(booking.at)
            self._wallets.charge(booking.tally.cost)
            self.records.add(booking)
        self._wallets.settle(until)
        self.records.write(until)

    def _correct(self, timeline: Timeline) -> None:
        for incident in timeline.corrections(self.auth_id, self._at):
            if incident.number not in self._corrected:
                self._corrected.add(incident.number)
                today, share = day_of(self._at), incident.spec.depth
                refund = self._books.take_back(today, share)
                refund += self._books.take_back(today - timedelta(days=1), share * _YESTERDAYS_PART)
                self._wallets.charge(-refund)

    def _freeze(self, frozen: bool) -> None:
        if not frozen:
            self._frozen = None
        elif self._frozen is None:
            actual = self.actual
            self._frozen = replace(actual, books=actual.books.copy())
