"""A ledger as JSON data and back: amounts as strings, so that nothing is rounded on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from exporter.api.model import DIRECTIONS
from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import COST_FIGURE, COUNT_FIGURES, PRODUCT_LANE, TOTAL_LANE, Key

Table = dict[str, dict[str, str]]

# No sum of readable figures is longer. An exponent would let a few bytes stand for a number of any length.
_AMOUNT = re.compile(r"[0-9]{1,24}(\.[0-9]{1,40})?")


class LedgerDataError(ValueError):
    """Saved data that no ledger of this version wrote."""


def dump_ledger(ledger: Ledger) -> dict[str, Any]:
    """The ledger as JSON-ready data: its attributes by name, days and lanes as keys of objects."""
    return {
        "since": {group: day.isoformat() for group, day in ledger.since.items()},
        "shown": ledger.shown,
        "corrections": ledger.corrections,
        "totals": _table(ledger.totals),
        "marks": {day.isoformat(): _table(ledger.marks[day]) for day in sorted(ledger.marks)},
        "lowered": {day.isoformat(): _table(ledger.lowered[day]) for day in sorted(ledger.lowered)},
    }


def load_ledger(data: Mapping[str, Any]) -> Ledger:
    """The ledger that :func:`dump_ledger` wrote down. Raises :class:`LedgerDataError` if it did not."""
    ledger = Ledger()
    try:
        ledger.since = {group: date.fromisoformat(day) for group, day in data["since"].items()}
        ledger.shown = _count(data["shown"])
        ledger.corrections = _count(data["corrections"])
        ledger.totals = _figures(data["totals"])
        ledger.marks = {date.fromisoformat(day): _figures(table) for day, table in data["marks"].items()}
        ledger.lowered = {date.fromisoformat(day): _figures(table) for day, table in data["lowered"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LedgerDataError(f"not a saved ledger: {type(error).__name__}") from None
    _require_marks(ledger)
    return ledger


def _table(figures: Mapping[Key, Decimal]) -> Table:
    table: Table = {}
    for (lane, figure), value in figures.items():
        table.setdefault(lane, {})[figure] = format(value.normalize(), "f")
    return table


def _figures(table: Mapping[str, Mapping[str, str]]) -> dict[Key, Decimal]:
    figures = {(lane, figure): _amount(text) for lane, columns in table.items() for figure, text in columns.items()}
    if not all(_is_known(lane, figure) for lane, figure in figures):
        raise ValueError
    return figures


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _is_known(lane: str, figure: str) -> bool:
    """Whether an observation may have this key: with any other there would be a counter that nobody can name."""
    product = lane.startswith(PRODUCT_LANE)
    if figure.startswith(COST_FIGURE):
        return product or lane == TOTAL_LANE
    return figure in COUNT_FIGURES and (product or lane in DIRECTIONS)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def _require_marks(ledger: Ledger) -> None:
    """Every lowered figure has a mark above it, every mark a total; else later records would fail."""
    marked = all(key in ledger.marks.get(day, {}) for day, figures in ledger.lowered.items() for key in figures)
    totalled = all(key in ledger.totals for figures in ledger.marks.values() for key in figures)
    if not marked or not totalled:
        raise LedgerDataError("not a saved ledger: its tables do not fit together")
