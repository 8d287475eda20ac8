"""The answers of ``/me`` (the partner's own wallet), ``/accounts`` (customers) and ``/cdrs`` (calls that have ended).

Only what is counted is decoded: e-mails, phones, numbers, addresses and SIP ids never are, and names of customers only
where the configuration asks for them.
"""

from __future__ import annotations

import re

from exporter.api.answer import clean, malformed, open_answer
from exporter.api.fields import Fields
from exporter.api.model import DIRECTIONS, Account, CallRecord, Page, Wallet

PER_PAGE = 100
"""Rows a page: what the documented example of ``/accounts`` asks for, and the most that ``/cdrs`` gives."""

MAX_ROWS = 1000
"""Rows of one page that are read."""

MAX_WORDS = 64
"""Characters of a cause or a source."""

_KYC = re.compile(r"[a-z][a-z0-9_ -]{0,31}", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(r".{1,1000}", re.DOTALL)
_ACCOUNT = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII | re.IGNORECASE)
"""No telephone number, and no address."""

_DIRECTION = re.compile("|".join(DIRECTIONS), re.IGNORECASE)


def parse_me(body: bytes) -> Wallet:
    """Read an answer of ``/me``. Raises ApiError if it is no JSON object with a balance."""
    top = open_answer(body)
    if "balance" not in top.names:
        raise malformed(top)
    return Wallet(
        auth_id=top.optional.text("auth_id"),
        balance=top.signed("balance"),
        currency=top.optional.currency(),
        unreadable=tuple(top.unreadable),
    )


def parse_accounts(body: bytes, *, names: bool = False) -> Page[Account]:
    """Read a page of ``/accounts``; only with ``names`` does it look at the customers' names.

    Raises ApiError if it is no JSON object with a list of customers. A list that is null is an empty one.
    """
    top = open_answer(body)
    rows, count = _rows(top, "accounts")
    return Page(
        items=tuple(filter(None, (_account(row, names=names) for row in rows))),
        rows=count,
        total=top.optional.count("total"),
        full=_is_full(count, PER_PAGE, top.optional.count("size")),
        unreadable=tuple(top.unreadable),
    )


def parse_cdrs(body: bytes) -> Page[CallRecord]:
    """Read a page of ``/cdrs``. Raises ApiError if it is no JSON object with a list of records.

    A list that is null is an empty one. What a record lacks is unknown, and no fault: calls without an answer have no
    answer time, and calls without audio no score.
    """
    top = open_answer(body)
    rows, count = _rows(top, "data")
    pagination = top.optional.object("pagination").optional
    return Page(
        items=tuple(_record(row.optional) for row in rows),
        rows=count,
        total=pagination.count("total"),
        full=_is_full(count, PER_PAGE, pagination.count("per_page")),
        unreadable=tuple(top.unreadable),
    )


def _rows(top: Fields, key: str) -> tuple[tuple[Fields, ...], int]:
    """The readable rows of a page, and how many there are with those that are no objects."""
    if key not in top.names:
        raise malformed(top)
    rows = top.rows(key, MAX_ROWS) if top.states(key) else ()
    if rows is None:
        raise malformed(top)
    return rows, len(rows) + sum(field.problem == "not an object" for field in top.unreadable)


def _is_full(rows: int, *sizes: int | None) -> bool:
    """Whether so many rows may be all that fit on a page of one of these sizes, so that another page may follow.

    A server may cut a page to a size of its own without a word; such sizes are round.
    """
    return rows > 0 and (rows % 10 == 0 or any(size is not None and rows >= size for size in sizes))


def _account(row: Fields, *, names: bool) -> Account | None:
    """None for a customer without an id: there is no telling whether another page has it, too."""
    auth_id = row.text("auth_id")
    if auth_id is None:
        return None
    no_wallet = "cash_credits" in row.names and not row.states("cash_credits")
    kyc = row.optional.text("kyc_status", _KYC, "not a status")
    return Account(
        auth_id=auth_id,
        balance=None if no_wallet else row.signed("cash_credits"),
        active=row.flag("is_active"),
        enabled=row.flag("enabled"),
        prepaid=_prepaid(row),
        kyc_status=None if kyc is None else kyc.lower(),
        name=row.optional.text("name") if names else None,
    )


def _prepaid(row: Fields) -> bool | None:
    """As ``postpaid`` says, or else ``billing_mode``."""
    if not row.states("postpaid") and row.states("billing_mode"):
        mode = row.text("billing_mode")
        return None if mode is None else mode.lower() == "prepaid"
    postpaid = row.flag("postpaid")
    return None if postpaid is None else not postpaid


def _record(row: Fields) -> CallRecord:
    number, direction = row.count("id"), row.text("call_direction", _DIRECTION, "not a direction")
    code = row.count("hangup_cause_code")
    causes = (_words(row, "hangup_cause_name"), _words(row, "hangup_cause"), None if code is None else f"code {code}")
    answered = (row.moment("answer_time"), row.amount("billsec"))
    return CallRecord(
        key=row.text("uuid") or (None if number is None else str(number)),
        account_id=row.text("account_id", _ACCOUNT, "not an account id"),
        direction=None if direction is None else direction.lower(),
        answered=any(answered),
        end_time=row.moment("end_time"),
        ring_time=row.amount("ring_time"),
        cause=next(filter(None, causes), None),
        source=_words(row, "hangup_source"),
        mos=row.amount("mos"),
    )


def _words(row: Fields, key: str) -> str | None:
    """The API's own words, printable and short; what may name a person is hidden."""
    words = row.text(key, _WORDS)
    return None if words is None else clean(words, MAX_WORDS) or None
