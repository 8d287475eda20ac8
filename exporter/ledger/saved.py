"""A ledger as JSON and back: amounts as text, so that nothing is rounded on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from exporter.api.model import DIRECTIONS
from exporter.ledger.claims import Claims
from exporter.ledger.day import Day
from exporter.ledger.ledger import GROUPS, Ledger
from exporter.ledger.observation import COST_FIGURE, COUNT_FIGURES, PRODUCT_LANE, TOTAL_LANE, Key

# No sum of readable figures is longer. An exponent would let a few bytes stand for a number of any length.
_NUMBER = r"[0-9]{1,24}(\.[0-9]{1,40})?\Z"
Amount = Annotated[str, msgspec.Meta(pattern="^" + _NUMBER)]
Signed = Annotated[str, msgspec.Meta(pattern="^-?" + _NUMBER)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Table = dict[str, dict[str, Amount]]
SignedTable = dict[str, dict[str, Signed]]


class LedgerDataError(ValueError):
    """Saved data that no ledger of this version wrote."""


class SavedDay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One :class:`~exporter.ledger.day.Day`: lane, figure and amount as nested objects."""

    marks: Table = {}
    given: Table = {}
    moved: SignedTable = {}
    covered: dict[str, date] = {}
    asked: dict[str, date] = {}


class SavedLedger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One :class:`~exporter.ledger.ledger.Ledger`, its attributes by name."""

    since: date | None
    today: date | None
    leap: date | None
    reach: date | None
    opening: Table | None
    span: Count
    corrections: Count
    days_lost: Count
    currency: dict[str, str]
    other_currency: dict[str, tuple[str, date]]
    doubted: dict[str, dict[date, Table]]
    totals: Table
    remainder: SignedTable
    days: dict[date, SavedDay]


_DECODER = msgspec.json.Decoder(SavedLedger)


def dump_ledger(ledger: Ledger) -> bytes:
    """The ledger as JSON."""
    claims = ledger.claims
    saved = SavedLedger(
        since=ledger.since,
        today=ledger.today,
        leap=ledger.leap,
        reach=ledger.reach,
        opening=None if ledger.opening is None else _table(ledger.opening),
        span=ledger.span,
        corrections=ledger.corrections,
        days_lost=ledger.days_lost,
        currency=claims.currency,
        other_currency=claims.other_currency,
        doubted={
            group: {day: _table(values) for day, values in days.items()} for group, days in claims.doubted.items()
        },
        totals=_table(ledger.totals),
        remainder=_table(ledger.remainder),
        days={day: _saved_day(known) for day, known in ledger.days.items()},
    )
    return msgspec.json.encode(saved)


def load_ledger(data: bytes, *, max_pause: float = 1200.0) -> Ledger:
    """The ledger that :func:`dump_ledger` wrote down. Raises :class:`LedgerDataError` if it did not."""
    ledger = Ledger(max_pause=max_pause)
    try:
        saved = _DECODER.decode(data)
        ledger.since, ledger.today, ledger.leap, ledger.reach = saved.since, saved.today, saved.leap, saved.reach
        ledger.opening = None if saved.opening is None else _values(saved.opening)
        ledger.span, ledger.corrections, ledger.days_lost = saved.span, saved.corrections, saved.days_lost
        ledger.claims = Claims(
            currency=saved.currency,
            other_currency=saved.other_currency,
            doubted={
                group: {day: _values(table) for day, table in days.items()} for group, days in saved.doubted.items()
            },
        )
        ledger.totals, ledger.remainder = _values(saved.totals), _values(saved.remainder)
        ledger.days = {day: _day(known) for day, known in saved.days.items()}
        _require_fit(ledger)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise LedgerDataError(f"not a saved ledger: {error}") from None
    return ledger


def _saved_day(day: Day) -> SavedDay:
    return SavedDay(
        marks=_table(day.marks), given=_table(day.given), moved=_table(day.moved), covered=day.covered, asked=day.asked
    )


def _day(saved: SavedDay) -> Day:
    return Day(
        marks=_values(saved.marks),
        given=_values(saved.given),
        moved=_values(saved.moved),
        covered=dict(saved.covered),
        asked=dict(saved.asked),
    )


def _table(values: Mapping[Key, Decimal]) -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for (lane, figure), value in values.items():
        table.setdefault(lane, {})[figure] = format(value.normalize(), "f")
    return table


def _values(table: Mapping[str, Mapping[str, str]]) -> dict[Key, Decimal]:
    values = {(lane, figure): Decimal(text) for lane, columns in table.items() for figure, text in columns.items()}
    for lane, figure in values:
        if not _is_known(lane, figure):
            raise ValueError(f"no observation has a figure {figure!r:.40} of {lane!r:.40}")
    return values


def _is_known(lane: str, figure: str) -> bool:
    """Whether an observation may have this key: with any other there would be a counter that nobody can name."""
    product = lane.startswith(PRODUCT_LANE)
    if figure.startswith(COST_FIGURE):
        return product or lane == TOTAL_LANE
    return figure in COUNT_FIGURES and (product or lane in DIRECTIONS)


def _require_fit(ledger: Ledger) -> None:
    """What is given or moved has a mark, every mark a total, each group is known: later records rely on it."""
    days = ledger.days.values()
    groups = {*ledger.claims.currency, *ledger.claims.other_currency, *ledger.claims.doubted}
    groups.update(group for day in days for group in (*day.covered, *day.asked))
    if (
        any((day.given.keys() | day.moved.keys()) - day.marks.keys() for day in days)
        or any(day.marks.keys() - ledger.totals.keys() for day in days)
        or groups - set(GROUPS)
        or (ledger.since is None) != (ledger.today is None)
    ):
        raise ValueError("its tables do not fit together")
