"""The endpoint ``/accounts``: every customer, read page by page in scans that may take several polls."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from exporter.api.errors import ApiError
from exporter.api.model import Account, Page, Unreadable
from exporter.clock import Moment
from exporter.config.model import CustomersConfig
from exporter.poll.counting import Answers
from exporter.poll.customers import Customers, summary
from exporter.poll.endpoint import Endpoint
from exporter.poll.snapshot import Dated

log = logging.getLogger(__name__)

MAX_UNREADABLE = 10_000
"""Unreadable fields that are kept, and counted, of one scan."""


@dataclass(slots=True, kw_only=True)
class AccountsScan:
    """One reading of all pages, which may shift meanwhile: in order from the first, until every customer was read,
    nothing new comes, or ``max_pages`` are.

    A customer who is added moves others to the next page, where they are seen again; one who is removed moves others to
    a page that has been read, where they are missed. The first shows in an id that comes twice, both show in ``total``.
    One who leaves and one who comes between the same two pages can hide each other; the next scan corrects that. The
    total that the API states is not believed as long as pages come full: it may be that of the page.
    """

    began: Moment
    max_pages: int
    accounts: dict[str, Account] = field(default_factory=dict)
    total: int | None = None
    pages: int = 0
    done: bool = False
    unreadable: tuple[Unreadable, ...] = ()
    _rows: int = 0
    _nameless: int = 0
    _moved: bool = False

    @property
    def shifted(self) -> bool:
        """Whether customers came or went meanwhile, so that some may be missing, or counted although they are gone."""
        missed = self.total is not None and self._read < self.total and self.pages < self.max_pages
        return self._moved or missed

    def add(self, page: Page[Account]) -> None:
        """Take in the next page. What it says of a customer counts more than what an earlier one said."""
        if self.pages and page.total != self.total:
            self._moved = True
        self.total = page.total
        self.unreadable = (self.unreadable + page.unreadable)[:MAX_UNREADABLE]
        before = self._read
        self._nameless += page.rows - len(page.items)
        self.accounts.update((account.auth_id, account) for account in page.items)
        self._rows += page.rows
        self._moved |= self._read - before < page.rows
        self.pages += 1
        whole = self.total is not None and self._rows >= self.total and not page.full
        self.done = whole or self._read == before or self.pages >= self.max_pages

    @property
    def _read(self) -> int:
        return len(self.accounts) + self._nameless


class Accounts(Endpoint):
    """Publishes a scan when it is whole. The first failure ends it; the previous one stays until it is too old."""

    name = "accounts"
    _scan: AccountsScan | None = None
    _shifted = 0
    _unread_logged = False

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...] | None:
        """Go on with the scan, or begin one."""
        context, budget = self.context, self.context.budget
        scan = self._scan or AccountsScan(began=answers.began, max_pages=context.partner.customers.pages_limit)
        self._scan = None
        for _ in range(budget.account_pages):
            scan.add(context.client.accounts(scan.pages + 1))
            if scan.done or context.clock.elapsed() - answers.began.elapsed > budget.patience * context.poll.interval:
                break
        if not scan.done:
            self._scan = scan
            return None
        if scan.shifted:
            self._shifted += 1
            if self._shifted < budget.account_scans:
                return None
            log.warning(
                "customers came or went during each scan, a few may be missing or counted although gone",
                extra={**self.fields, "scans": self._shifted, "read": len(scan.accounts)},
            )
        self._shifted = 0
        self._complete(scan, answers)
        return scan.unreadable

    def skip(self, error: ApiError) -> None:
        """A scan begun before is of no use any more."""
        self._scan = None
        super().skip(error)

    def _complete(self, scan: AccountsScan, answers: Answers) -> None:
        customers = summary(scan.accounts, self.context.partner.customers, total=scan.total)
        if customers.unread and not self._unread_logged:
            action = "raise customers.pages_limit if there are more than it allows"
            fields = {**self.fields, "read": len(scan.accounts), "unread": customers.unread, "action": action}
            log.warning("not all customers were read, the values of customers are of the others", extra=fields)
        self._unread_logged = bool(customers.unread)
        took = self.context.clock.elapsed() - scan.began.elapsed
        every = self.backoff.every + (self.context.budget.account_scans + 1) * took
        answers.snapshot = replace(
            answers.snapshot,
            customers=self.context.dated(customers, every=every),
            series_dropped=(answers.snapshot.series_dropped or 0) + customers.dropped,
        )


def still_valid(known: Dated[Customers] | None, options: CustomersConfig) -> Dated[Customers] | None:
    """Counts outlive a reload unless the limit is another; who is shown by name or id is asked for again."""
    if known is None or known.value.limit != options.below_balance:
        return None
    return replace(known, value=replace(known.value, shown=()))
