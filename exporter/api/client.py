"""The client of the Partner API: its four questions, the credentials that go with them, and how each request ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from exporter import __version__
from exporter.api.echo import without
from exporter.api.errors import ApiError, Cancelled, Forbidden, Outcome, OutOfMemory, Unauthorized
from exporter.api.flight import Resolve, resolve_by_system
from exporter.api.transport import Transport

T = TypeVar("T")
V = TypeVar("V", covariant=True)

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


def _observe_nothing(_endpoint: str, _outcome: Outcome, _seconds: float) -> None:
    """Stands in when nobody counts the requests."""


class PartnerClient:
    """Asks the Partner API, for one poll at a time; :meth:`cancel` may be called from any thread.

    ``timeout`` bounds each request from the look-up of the host name to the last byte of the body, in seconds;
    ``max_body`` the unpacked body, in bytes. ``observe(endpoint, outcome, seconds)`` is called once for every HTTP
    request that was made, with the last part of its path (``dashboard``), once its outcome is final; the seconds end
    with the body, before it is decoded. Proxies (unless ``proxies_from_environment`` is False) and the CA bundle come
    from the environment variables that ``requests`` reads.

    A request that was cancelled is not observed. ``decode`` turns a body into what the caller wants, and raises
    Malformed when it cannot.
    """

    def __init__(
        self,
        *,
        base_url: str,
        auth_id: Source[str],
        auth_token: Source[Readable],
        timeout: float,
        max_body: int,
        observe: Callable[[str, Outcome, float], None] = _observe_nothing,
        proxies_from_environment: bool = True,
        resolve: Resolve = resolve_by_system,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._auth_id = auth_id
        self._auth_token = auth_token
        self._observe = observe
        self._monotonic = monotonic
        self._refused: tuple[str, Readable] | None = None
        self._transport = Transport(
            timeout=timeout,
            max_body=max_body,
            proxies_from_environment=proxies_from_environment,
            resolve=resolve,
            monotonic=monotonic,
            wall=wall,
        )

    def __repr__(self) -> str:
        return f"PartnerClient({urlsplit(self._base_url).hostname!r})"

    def dashboard(self, decode: Callable[[bytes], T]) -> T:
        """``GET /dashboard``: the last 30 days, balance and accounts. Raises a child of ApiError."""
        return self._ask("dashboard", {}, decode)

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        """``GET /analytics``: the days from first to last by the server's calendar; None leaves an end to the server.

        Raises a child of ApiError.
        """
        window = {"from_date": first, "to_date": last}
        return self._ask("analytics", {name: day.isoformat() for name, day in window.items() if day}, decode)

    def me(self, decode: Callable[[bytes], T]) -> T:
        """``GET /me``: the partner's profile, with its own wallet. Raises a child of ApiError."""
        return self._ask("me", {}, decode)

    def accounts(self, decode: Callable[[bytes], T], *, page: int, per_page: int) -> T:
        """``GET /accounts``: one page of the customers, counted from 1. Raises a child of ApiError."""
        return self._ask("accounts", {"page": str(page), "per_page": str(per_page)}, decode)

    @property
    def credentials_renewed(self) -> bool:
        """Whether the API refused the credentials when it was last asked, and others are there now."""
        if self._refused is None:
            return False
        (refused_id, refused_token), (auth_id, token) = self._refused, self._credentials()
        return refused_id != auth_id or refused_token.reveal() != token.reveal()

    def cancel(self) -> None:
        """End the request in flight within moments, and refuse all later ones: they raise Cancelled."""
        self._transport.cancel()

    def close(self) -> None:
        """Cancel, and drop the connection that is kept."""
        self._transport.cancel()
        self._transport.close()

    def _ask(self, endpoint: str, params: Mapping[str, str], decode: Callable[[bytes], T]) -> T:
        try:
            return self._request(endpoint, params, decode)
        except Unauthorized:
            # A list, so that both are refreshed: a pair is rotated together.
            if not any([self._auth_id.refresh(), self._auth_token.refresh()]):
                raise
        return self._request(endpoint, params, decode)

    def _request(self, endpoint: str, params: Mapping[str, str], decode: Callable[[bytes], T]) -> T:
        if self._transport.stopped:
            raise Cancelled
        credentials = self._credentials()
        headers = _headers(*credentials)
        started = self._monotonic()
        ended: float | None = None
        failure: ApiError
        try:
            body = self._transport.get(f"{self._base_url}/{endpoint}", params=params, headers=headers)
            ended = self._monotonic()
            value = decode(without(headers["X-Auth-Token"], body))
        except ApiError as error:
            failure = error
        except MemoryError:
            failure = OutOfMemory("there was not enough memory for the answer")
        else:
            self._refused = None
            self._observe(endpoint, Outcome.SUCCESS, ended - started)
            return value
        self._refused = credentials if isinstance(failure, (Unauthorized, Forbidden)) else None
        self._observe(endpoint, failure.outcome, (ended or self._monotonic()) - started)
        # Raised out here: what was caught holds the body, and the headers that were sent.
        raise failure.with_traceback(None)

    def _credentials(self) -> tuple[str, Readable]:
        """The id and the token that belong together: the id is still the same once the token has been read."""
        while True:
            auth_id, token = self._auth_id.current(), self._auth_token.current()
            if self._auth_id.current() == auth_id:
                return auth_id, token


def _headers(auth_id: str, auth_token: Readable) -> dict[str, str]:
    credentials = {"X-Auth-ID": auth_id, "X-Auth-Token": auth_token.reveal()}
    for value in credentials.values():
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            raise Unauthorized("auth_id or auth_token holds a character that cannot be sent")
    return {
        **credentials,
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": _USER_AGENT,
    }
