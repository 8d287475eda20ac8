"""The answers of the extras: ``/me``, the partner's own wallet, and ``/accounts``, a page of customers.

Of a customer this reads what is counted. Name, e-mail and phone stay undecoded bytes; the name alone is read, and only
by a parser that was made for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from exporter.api.fields import Fields, decode_object
from exporter.api.model import Account, AccountPage, Unreadable, Wallet

MOST_ROWS = 1000
"""Customers of one page that are read; 100 are asked for."""

_CURRENCY = re.compile(r"[A-Za-z]{2,8}", re.ASCII)
_KYC = re.compile(r"[a-z][a-z0-9_ -]{0,31}", re.ASCII)


def parse_me(body: bytes) -> Wallet:
    """Read an answer of ``/me``. Raises :class:`~exporter.api.errors.Malformed` if it is not a JSON object."""
    unreadable: list[Unreadable] = []
    top = Fields(decode_object(body), "", unreadable)
    currency = top.text("currency") if "currency" in top else None
    if currency is not None and not _CURRENCY.fullmatch(currency):
        top.reject("currency", "not a currency code")
        currency = None
    return Wallet(balance=top.signed("balance"), currency=currency, unreadable=tuple(unreadable))


def accounts_parser(*, names: bool) -> Callable[[bytes], AccountPage]:
    """A reader of pages of ``/accounts``; only with ``names`` does it look at the customers' names.

    It raises :class:`~exporter.api.errors.Malformed` if a body is not a JSON object.
    """

    def parse_accounts(body: bytes) -> AccountPage:
        unreadable: list[Unreadable] = []
        top = Fields(decode_object(body), "", unreadable)
        total = top.count("total")
        listed = top.rows("accounts", MOST_ROWS)
        rows = listed or ()
        found = [_account(row, names=names) for row in rows]
        return AccountPage(
            accounts=tuple(account for account in found if account is not None),
            listed=listed is not None,
            rows=len(rows) + sum(field.problem == "not an object" for field in unreadable),
            total=total,
            unreadable=tuple(unreadable),
        )

    return parse_accounts


def _account(row: Fields, *, names: bool) -> Account | None:
    """None for a customer without an id: there is no telling whether another page has it, too."""
    auth_id = row.text("auth_id")
    if auth_id is None:
        return None
    return Account(
        auth_id=auth_id,
        balance=row.signed("cash_credits"),
        active=row.flag("is_active"),
        enabled=row.flag("enabled"),
        prepaid=_prepaid(row),
        kyc_status=_kyc(row),
        name=row.text("name") if names and "name" in row else None,
    )


def _prepaid(row: Fields) -> bool | None:
    """As ``postpaid`` says, or else ``billing_mode``."""
    if "postpaid" not in row and "billing_mode" in row:
        mode = row.text("billing_mode")
        return None if mode is None else mode.lower() == "prepaid"
    postpaid = row.flag("postpaid")
    return None if postpaid is None else not postpaid


def _kyc(row: Fields) -> str | None:
    """A customer who has not begun it may have none: that is no fault of the answer."""
    if "kyc_status" not in row:
        return None
    status = row.text("kyc_status")
    if status is not None and not _KYC.fullmatch(status.lower()):
        row.reject("kyc_status", "not a status")
        return None
    return None if status is None else status.lower()
