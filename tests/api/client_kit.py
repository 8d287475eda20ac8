"""A client to test with: its secrets, what it observed, and how its requests ended."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unittest import mock

import pytest

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, Outcome

AUTH_ID = "PA_SECRETID01"
TOKEN = "s3cr3t-token-that-moves-money"
PROXY_PASSWORD = "pr0xy-passw0rd"

BALANCE = "1003058.82000"
BODY = b'{"total_balance": "1003058.82000", "calls": {"total_calls": 1, "answered_calls": 1}}'


class Secret:
    """A secret as the client sees it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    __hash__ = None  # type: ignore[assignment]


class Id:
    """An id that becomes the next one of these with each refresh."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    def current(self) -> str:
        return self._texts[0]

    def refresh(self) -> bool:
        if len(self._texts) == 1:
            return False
        del self._texts[0]
        return True


class Source:
    """The same as a secret."""

    def __init__(self, *texts: str) -> None:
        self._id = Id(*texts)

    def current(self) -> Secret:
        return Secret(self._id.current())

    def refresh(self) -> bool:
        return self._id.refresh()


@dataclass
class Observed:
    """The requests that a client reported."""

    requests: list[tuple[str, Outcome, float]] = field(default_factory=list)

    def __call__(self, endpoint: str, outcome: Outcome, seconds: float) -> None:
        self.requests.append((endpoint, outcome, seconds))

    @property
    def outcomes(self) -> list[Outcome]:
        return [outcome for _, outcome, _ in self.requests]


Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""One answer of ``getaddrinfo``: family, kind, protocol, canonical name, address."""


@contextmanager
def client_of(
    authority: str,
    *,
    scheme: str = "http",
    resolve: Callable[[str, int], Sequence[Address]] | None = None,
    **settings: Any,
) -> Iterator[PartnerClient]:
    """A client of the server at this host and port, closed at the end of the block.

    ``resolve`` is what the system's resolver does meanwhile with a name that is no address.
    """
    client = PartnerClient(
        base_url=f"{scheme}://{authority}/api/v1/partner",
        **{
            "auth_id": Id(AUTH_ID),
            "auth_token": Source(TOKEN),
            "timeout": 10.0,
            "max_body": 1_000_000,
            **settings,
        },
    )
    system = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **how: Any) -> Any:
        if resolve is not None and host == authority:
            return resolve(host, port)
        return system(host, port, *args, **how)

    with mock.patch("socket.getaddrinfo", getaddrinfo):
        try:
            yield client
        finally:
            client.cancel()


def balance_of(client: PartnerClient) -> str:
    """The balance that one request for the dashboard brings."""
    balance = client.dashboard().balance
    return "" if balance is None else f"{balance:.5f}"


def failure_of(call: Callable[[], object]) -> ApiError:
    """The error that a call ends with."""
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value
