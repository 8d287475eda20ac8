"""The answer of ``/cdrs``: a page of call records, the newest first.

Numbers, names, addresses and SIP ids of the parties are never decoded: only the fields below are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from exporter.api.accounts import is_full
from exporter.api.answer import clean, nothing_read, open_answer
from exporter.api.fields import Fields
from exporter.api.model import DIRECTIONS, CallRecord, CdrPage

T = TypeVar("T")

PER_PAGE = 100
"""Records a page; the API gives no more."""

MAX_ROWS = 1000
"""Records of one page that are read."""

MAX_WORDS = 64
"""Characters of a cause, a source or a region."""

_ANY = re.compile(r".{1,1000}", re.DOTALL)
_DIRECTION = re.compile("|".join(DIRECTIONS), re.IGNORECASE)


def parse_cdrs(body: bytes, *, per_page: int = PER_PAGE) -> CdrPage:
    """Read a page of ``/cdrs``. Raises Malformed if it is no JSON object with a list of records.

    A list that is null is an empty one. What a record lacks is unknown, and no fault: calls without an answer have no
    answer time, and calls without audio no score.
    """
    top = open_answer(body)
    if "data" not in top.names():
        raise nothing_read(top)
    rows = top.rows("data", MAX_ROWS) if top.states("data") else ()
    if rows is None:
        raise nothing_read(top)
    pagination = top.object_if_any("pagination")
    records = tuple(map(_record, rows))
    count = len(rows) + sum(field.problem == "not an object" for field in top.unreadable)
    return CdrPage(
        records=records,
        rows=count,
        total=_if_stated(pagination, "total", pagination.count),
        full=is_full(count, (per_page, _if_stated(pagination, "per_page", pagination.count))),
        unreadable=tuple(top.unreadable),
    )


def _record(row: Fields) -> CallRecord:
    direction = _if_stated(row, "call_direction", lambda key: row.text(key, _DIRECTION, "not a direction"))
    return CallRecord(
        id=_if_stated(row, "id", row.count),
        uuid=_if_stated(row, "uuid", row.text),
        account_id=_if_stated(row, "account_id", row.text),
        direction=None if direction is None else direction.lower(),
        context=_words(row, "context"),
        start_time=_if_stated(row, "start_time", row.moment),
        answer_time=_if_stated(row, "answer_time", row.moment),
        end_time=_if_stated(row, "end_time", row.moment),
        duration=_if_stated(row, "duration", row.amount),
        billsec=_if_stated(row, "billsec", row.amount),
        ring_time=_if_stated(row, "ring_time", row.amount),
        cause=_words(row, "hangup_cause"),
        cause_name=_words(row, "hangup_cause_name"),
        code=_if_stated(row, "hangup_cause_code", row.count),
        source=_words(row, "hangup_source"),
        mos=_if_stated(row, "mos", row.amount),
        region=_words(row, "region"),
        trunk_id=_if_stated(row, "trunk_id", row.text),
    )


def _if_stated(fields: Fields, key: str, read: Callable[[str], T | None]) -> T | None:
    return read(key) if fields.states(key) else None


def _words(row: Fields, key: str) -> str | None:
    """The API's own words, printable and short; what may name a person is hidden."""
    words = _if_stated(row, key, lambda name: row.text(name, _ANY))
    return None if words is None else clean(words, MAX_WORDS) or None
