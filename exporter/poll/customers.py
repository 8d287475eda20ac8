"""What is told of all customers together, and of those that were asked for one by one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

from exporter.api.model import Account, Customers, ShownAccount

ACTIVE, DISABLED, INACTIVE, UNKNOWN = "active", "disabled", "inactive", "unknown"
STATUSES = (ACTIVE, DISABLED, INACTIVE, UNKNOWN)
"""``disabled`` is an account in use that the API says is not enabled, which is to say suspended."""

MOST_KYC = 10
"""Different KYC statuses that are counted by name, the most frequent first; the rest is ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked for: the balance below which a customer counts, and whom to show one by one.

    ``lowest`` is how many with the least balance, ``accounts`` are customers' ids, ``series_limit`` bounds both
    together. ``names`` allows to show names.
    """

    below_balance: Decimal
    lowest: int = 0
    accounts: tuple[str, ...] = ()
    names: bool = False
    series_limit: int = 100


def summary(accounts: Collection[Account], wishes: Wishes, *, total: int | None) -> Customers:
    """The figures of these customers, of whom the API says there are ``total``.

    A customer without a readable balance is counted by status, and left out where it takes a balance.
    """
    at_risk = [account for account in accounts if status_of(account) == ACTIVE and account.prepaid]
    shown = list(_one_by_one(accounts, at_risk, wishes))
    return Customers(
        below=sum(account.balance is not None and account.balance < wishes.below_balance for account in at_risk),
        limit=wishes.below_balance,
        unread=None if total is None else max(total - len(accounts), 0),
        by_status=_by_status(accounts),
        by_kyc=_by_kyc(accounts),
        shown=tuple(shown[: wishes.series_limit]),
        dropped=max(len(shown) - wishes.series_limit, 0),
    )


def status_of(account: Account) -> str:
    """One of :data:`STATUSES`."""
    if account.active is False:
        return INACTIVE
    if account.active is None or account.enabled is None:
        return UNKNOWN
    return ACTIVE if account.enabled else DISABLED


def _one_by_one(accounts: Iterable[Account], at_risk: Iterable[Account], wishes: Wishes) -> Iterator[ShownAccount]:
    """Those asked for by id, as they were listed; then the lowest of the active prepaid ones, the lowest first."""
    listed = set(wishes.accounts)
    found = {account.auth_id: account for account in accounts if account.auth_id in listed}
    others = (account for account in at_risk if account.auth_id not in found)
    lowest = nsmallest(wishes.lowest, _with_balance(others), key=lambda shown: (shown.balance, shown.auth_id))
    yield from _with_balance(found[auth_id] for auth_id in wishes.accounts if auth_id in found)
    yield from lowest


def _with_balance(accounts: Iterable[Account]) -> Iterator[ShownAccount]:
    for account in accounts:
        if account.balance is not None:
            yield ShownAccount(auth_id=account.auth_id, balance=account.balance, name=account.name)


def _by_status(accounts: Iterable[Account]) -> tuple[tuple[str, int], ...]:
    counted = Counter(map(status_of, accounts))
    return tuple((status, counted[status]) for status in STATUSES)


def _by_kyc(accounts: Iterable[Account]) -> tuple[tuple[str, int], ...]:
    counted = Counter(account.kyc_status or UNKNOWN for account in accounts)
    unknown = counted.pop(UNKNOWN, 0)
    named = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    others = sum(count for _, count in named[MOST_KYC:])
    rest = (("other", others), (UNKNOWN, unknown))
    return (*named[:MOST_KYC], *((status, count) for status, count in rest if count))
