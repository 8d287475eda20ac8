"""Clients that mean no good do not keep a scrape from its answer, with and without TLS.

The server here has room for 8 connections, and the attackers are three times as many; `python -m bench.web` has the
same attacks in full size.
"""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from exporter.clock import Clock
from exporter.web.http import Handler, Response
from exporter.web.server import WebServer
from tests.rig.certificates import Authority
from tests.rig.raw_client import Line, call, fetch, get, many

from .conftest import Serve, echo

ROOM, ATTACKERS = 8, 24
LARGE = Response(body=bytes(9_000_000))
# The beginning of a TLS ClientHello of 512 bytes.
HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"

Start = Callable[..., WebServer]


@pytest.fixture(params=["plain", "TLS"])
def context(request: pytest.FixtureRequest, authority: Authority) -> ssl.SSLContext | None:
    return authority.client_context() if request.param == "TLS" else None


@pytest.fixture
def start(serve: Serve, context: ssl.SSLContext | None, tls_config: Path) -> Start:
    def start(app: Handler = echo, *, clock: Clock | None = None, **seconds: float) -> WebServer:
        return serve(app, web_config_file=tls_config if context else None, room=ROOM, seconds=seconds, clock=clock)

    return start


def test_idle_connections_do_not_keep_others_out(start: Start, context: ssl.SSLContext | None) -> None:
    url = start().url
    with many(ATTACKERS, lambda: call(url, context=context)):
        assert fetch(url, context=context).status == 200


def test_requests_that_never_end_do_not_keep_others_out(start: Start, context: ssl.SSLContext | None) -> None:
    url = start().url
    with many(ATTACKERS, lambda: call(url, context=context).send(get()[:-2] + b"X-Slow: ")) as lines:
        for line in lines:
            with contextlib.suppress(OSError):
                line.send(b"x")
        assert fetch(url, context=context).status == 200


def test_connections_that_idle_after_an_answer_do_not_keep_others_out(
    start: Start, context: ssl.SSLContext | None
) -> None:
    url = start().url

    def served() -> Line:
        line = call(url, context=context).send(get())
        line.answer()
        return line

    with many(ATTACKERS, served) as lines:
        assert len(lines) == ATTACKERS
        assert fetch(url, context=context).status == 200


def test_clients_that_never_read_do_not_keep_others_out(start: Start, context: ssl.SSLContext | None) -> None:
    url = start(lambda _: LARGE).url
    with many(ATTACKERS, lambda: call(url, context=context).send(get())):
        assert len(fetch(url, context=context).body) == 9_000_000


def test_handshakes_that_stall_do_not_keep_others_out(serve: Serve, tls_config: Path, authority: Authority) -> None:
    url = serve(web_config_file=tls_config, room=ROOM).url
    with many(ATTACKERS, lambda: call(url).send(HALF_A_HELLO)):
        assert fetch(url, context=authority.client_context()).status == 200


def test_a_flood_leaves_the_connection_of_someone_else_alone(start: Start, context: ssl.SSLContext | None) -> None:
    url = start().url
    with call(url, context=context) as kept:
        kept.send(get()).answer()
        with many(ATTACKERS, lambda: call(url, context=context)):
            assert fetch(url, context=context).status == 200
            assert kept.send(get("/?still-here")).answer().body == b"GET still-here\n"


class Hours:
    """Seconds of a clock that stands still, so that nothing is overdue however slow the machine, until they race."""

    def __init__(self) -> None:
        self._raced_from: float | None = None

    def __call__(self) -> float:
        return 0.0 if self._raced_from is None else 3600 * (time.monotonic() - self._raced_from)

    def race(self) -> None:
        self._raced_from = time.monotonic()


@pytest.mark.parametrize("data", [b"", b"GET / HT", get()[:-2]])
def test_a_request_that_takes_too_long_ends_the_connection(
    start: Start, context: ssl.SSLContext | None, data: bytes
) -> None:
    hours = Hours()
    with call(start(clock=Clock(elapsed=hours)).url, context=context) as line:
        line.send(data)
        hours.race()
        assert line.is_at_its_end()


def test_a_second_request_that_takes_too_long_ends_the_connection(start: Start, context: ssl.SSLContext | None) -> None:
    hours = Hours()
    with call(start(clock=Clock(elapsed=hours), idle=float("inf")).url, context=context) as line:
        line.send(get()).answer()
        line.send(b"GET /")
        hours.race()
        assert line.is_at_its_end()


def test_a_connection_idle_for_too_long_is_ended(start: Start, context: ssl.SSLContext | None) -> None:
    with call(start(idle=0.1).url, context=context) as line:
        line.send(get()).answer()
        assert line.is_at_its_end()


def send_for_ever(line: Line) -> None:
    while True:
        line.send(bytes(4096))


def test_an_answer_that_is_not_taken_in_time_is_cut_short(start: Start, context: ssl.SSLContext | None) -> None:
    server = start(lambda _: LARGE, answer=0.1)
    with call(server.url, context=context) as line:
        line.send(get())
        # Nothing is read: only the end of the connection makes it readable past what is buffered.
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the system pleases
            send_for_ever(line)


def test_a_client_that_keeps_sending_after_a_refusal_is_cut_off(start: Start, context: ssl.SSLContext | None) -> None:
    hours = Hours()
    with call(start(clock=Clock(elapsed=hours)).url, context=context) as line:
        line.send(b"GET / HTTP/2\r\n").answer()
        hours.race()
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the system pleases
            send_for_ever(line)


FEW_FILES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from exporter.web.http import plain
from exporter.web.server import WebServer
server = WebServer(lambda _: plain(200), listen_addresses=["127.0.0.1:0"])
print(server.url, flush=True)
"""
ALL_TAKEN = """
taken = []
try:
    while True:
        taken.append(open("/dev/null"))
except OSError:
    print("all taken", flush=True)
sys.stdin.readline()
for file in taken:
    file.close()
"""
UNTIL_THE_END = """
sys.stdin.read()
server.close()
"""


@contextlib.contextmanager
def program(text: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """A Python program: its input and output. It has to end well when its input does."""
    command = [sys.executable, "-c", text]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdin, process.stdout
            process.stdin.close()
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


@pytest.mark.process
def test_more_connections_than_the_process_may_open_files_do_not_keep_others_out() -> None:
    with program(FEW_FILES + UNTIL_THE_END) as (_, said):
        url = said.readline().strip()
        with many(100, lambda: call(url)):
            assert fetch(url).status == 200


@pytest.mark.process
def test_a_process_that_is_out_of_files_serves_again_when_it_has_some() -> None:
    with program(FEW_FILES + ALL_TAKEN + UNTIL_THE_END) as (tell, said):
        url = said.readline().strip()
        assert said.readline() == "all taken\n"
        with call(url) as line:
            line.send(get())
            tell.write("\n")
            tell.flush()
            assert line.answer().status == 200
