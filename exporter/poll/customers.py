"""All customers together, and those that the configuration shows one by one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

from exporter.api.model import Account
from exporter.config.model import CustomersConfig

ACTIVE, DISABLED, INACTIVE, UNKNOWN = "active", "disabled", "inactive", "unknown"
STATUSES = (ACTIVE, DISABLED, INACTIVE, UNKNOWN)
"""``disabled`` is an account in use that the API says is not enabled, which is to say suspended."""

MAX_KYC = 10
"""Different KYC statuses that are counted by name, the most frequent first; the rest is ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """What one whole scan of ``/accounts`` says of all customers.

    ``below`` are the active prepaid ones whose balance is under ``limit``. ``unread`` are those that the API counts and
    that could not be read. ``shown`` are shown one by one, because that was asked for; ``dropped`` were left out of
    them, to keep within the limit of series.
    """

    below: int
    limit: Decimal
    unread: int | None
    by_status: tuple[tuple[str, int], ...]
    by_kyc: tuple[tuple[str, int], ...]
    shown: tuple[Account, ...]
    dropped: int


def summary(accounts: Mapping[str, Account], options: CustomersConfig, *, total: int | None) -> Customers:
    """The values of these customers, by id, of whom the API says there are ``total``.

    A customer without a readable balance is counted by status, and left out where it takes a balance.
    """
    statuses = Counter(map(status_of, accounts.values()))
    at_risk = [one for one in accounts.values() if status_of(one) == ACTIVE and one.prepaid and one.balance is not None]
    listed = {auth_id: accounts[auth_id] for auth_id in options.accounts if auth_id in accounts}
    others = (account for account in at_risk if account.auth_id not in listed)
    lowest = nsmallest(options.lowest, others, key=lambda account: (account.balance or 0, account.auth_id))
    shown = [*(account for account in listed.values() if account.balance is not None), *lowest]
    return Customers(
        below=sum((account.balance or 0) < options.below_balance for account in at_risk),
        limit=options.below_balance,
        unread=None if total is None else max(total - len(accounts), 0),
        by_status=tuple((status, statuses[status]) for status in STATUSES),
        by_kyc=_by_kyc(accounts.values()),
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


def _by_kyc(accounts: Iterable[Account]) -> tuple[tuple[str, int], ...]:
    counted = Counter(account.kyc_status or UNKNOWN for account in accounts)
    unknown = counted.pop(UNKNOWN, 0)
    named = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    others = sum(count for _, count in named[MAX_KYC:])
    rest = (("other", others), (UNKNOWN, unknown))
    return (*named[:MAX_KYC], *((status, count) for status, count in rest if count))
