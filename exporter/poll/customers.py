"""All customers together, and those that the configuration shows one by one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

from exporter.api.model import Account
from exporter.config import CustomersConfig

ACTIVE, DISABLED, INACTIVE, UNKNOWN = "active", "disabled", "inactive", "unknown"
STATUSES = (ACTIVE, DISABLED, INACTIVE, UNKNOWN)
"""``disabled`` is an account in use that the API says is not enabled, which is to say suspended."""

MAX_KYC = 10
"""Different KYC statuses that are counted by name, the most frequent first; the rest is ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAccount:
    """A customer who is shown one by one, because that was asked for."""

    auth_id: str
    balance: Decimal
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """What one whole scan of ``/accounts`` says of all customers.

    ``below`` are the active prepaid ones whose balance is under ``limit``. ``unread`` are those that the API counts and
    that could not be read. ``dropped`` were asked for one by one and left out, to keep within the limit of series.
    """

    below: int
    limit: Decimal
    unread: int | None
    by_status: tuple[tuple[str, int], ...]
    by_kyc: tuple[tuple[str, int], ...]
    shown: tuple[ShownAccount, ...]
    dropped: int


def summary(accounts: Collection[Account], options: CustomersConfig, *, total: int | None) -> Customers:
    """The values of these customers, of whom the API says there are ``total``.

    A customer without a readable balance is counted by status, and left out where it takes a balance.
    """
    at_risk = [account for account in accounts if status_of(account) == ACTIVE and account.prepaid]
    shown = list(_one_by_one(accounts, at_risk, options))
    return Customers(
        below=sum(account.balance is not None and account.balance < options.below_balance for account in at_risk),
        limit=options.below_balance,
        unread=None if total is None else max(total - len(accounts), 0),
        by_status=_by_status(accounts),
        by_kyc=_by_kyc(accounts),
        shown=tuple(shown[: options.series_limit]),
        dropped=max(len(shown) - options.series_limit, 0),
    )


def status_of(account: Account) -> str:
    """One of :data:`STATUSES`."""
    if account.active is False:
        return INACTIVE
    if account.active is None or account.enabled is None:
        return UNKNOWN
    return ACTIVE if account.enabled else DISABLED


def _one_by_one(
    accounts: Iterable[Account], at_risk: Iterable[Account], options: CustomersConfig
) -> Iterator[ShownAccount]:
    """Those asked for by id, as they were listed; then the lowest of the active prepaid ones, the lowest first."""
    listed = set(options.accounts)
    found = {account.auth_id: account for account in accounts if account.auth_id in listed}
    others = (account for account in at_risk if account.auth_id not in found)
    lowest = nsmallest(options.lowest, _with_balance(others), key=lambda shown: (shown.balance, shown.auth_id))
    yield from _with_balance(found[auth_id] for auth_id in options.accounts if auth_id in found)
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
    others = sum(count for _, count in named[MAX_KYC:])
    rest = (("other", others), (UNKNOWN, unknown))
    return (*named[:MAX_KYC], *((status, count) for status, count in rest if count))
