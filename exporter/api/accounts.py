"""The answers of ``/me``, the partner's own wallet, and ``/accounts``, a page of customers.

Of a customer this reads what is counted. E-mail and phone stay undecoded bytes, and so does the name, except where the
configuration asks for names.
"""

from __future__ import annotations

import re

from exporter.api.answer import nothing_read, open_answer
from exporter.api.fields import Fields
from exporter.api.model import Account, AccountPage, Wallet

PER_PAGE = 100
"""Customers a page, as the documented example asks for."""

MAX_ROWS = 1000
"""Customers of one page that are read."""

_KYC = re.compile(r"[a-z][a-z0-9_ -]{0,31}", re.ASCII | re.IGNORECASE)


def parse_me(body: bytes) -> Wallet:
    """Read an answer of ``/me``. Raises Malformed if it is no JSON object with a balance."""
    top = open_answer(body)
    if "balance" not in top.names():
        raise nothing_read(top)
    return Wallet(
        auth_id=top.text("auth_id") if top.states("auth_id") else None,
        balance=top.signed("balance"),
        currency=top.currency() if top.states("currency") else None,
        unreadable=tuple(top.unreadable),
    )


def parse_accounts(body: bytes, *, names: bool = False) -> AccountPage:
    """Read a page of ``/accounts``; only with ``names`` does it look at the customers' names.

    Raises Malformed if it is no JSON object with a list of customers. A list that is null is an empty one.
    """
    top = open_answer(body)
    if "accounts" not in top.names():
        raise nothing_read(top)
    rows = top.rows("accounts", MAX_ROWS) if top.states("accounts") else ()
    if rows is None:
        raise nothing_read(top)
    accounts = [_account(row, names=names) for row in rows]
    count = len(rows) + sum(field.problem == "not an object" for field in top.unreadable)
    return AccountPage(
        accounts=tuple(account for account in accounts if account is not None),
        rows=count,
        total=top.count("total") if top.states("total") else None,
        full=is_full(count, (PER_PAGE, top.count("size") if top.states("size") else None)),
        unreadable=tuple(top.unreadable),
    )


def is_full(rows: int, sizes: tuple[int | None, ...]) -> bool:
    """Whether so many rows may be all that fit on a page of one of these sizes, so that another page may follow.

    A server may cut a page to a size of its own without a word; such sizes are round.
    """
    return rows > 0 and (rows % 10 == 0 or any(size is not None and rows >= size for size in sizes))


def _account(row: Fields, *, names: bool) -> Account | None:
    """None for a customer without an id: there is no telling whether another page has it, too."""
    auth_id = row.text("auth_id")
    if auth_id is None:
        return None
    # Not says_none: a balance of -1 is a debt.
    no_wallet = "cash_credits" in row.names() and "cash_credits" not in row
    kyc = row.text("kyc_status", _KYC, "not a status") if row.states("kyc_status") else None
    return Account(
        auth_id=auth_id,
        balance=None if no_wallet else row.signed("cash_credits"),
        active=row.flag("is_active"),
        enabled=row.flag("enabled"),
        prepaid=_prepaid(row),
        kyc_status=None if kyc is None else kyc.lower(),
        name=row.text("name") if names and row.states("name") else None,
    )


def _prepaid(row: Fields) -> bool | None:
    """As ``postpaid`` says, or else ``billing_mode``."""
    if not row.states("postpaid") and row.states("billing_mode"):
        mode = row.text("billing_mode")
        return None if mode is None else mode.lower() == "prepaid"
    postpaid = row.flag("postpaid")
    return None if postpaid is None else not postpaid
