"""Clients that mean no good, and whether a fresh scrape still gets through while they are at it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.web.children import Child
from bench.web.cost import scrape

# The beginning of a TLS ClientHello: a record of 512 bytes of which 5 come.
_HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"
_GET = b"GET /metrics HTTP/1.1\r\nHost: bench\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """`count` connections, each begun by `begin`; `goes_on` is repeated on each of them, once a second."""

    name: str
    count: int
    begin: Callable[[Child], socket.socket]
    goes_on: bytes = b""
    only_tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Seconds that the slowest fresh scrape took (None: one failed), and what the attack took in memory and CPU."""

    slowest_scrape: float | None
    memory_mib: float
    cpu_share: float


def _idle(child: Child) -> socket.socket:
    return child.connect()


def _half_a_request(child: Child) -> socket.socket:
    sock = child.connect()
    sock.sendall(_GET + b"X-Slow: ")
    return sock


def _half_a_handshake(child: Child) -> socket.socket:
    sock = child.connect(handshake=False)
    sock.sendall(_HALF_A_HELLO)
    return sock


def _served_then_idle(child: Child) -> socket.socket:
    sock = child.connect()
    scrape(sock)
    return sock


def _never_reads(child: Child) -> socket.socket:
    sock = child.connect(handshake=False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.close()
    sock = child.connect()
    sock.sendall(_GET + b"\r\n")
    return sock


ATTACKS = (
    Attack(name="500 idle connections", count=500, begin=_idle),
    Attack(name="500 slow requests", count=500, begin=_half_a_request, goes_on=b"x"),
    Attack(name="1,100 connections, 1,024 files", count=1100, begin=_idle),
    Attack(name="500 idle after one answer", count=500, begin=_served_then_idle),
    Attack(name="500 stalled TLS handshakes", count=500, begin=_half_a_handshake, only_tls=True),
    Attack(name="20 that never read 9 MB", count=20, begin=_never_reads),
)


def run(attack: Attack, child: Child, *, scrapes: int = 5, seconds_between: float = 0.5) -> Result:
    """Holds the attack while a few scrapes are made, each on a connection of its own."""
    memory, cpu, started = child.resident_mib(), child.cpu_seconds(), time.monotonic()
    with _attackers(attack, child):
        slowest = 0.0
        for _ in range(scrapes):
            before = time.monotonic()
            try:
                with child.connect() as sock:
                    scrape(sock)
            except OSError:
                return Result(slowest_scrape=None, memory_mib=child.resident_mib() - memory, cpu_share=0)
            slowest = max(slowest, time.monotonic() - before)
            time.sleep(seconds_between)
        share = (child.cpu_seconds() - cpu) / (time.monotonic() - started)
        return Result(slowest_scrape=slowest, memory_mib=child.resident_mib() - memory, cpu_share=share)


@contextlib.contextmanager
def _attackers(attack: Attack, child: Child) -> Iterator[None]:
    sockets: list[socket.socket] = []
    enough = threading.Event()

    def go_on() -> None:
        while not enough.wait(1.0):
            for sock in sockets:
                with contextlib.suppress(OSError):
                    sock.sendall(attack.goes_on)

    dripping = threading.Thread(target=go_on)
    try:
        for _ in range(attack.count):
            # A server that ends a connection while it is being made is within its rights.
            with contextlib.suppress(OSError):
                sockets.append(attack.begin(child))
        dripping.start()
        yield
    finally:
        enough.set()
        if dripping.ident is not None:
            dripping.join()
        for sock in sockets:
            sock.close()
