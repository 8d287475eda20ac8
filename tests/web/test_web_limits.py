"""Who has to go, who may come back: the small rules behind the server, each on its own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from exporter.clock import Clock
from exporter.web.connection import Connection, client_of
from exporter.web.server import WebServer

from .conftest import echo


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Arrivals:
    """A server whose connections come a second apart."""

    def __init__(self, room: int) -> None:
        self.clock = Hands()
        self.server = WebServer(echo, listen_addresses=[], room=room, clock=Clock(elapsed=self.clock))
        self.sockets = contextlib.ExitStack()

    def add(self, host: str) -> Connection:
        self.clock.seconds += 1
        ours, theirs = socket.socketpair()
        self.sockets.enter_context(ours)
        self.sockets.enter_context(theirs)
        return self.server.add(ours, host)


@pytest.fixture
def small() -> Iterator[Arrivals]:
    small = Arrivals(room=4)
    with small.sockets:
        yield small


def test_with_no_room_left_the_oldest_of_the_busiest_client_is_ended(small: Arrivals) -> None:
    connections = [small.add(client) for client in ("192.0.2.1", "192.0.2.9", "192.0.2.9", "192.0.2.9", "192.0.2.2")]
    assert [connection.ended for connection in connections] == [False, True, False, False, False]
    assert connections[1].sock.recv(1) == b""


def test_a_connection_that_was_answered_is_no_part_of_its_client_s_flood(small: Arrivals) -> None:
    scraper = small.add("192.0.2.1")
    scraper.enter("idle")
    flood = [small.add("192.0.2.1") for _ in range(5)]
    assert not scraper.ended
    assert [connection.ended for connection in flood] == [True, True, False, False, False]


def test_what_is_overdue_in_its_phase_is_ended(small: Arrivals) -> None:
    requesting, idle = small.add("192.0.2.1"), small.add("192.0.2.2")
    idle.enter("idle")
    small.clock.seconds += 60
    small.server.service_actions()
    assert (requesting.ended, idle.ended) == (True, False)


def test_clients_are_distinguished_by_address_and_ipv6_ones_by_network() -> None:
    assert client_of("192.0.2.1") == "192.0.2.1"
    assert client_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:1")
    assert client_of("2001:db8::1") != client_of("2001:db8:0:1::1")
    assert client_of("fe80::1%eth0") == "fe80::/64"
    assert client_of("::ffff:0:c000:201") == "::/64"  # an IPv4 address that was translated, which is IPv6
