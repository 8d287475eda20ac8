"""One round through the pages of ``/accounts``, which may shift while they are read.

A customer who is added moves others to the next page, where they are seen again; one who is removed moves others to a
page that has been read, where they are missed. The first shows in an id that comes twice, both show in ``total``. One
who leaves and one who comes between the same two pages can hide each other; the next round makes that good.
"""

from __future__ import annotations

import re
from dataclasses import replace

from exporter.api.model import Account, AccountPage, Unreadable
from exporter.clock import Moment

MOST_UNREADABLE = 10_000
"""Unreadable fields that are kept, and counted, of one round."""

_ROW = re.compile(r"^accounts\[(\d+)\]")


class Round:
    """Collects pages, in order from the first, until every customer was read, nothing new comes, or ``most`` are.

    The total that the API states is not believed as long as pages come full: it may be that of the page.
    """

    def __init__(self, *, began: Moment, most: int) -> None:
        self.began = began
        self.accounts: dict[str, Account] = {}
        self.total: int | None = None
        self.pages = 0
        self.done = False
        self._most = most
        self._rows = 0
        self._nameless = 0
        self._moved = False
        self._unreadable: dict[str, Unreadable] = {}

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """Fields that could not be read, rows numbered through all pages."""
        return tuple(self._unreadable.values())

    @property
    def shifted(self) -> bool:
        """Whether customers came or went meanwhile, so that some may be missing, or counted although they are gone."""
        missed = self.total is not None and self._read < self.total and self.pages < self._most
        return self._moved or missed

    def add(self, page: AccountPage) -> None:
        """Take in the page after the last one. What it says of a customer counts more than what an earlier one said."""
        if self.pages and page.total != self.total:
            self._moved = True
        self.total = page.total
        self._note(page.unreadable)
        before = self._read
        self._nameless += page.rows - len(page.accounts)
        self.accounts.update((account.auth_id, account) for account in page.accounts)
        self._rows += page.rows
        self._moved |= self._read - before < page.rows
        self.pages += 1
        whole = self.total is not None and self._rows >= self.total and not page.full
        self.done = whole or self._read == before or self.pages >= self._most

    @property
    def _read(self) -> int:
        return len(self.accounts) + self._nameless

    def _note(self, unreadable: tuple[Unreadable, ...]) -> None:
        for field in unreadable[: MOST_UNREADABLE - len(self._unreadable)]:
            path = _ROW.sub(lambda row: f"accounts[{int(row[1]) + self._rows}]", field.path)
            self._unreadable[path] = replace(field, path=path)
