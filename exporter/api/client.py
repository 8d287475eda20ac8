"""The client of the Partner API: its five questions, the credentials that go with them, and how each request ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Protocol, TypeVar

from exporter import __version__
from exporter.api import records
from exporter.api.answer import redact_token
from exporter.api.deadline import Deadline
from exporter.api.errors import ApiError, Cancelled, Outcome, defect
from exporter.api.http import fetch
from exporter.api.model import Account, CallRecord, Page, Report, Wallet
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.clock import Clock

T = TypeVar("T")
V = TypeVar("V", covariant=True)

MAX_BODY = 32 << 20
"""Bytes of the largest answer, unpacked, that is read."""

_USER_AGENT = f"vobiz-exporter/{__version__} (+https://github.com/vobiz-exporter/vobiz-exporter)"


class Readable(Protocol):
    """A secret, in the open only when asked."""

    def reveal(self) -> str:
        """The secret itself."""


class Source(Protocol[V]):
    """Where the id or the token comes from, which may be a file that changes."""

    def current(self) -> V:
        """The value as it is now; asked before every request."""

    def refresh(self) -> bool:
        """Look again, now; True if the value is another one than before."""


class PartnerClient:
    """Asks the Partner API, for one poll at a time; :meth:`cancel` may be called from any thread.

    ``timeout`` bounds each request from the look-up of the host name to the last byte of the body, in seconds;
    ``max_body`` the unpacked body, in bytes. ``observe(endpoint, outcome, seconds)`` is called once for every request
    that was made and not cancelled, once its outcome is final; the seconds end with the body. ``customer_names`` allows
    to read the names of customers. Every question raises :class:`~exporter.api.errors.ApiError`, or Cancelled.
    """

    def __init__(
        self,
        *,
        base_url: str,
        auth_id: Source[str],
        auth_token: Source[Readable],
        timeout: float,
        max_body: int = MAX_BODY,
        observe: Callable[[str, Outcome, float], None] = lambda _endpoint, _outcome, _seconds: None,
        customer_names: bool = False,
        proxies_from_environment: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._auth_id = auth_id
        self._auth_token = auth_token
        self._observe = observe
        self._customer_names = customer_names
        self._clock = clock or Clock()
        self._fetch = partial(fetch, proxies=proxies_from_environment, max_body=max_body)
        self._new_deadline = partial(Deadline, seconds=timeout, monotonic=self._clock.elapsed)
        self._refused: tuple[str, Readable] | None = None
        self._deadline: Deadline | None = None
        self._stopped = False

    def dashboard(self) -> Report:
        """``GET /dashboard``: the last 30 days, balance and accounts."""
        return self._ask("dashboard", {}, parse_dashboard)

    def analytics(self, first: date | None, last: date | None) -> Report:
        """``GET /analytics``: the days from first to last by the server's calendar; None is up to the server."""
        window = {"from_date": first, "to_date": last}
        return self._ask("analytics", {name: day.isoformat() for name, day in window.items() if day}, parse_analytics)

    def me(self) -> Wallet:
        """``GET /me``: the partner's profile, with its own wallet."""
        return self._ask("me", {}, records.parse_me)

    def accounts(self, page: int) -> Page[Account]:
        """``GET /accounts``: one page of the customers, counted from 1."""
        params = {"page": str(page), "per_page": str(records.PER_PAGE)}
        return self._ask("accounts", params, partial(records.parse_accounts, names=self._customer_names))

    def cdrs(self, page: int) -> Page[CallRecord]:
        """``GET /cdrs``: one page of the call records of all customers, counted from 1, the newest record first."""
        return self._ask("cdrs", {"page": str(page), "per_page": str(records.PER_PAGE)}, records.parse_cdrs)

    @property
    def credentials_renewed(self) -> bool:
        """Whether the API refused the credentials when it was last asked, and others are there now."""
        refused = self._refused  # read once: a poll in another thread may clear it
        return refused is not None and refused != self._credentials()

    def cancel(self) -> None:
        """End the request that is being made within moments, and refuse all later ones: they raise Cancelled."""
        self._stopped = True
        if self._deadline is not None:
            self._deadline.cancel()

    def _ask(self, endpoint: str, params: Mapping[str, str], parse: Callable[[bytes], T]) -> T:
        try:
            return self._request(endpoint, params, parse)
        except ApiError as error:
            if error.outcome is not Outcome.UNAUTHORIZED:
                raise
            # A list, so that both are refreshed: a pair is rotated together.
            if not any([self._auth_id.refresh(), self._auth_token.refresh()]):
                raise
        return self._request(endpoint, params, parse)

    def _request(self, endpoint: str, params: Mapping[str, str], parse: Callable[[bytes], T]) -> T:
        # In this order: whichever comes first, this or a cancel, the other sees it.
        self._deadline = deadline = self._new_deadline()
        if self._stopped:
            raise Cancelled
        credentials = self._credentials()
        headers = _headers(*credentials)
        url = f"{self._base_url}/{endpoint}"
        started = self._clock.elapsed()
        ended: float | None = None
        failure: ApiError | None = None
        try:
            body = deadline.run(lambda: self._fetch(url, params, headers, deadline=deadline, wall=self._clock.wall()))
            ended = self._clock.elapsed()
            value = parse(redact_token(headers["X-Auth-Token"], body))
            _require_account(value, headers["X-Auth-ID"])
        except ApiError as error:
            failure = error
        except MemoryError:
            remedy = "give the process more memory"
            failure = ApiError(Outcome.TOO_LARGE, "there was not enough memory for the answer", remedy=remedy)
        except Exception as error:  # noqa: BLE001 - a request that met a defect was made, and is counted
            failure = defect(error)
        if deadline.cancelled:
            raise Cancelled
        seconds = (ended or self._clock.elapsed()) - started
        if failure is None:
            self._refused = None
            self._observe(endpoint, Outcome.SUCCESS, seconds)
            return value
        self._refused = credentials if failure.outcome in (Outcome.UNAUTHORIZED, Outcome.FORBIDDEN) else None
        self._observe(endpoint, failure.outcome, seconds)
        # Raised out here: what was caught holds the body, and the headers that were sent.
        failure.__context__ = None
        raise failure.with_traceback(None)

    def _credentials(self) -> tuple[str, Readable]:
        """The id and the token that belong together: the id is still the same once the token has been read."""
        while True:
            auth_id, token = self._auth_id.current(), self._auth_token.current()
            if self._auth_id.current() == auth_id:
                return auth_id, token


def _require_account(value: object, auth_id: str) -> None:
    """Raise ApiError if an answer names another account than it was asked for.

    A cache or a gateway that takes one partner's answer for another's would otherwise add all calls of the one to the
    counters of the other.
    """
    stated = value.partner.auth_id if isinstance(value, Report) else None
    if isinstance(value, Wallet) and (value.auth_id or "").startswith("PA_"):
        # A profile may be that of a user, whose id is of another kind.
        stated = value.auth_id
    if stated is not None and stated.strip().casefold() != auth_id.casefold():
        raise ApiError(Outcome.MALFORMED, "the answer is that of another account than the request was sent for")


def _headers(auth_id: str, auth_token: Readable) -> dict[str, str]:
    credentials = {"X-Auth-ID": auth_id, "X-Auth-Token": auth_token.reveal()}
    if not all(value.isascii() and value.isprintable() and value == value.strip() for value in credentials.values()):
        remedy = "copy auth_id and auth_token again: one holds a character that a header cannot have"
        raise ApiError(Outcome.UNAUTHORIZED, "auth_id or auth_token cannot be sent", remedy=remedy)
    return {**credentials, "Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": _USER_AGENT}
