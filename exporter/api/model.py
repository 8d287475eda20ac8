"""What the Partner API says, as plain frozen values: no JSON keys, no Prometheus names, no clock.

Amounts of money and minutes are exact (:class:`~decimal.Decimal`): floats drift when they are added up a month long.
``None`` always means "not known": the API did not say, or what it said could not be read. It is never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Generic, TypeVar

T = TypeVar("T")

DIRECTIONS = ("inbound", "outbound")

ROUNDING: Mapping[str, Decimal] = MappingProxyType(
    {"calls": Decimal(0), "answered_calls": Decimal(0), "minutes": Decimal("0.1"), "cost": Decimal("0.01")}
)
"""By figure of a :class:`Rollup`, how far a sum may be from its total for each part: the API rounds each by itself."""

MAX_WINDOW_DAYS = 31
"""Thirty days back and today. An answer that claims a longer window says nothing of what is further back."""

MORE_ANSWERED_THAN_CALLS = "more answered calls than calls"
"""The problem of an :class:`Unreadable` whose value contradicts another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """Figures of some calls: how many, how many of them answered, minutes talked, money charged."""

    calls: int | None = None
    answered_calls: int | None = None
    minutes: Decimal | None = None
    cost: Decimal | None = None

    @property
    def answer_ratio(self) -> float | None:
        """Answered calls divided by calls, 0 to 1; unknown when there were no calls."""
        return None if not self.calls or self.answered_calls is None else self.answered_calls / self.calls


def calls_of(parts: Sequence[Rollup]) -> Rollup:
    """Calls and answered calls of several together; each is unknown where it is unknown of one."""
    calls = [part.calls for part in parts if part.calls is not None]
    answered = [part.answered_calls for part in parts if part.answered_calls is not None]
    return Rollup(
        calls=sum(calls) if len(calls) == len(parts) else None,
        answered_calls=sum(answered) if len(answered) == len(parts) else None,
    )


NO_CALLS = Rollup(calls=0, answered_calls=0, minutes=Decimal(0), cost=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One row of ``time_series``: a day of the server's calendar. Directions have no cost here, or are unknown."""

    day: date
    total: Rollup
    inbound: Rollup
    outbound: Rollup


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days that figures cover, both included, in the server's calendar."""

    first: date
    last: date

    @property
    def single_day(self) -> bool:
        """Whether it covers exactly one day."""
        return self.first == self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """What may be shown of the partner's profile: no name, company, e-mail or phone."""

    auth_id: str | None = None
    slug: str | None = None
    billing_model: str | None = None
    max_accounts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """How many customer accounts there are, and how many of them are active."""

    total: int | None = None
    active: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A field of an answer that was missing or unreadable: where it is, and what is wrong with it in a few words."""

    path: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One answer of ``/dashboard`` or ``/analytics``; both have the same body.

    ``directions`` and ``products`` pair a name (``voice_api``) with
    its roll-up. ``days`` is None without a readable ``time_series``, and has no row for a day without calls, nor, if
    ``complete_days`` is False, for a day whose row could not be read.
    """

    partner: Partner = Partner()
    window: Window | None = None
    accounts: Accounts = Accounts()
    balance: Decimal | None = None
    currency: str | None = None
    total: Rollup = Rollup()
    directions: tuple[tuple[str, Rollup], ...] = ()
    products: tuple[tuple[str, Rollup], ...] = ()
    days: tuple[DayRow, ...] | None = None
    complete_days: bool = True
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def every_day(self) -> tuple[DayRow, ...]:
        """Each day of the window, oldest first, and at most a month of them; none without a window or without days.

        A day without a row had no calls, unless a row could not be read: then it is unknown.
        """
        if self.window is None or self.days is None:
            return ()
        given = {row.day: row for row in self.days}
        none = NO_CALLS if self.complete_days else Rollup()
        count = min((self.window.last - self.window.first).days + 1, MAX_WINDOW_DAYS)
        days = (self.window.last - timedelta(days=back) for back in range(count - 1, -1, -1))
        return tuple(given.get(day) or DayRow(day=day, total=none, inbound=none, outbound=none) for day in days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """The partner's own wallet, as ``/me`` states it. The documented answer names no currency."""

    auth_id: str | None = None
    balance: Decimal | None = None
    currency: str | None = None
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One customer, as ``/accounts`` states it. One that is not ``enabled`` is taken to be suspended."""

    auth_id: str
    balance: Decimal | None = None
    active: bool | None = None
    enabled: bool | None = None
    prepaid: bool | None = None
    kyc_status: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call that has ended, as ``/cdrs`` states it, without numbers, names and addresses.

    ``key`` identifies it: its uuid, or else its id. ``cause`` is why it ended in the API's own words (``User Busy``),
    or else the Q.850 word or the code; ``source`` is who ended it (``Carrier``). ``ring_time`` is in seconds, ``mos``
    is the mean opinion score, 1 to 5.
    """

    key: str | None = None
    account_id: str | None = None
    direction: str | None = None
    answered: bool = False
    end_time: datetime | None = None
    ring_time: Decimal | None = None
    cause: str | None = None
    source: str | None = None
    mos: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list: customers without those that have no readable id, or call records, the newest first.

    ``rows`` counts those that cannot be read as well. ``total`` is the number on all pages, as the API states it.
    ``full`` says that the page is no proof of the end, whatever the total: there may be another one.
    """

    items: tuple[T, ...] = ()
    rows: int = 0
    total: int | None = None
    full: bool = False
    unreadable: tuple[Unreadable, ...] = ()
