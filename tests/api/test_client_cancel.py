"""A request that another thread ends, whatever it is waiting for."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from exporter.api.client import PartnerClient
from exporter.api.errors import Cancelled
from tests.api.client_kit import BODY, Address, Observed, balance_of, client_of
from tests.rig.raw_server import Peer, after_request, always, answer, serving

# The requests below would take 300 s if nothing ended them.
pytestmark = pytest.mark.timeout(60)
LONG = 300.0


def silent(peer: Peer) -> None:
    peer.hang()


def dripping_body(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")
    peer.drip(b" " * 999_999)


def is_stopped(client: PartnerClient, *, waiting: Event) -> bool:
    """Whether a request that has come to where it waits ends when it is cancelled."""
    with ThreadPoolExecutor() as pool:
        running = pool.submit(balance_of, client)
        assert waiting.wait(20)
        client.cancel()
        return isinstance(running.exception(20), Cancelled)


@pytest.mark.parametrize("act", [silent, dripping_body])
def test_a_request_that_waits_for_its_answer_is_stopped(act: Callable[[Peer], None]) -> None:
    waiting, observed = Event(), Observed()

    def script(peer: Peer) -> None:
        waiting.set()
        act(peer)

    with (
        serving(after_request(script)) as server,
        client_of(server.authority, timeout=LONG, observe=observed) as client,
    ):
        assert is_stopped(client, waiting=waiting)
    assert observed.outcomes == []


def test_a_tls_handshake_is_stopped() -> None:
    waiting = Event()

    def script(peer: Peer) -> None:
        peer.sock.recv(1)
        waiting.set()
        peer.hang()

    with serving(script) as server, client_of(server.authority, scheme="https", timeout=LONG) as client:
        assert is_stopped(client, waiting=waiting)


def test_a_look_up_of_the_host_is_stopped() -> None:
    waiting, given_up = Event(), Event()

    def resolve(_host: str, _port: int) -> Sequence[Address]:
        waiting.set()
        given_up.wait()
        return []

    with client_of("api.example", resolve=resolve, timeout=LONG) as client:
        try:
            assert is_stopped(client, waiting=waiting)
        finally:
            given_up.set()


def test_a_connection_that_is_never_established_is_stopped() -> None:
    waiting = Event()
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listening,
        socket.socket() as first,
        socket.socket() as second,
    ):
        for waiting_socket in (first, second):
            waiting_socket.setblocking(False)
            waiting_socket.connect_ex(listening.getsockname())

        def resolve(_host: str, _port: int) -> Sequence[Address]:
            waiting.set()
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", listening.getsockname())]

        with client_of("api.example", resolve=resolve, timeout=LONG) as client:
            assert is_stopped(client, waiting=waiting)


def test_later_requests_are_not_made() -> None:
    observed = Observed()
    with serving(always(answer(BODY))) as server, client_of(server.authority, observe=observed) as client:
        balance_of(client)
        client.cancel()
        with pytest.raises(Cancelled):
            balance_of(client)
    assert len(server.heads) == len(observed.requests) == 1
