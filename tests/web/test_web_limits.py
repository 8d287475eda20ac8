"""Who has to go, who may come back: the small rules behind the server, each on its own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from exporter.clock import Clock
from exporter.web.connection import Connection
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
        clock = Clock(elapsed=self.clock)
        self.server = WebServer(echo, listen_addresses=["127.0.0.1:0"], room=room, clock=clock)
        self.clients = contextlib.ExitStack()
        self.clients.callback(self.server.close)

    def add(self, host: str) -> Connection:
        self.clock.seconds += 1
        ours, theirs = socket.socketpair()
        self.clients.enter_context(theirs)
        before = set(self.server.connections)
        self.server.process_request(ours, (host, 1))
        [connection] = self.server.connections - before
        return connection


@pytest.fixture
def small() -> Iterator[Arrivals]:
    small = Arrivals(room=4)
    with small.clients:
        yield small


def test_with_no_room_left_the_oldest_of_the_busiest_client_is_ended(small: Arrivals) -> None:
    connections = [small.add(client) for client in ("192.0.2.1", "192.0.2.9", "192.0.2.9", "192.0.2.9", "192.0.2.2")]
    assert [connection.ended for connection in connections] == [False, True, False, False, False]


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


def test_a_phase_that_begins_while_the_limits_are_checked_is_not_overdue(small: Arrivals) -> None:
    class Moving(Connection):
        """Enters its next phase as soon as somebody has read the beginning of the present one."""

        def __getattribute__(self, name: str) -> object:
            value = super().__getattribute__(name)
            if name == "since":
                self.enter("request")
            return value

    idle = small.add("192.0.2.1")
    idle.enter("idle")
    small.clock.seconds += 60
    idle.__class__ = Moving
    small.server.service_actions()
    assert not idle.ended


def test_clients_are_distinguished_by_address_and_ipv6_ones_by_network(small: Arrivals) -> None:
    def client(host: str) -> str:
        return small.add(host).client

    assert client("192.0.2.1") == "192.0.2.1"
    assert client("2001:db8::1") == client("2001:db8::ffff:1")
    assert client("2001:db8::1") != client("2001:db8:0:1::1")
    assert client("fe80::1%eth0.1") == client("fe80::2%eth0.1")
    assert client("::ffff:192.0.2.1") != client("::ffff:192.0.2.2")
    assert client("::ffff:0:c000:201") == client("::1")  # an IPv4 address that was translated, which is IPv6
