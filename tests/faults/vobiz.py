"""A Vobiz on loopback that keeps the truth of each partner, and answers well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from tests.ledger.api_model import CELLS, SHOWN_DAYS, Books, answer
from tests.rig.raw_server import Peer
from tests.rig.vobiz import AnyAnswer, Request, answer_requests, json_answer

TODAY = date(2026, 7, 15)
"""The server's day, whatever day it is here."""

DAYS = 20
TOKEN = "t0ken-that-moves-money"
CUSTOMER = {"name": "Mallory Customer", "email": "mallory@customer.example", "phone": "+911234567890"}
"""What may never be seen in a log or on a page."""

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, and what a good answer to it is. ``at`` is on this machine's monotonic clock."""

    at: float
    endpoint: str
    query: Mapping[str, str]
    token: str
    said: Json
    faulty: int = 0
    """Which faulty answer in a row this is, from 1; 0 for a good one."""

    @property
    def body(self) -> bytes:
        """The good answer."""
        return json.dumps(self.said).encode()


Act: TypeAlias = Callable[[Peer, Asked], bool]
"""What is done instead of a good answer; returns whether the connection stays open."""


@dataclass
class Account:
    """One partner: the books, its present fault, and what it was asked."""

    auth_id: str
    books: Books
    act: Act | None = None
    endpoint: str = ""
    times: int | None = None
    given: int = 0
    asked: list[Asked] = field(default_factory=list)
    tokens: frozenset[str] = frozenset((TOKEN,))


class Vobiz:
    """Answers for all accounts. For any thread; whoever looks at an account's books holds ``lock``."""

    def __init__(self, auth_ids: Sequence[str]) -> None:
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.accounts = {auth_id: Account(auth_id=auth_id, books=first_books()) for auth_id in auth_ids}

    def grow(self, auth_id: str, *, day: date | None = None) -> None:
        """Book calls in every direction and product, with odd minutes and amounts, on today or another day."""
        with self.lock:
            books = self.accounts[auth_id].books
            for number, cell in enumerate(CELLS, 1):
                books.book(day or books.today, cell, (3 + number, 2 + number % 2, 17 * number + 4, 313 * number + 7))

    def books(self, auth_id: str) -> Books:
        """A copy of the books as they stand."""
        with self.lock:
            return deepcopy(self.accounts[auth_id].books)

    def arm(self, auth_id: str, endpoint: str, act: Act, *, times: int | None = None) -> None:
        """From now on do this to requests for an endpoint (``""``: to all), for ever or so many times."""
        with self.lock:
            account = self.accounts[auth_id]
            account.act, account.endpoint, account.times, account.given = act, endpoint, times, 0

    def disarm(self, auth_id: str) -> float:
        """Answer well again; when that was."""
        with self.lock:
            self.accounts[auth_id].act = None
            return time.monotonic()

    def given(self, auth_id: str) -> int:
        """How many faulty answers there were since the account was armed."""
        with self.lock:
            return self.accounts[auth_id].given

    def asked(self, auth_id: str, *, since: float = 0.0) -> list[Asked]:
        """What was asked since that moment."""
        with self.lock:
            return [asked for asked in self.accounts[auth_id].asked if asked.at >= since]

    def serve(self, peer: Peer) -> None:
        """Script for one connection of :class:`~tests.rig.raw_server.HostileServer`."""
        answer_requests(peer, self._respond)

    def _respond(self, request: Request) -> AnyAnswer:
        with self.lock:
            account = self.accounts[request.headers["x-auth-id"]]
            act: Act = well
            token = request.headers["x-auth-token"]
            if token not in account.tokens:
                act = refuses
            elif account.act is not None and account.endpoint in ("", request.endpoint) and account.times != 0:
                act = account.act
                account.times = None if account.times is None else account.times - 1
                account.given += 1
            asked = Asked(
                at=request.at,
                endpoint=request.endpoint,
                query=request.query,
                token=token,
                said=_said(account, request.query),
                faulty=0 if act is well else max(account.given, 1),
            )
            account.asked.append(replace(asked, said={}))
        return lambda peer: act(peer, asked)


def well(peer: Peer, asked: Asked) -> bool:
    """Answer as documented."""
    peer.send(json_answer(asked.body))
    return True


def refuses(peer: Peer, asked: Asked) -> bool:
    """Answer that the token is wrong."""
    peer.send(json_answer(b'{"error": "unauthorized"}', status="401 Unauthorized"))
    return True


def first_books() -> Books:
    """Three weeks of calls, some more on each day."""
    books = Books(today=TODAY)
    for ago in range(DAYS, -1, -1):
        for number, cell in enumerate(CELLS, 1):
            calls = 40 + 3 * number + ago
            books.book(TODAY - timedelta(days=ago), cell, (calls, calls // 2, 11 * calls + number, 97 * calls + number))
    return books


def balance(books: Books) -> Decimal:
    """What is left of the wallets when all calls are paid."""
    return Decimal("250000.12500") - Decimal(books.sum(books.days)[3]) / 100


def _said(account: Account, query: Mapping[str, str]) -> Json:
    books = account.books
    today = books.today
    first = date.fromisoformat(query["from_date"]) if "from_date" in query else today - timedelta(days=SHOWN_DAYS)
    last = date.fromisoformat(query["to_date"]) if "to_date" in query else today
    said = answer(books, first=first, last=last)
    said["partner"] |= {"auth_id": account.auth_id, **CUSTOMER}
    said["accounts"]["customers"] = [{"auth_id": "MA_CUSTOMER1", **CUSTOMER, "is_active": True}]
    said["total_balance"] = str(balance(books))
    return said
