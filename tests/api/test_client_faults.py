"""Each way in which the network or the other side can fail: its outcome, and that it gives no credential away."""

from __future__ import annotations

import errno
import gzip
import logging
import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest

from exporter.api.errors import ApiError, Outcome
from tests.api.client_kit import (
    AUTH_ID,
    BALANCE,
    BODY,
    TOKEN,
    Address,
    Observed,
    balance_of,
    client_of,
    failure_of,
)
from tests.rig.certificates import Authority
from tests.rig.process import free_port
from tests.rig.raw_server import (
    HostileServer,
    Peer,
    Script,
    after_request,
    always,
    answer,
    drips,
    over_tls,
    says,
    serving,
)

# Twenty times and more of what the drips are given.
pytestmark = pytest.mark.timeout(60)
SHORT = 0.3

ECHO = f"X-Echo: {TOKEN} {AUTH_ID}\r\n"
HEAD = f"HTTP/1.1 200 OK\r\n{ECHO}".encode()
PACKED = b"Content-Encoding: gzip\r\n"
LONG = HEAD + b"Content-Length: 5000\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def gives_nothing_away(failure: ApiError, log: pytest.LogCaptureFixture) -> bool:
    """Whether neither the error, nor what hangs on it, nor any log line holds a credential."""
    shown = [str(failure), repr(failure), repr(vars(failure)), *traceback.format_exception(failure), log.text]
    return (
        failure.__cause__ is None
        and failure.__context__ is None
        and "\n" not in str(failure)
        and not any(secret in text for text in shown for secret in (TOKEN, AUTH_ID))
    )


def resets_after(data: bytes) -> Script:
    def act(peer: Peer) -> None:
        peer.send(data)
        peer.reset()

    return after_request(act)


BROKEN: dict[str, Script] = {
    "closed at once": lambda peer: peer.sock.close(),
    "reset at once": lambda peer: peer.reset(),
    "closed after the request": says(b""),
    "reset after the request": resets_after(b""),
    "reset within the headers": resets_after(HEAD),
    "reset within the body": resets_after(LONG + BODY),
    "closed within the status line": says(b"HTTP/1.1 2"),
    "closed within the headers": says(HEAD),
    "closed within the body": says(LONG + BODY),
    "closed within the packed body": says(HEAD + PACKED + b"Content-Length: 99\r\n\r\n" + gzip.compress(BODY)),
    "closed within a chunk": says(CHUNKED + b"ff\r\n{}"),
    "closed between chunks": says(CHUNKED + b"2\r\n{}\r\n"),
    "a chunk without a size": says(CHUNKED + b"size\r\n{}\r\n0\r\n\r\n"),
    "a chunk of negative size": says(CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n"),
    "a chunk size without end": says(CHUNKED + b"1" * 70_000),
    "not HTTP": says(f"220 smtp.example {TOKEN}\r\n".encode()),
    "a status that is no number": says(b"HTTP/1.1 OK fine\r\n\r\n"),
    "a status with four digits": says(b"HTTP/1.1 2000 OK\r\n\r\n"),
    "an unknown version": says(b"HTTP/9.9 200 OK\r\n\r\n"),
    "a header without end": says(HEAD + b"X: " + b"x" * 70_000),
    "too many headers": says(HEAD + b"X: x\r\n" * 200 + b"\r\n"),
    "two lengths": says(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_breaks_off_or_is_no_http_is_a_failed_connection(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    observed = Observed()
    with serving(script) as server, client_of(server.authority, observe=observed) as client:
        failure = failure_of(lambda: balance_of(client))
    assert [failure.outcome] == observed.outcomes == [Outcome.CONNECTION]
    assert len(server.heads) <= 1
    assert gives_nothing_away(failure, caplog)


def stops(peer: Peer) -> None:
    peer.send(LONG + BODY)
    peer.hang()


DRIPPING: dict[str, Script] = {
    "nothing": lambda peer: peer.hang(),
    "a dripping status line": drips(b"", b"HTTP/1.1 200 " + b"O" * 5000),
    "dripping headers": drips(HEAD, b"X-Slow: slow\r\n" * 500),
    "interim answers for ever": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "a dripping body": drips(LONG, b"{" + b" " * 4999),
    "a dripping body of no known length": drips(HEAD + b"\r\n{", b" " * 5000),
    "dripping chunks": drips(CHUNKED, b"1\r\n{\r\n" * 1000),
    "a dripping chunk size": drips(CHUNKED, b"1;" + b"x" * 5000),
    "dripping trailers": drips(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-Slow: slow\r\n" * 500),
    "a dripping packed body": drips(HEAD + PACKED + b"\r\n", gzip.compress(bytes(range(256)) * 100, compresslevel=1)),
    "a body that stops": after_request(stops),
}


@pytest.mark.parametrize("script", DRIPPING.values(), ids=DRIPPING.keys())
def test_an_answer_that_drips_is_ended_at_the_deadline(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    observed = Observed()
    with serving(script) as server, client_of(server.authority, observe=observed, timeout=SHORT) as client:
        failure = failure_of(lambda: balance_of(client))
    assert [failure.outcome] == observed.outcomes == [Outcome.TIMEOUT]
    assert failure.reason == "no complete answer within 0.3 s"
    assert gives_nothing_away(failure, caplog)


# The head of a TLS record of 16 KiB: a handshake that never comes to an end.
RECORD = b"\x16\x03\x03\x40\x00"


@pytest.mark.parametrize(
    "script",
    [lambda peer: peer.hang(), lambda peer: peer.drip(RECORD + b"\x02" * 5000)],
    ids=["silent", "dripping"],
)
def test_a_tls_handshake_that_does_not_end_is_ended_at_the_deadline(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(script) as server, client_of(server.authority, scheme="https", timeout=SHORT) as client:
        failure = failure_of(lambda: balance_of(client))
    assert failure.outcome is Outcome.TIMEOUT
    assert gives_nothing_away(failure, caplog)


def test_a_dripping_body_inside_tls_is_ended_at_the_deadline(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    script = over_tls(authority.server(), drips(LONG, b" " * 5000))
    with serving(script) as server, client_of(server.authority, scheme="https", timeout=SHORT) as client:
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.TIMEOUT


@contextmanager
def full_backlog() -> Iterator[tuple[str, int]]:
    """An address where no connection comes about, and none is refused."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        host, port = listening.getsockname()
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield host, port


def at(*addresses: tuple[str, int]) -> Callable[[str, int], list[Address]]:
    """A resolver that gives these addresses for every name."""
    return lambda _host, _port: [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]


def unused() -> tuple[str, int]:
    """An address where nobody listens."""
    return "127.0.0.1", free_port()


def test_a_connection_that_is_never_established_is_ended_at_the_deadline() -> None:
    with full_backlog() as address, client_of("api.example", resolve=at(address), timeout=SHORT) as client:
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.TIMEOUT


def test_all_addresses_of_a_host_share_the_one_deadline() -> None:
    with (
        full_backlog() as address,
        client_of("api.example", resolve=at(*[address] * 50), timeout=SHORT) as client,
    ):
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.TIMEOUT


def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    with (
        full_backlog() as silent,
        serving(always(answer(BODY))) as server,
        client_of("api.example", resolve=at(silent, unused(), ("127.0.0.1", server.port)), timeout=6.0) as client,
    ):
        assert balance_of(client) == BALANCE


def test_an_address_of_a_family_that_the_system_does_not_have_leaves_the_next() -> None:
    with serving(always(answer(BODY))) as server:
        good = at(("127.0.0.1", server.port))

        def resolve(host: str, port: int) -> list[Address]:
            return [(socket.AF_APPLETALK, socket.SOCK_STREAM, 0, "", ("::1", port)), *good(host, port)]

        with client_of("api.example", resolve=resolve) as client:
            assert balance_of(client) == BALANCE


def test_an_address_of_one_link_is_connected_to_by_the_interface_that_it_was_resolved_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[object] = []

    def connect(_sock: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr("socket.socket.connect", connect)
    address: Address = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 443, 0, 7))
    with client_of("api.example", resolve=lambda _host, _port: [address]) as client:
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.CONNECTION
    assert tried == [("fe80::1", 443, 0, 7)]


def test_a_refused_connection_is_named_as_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    host, port = unused()
    with client_of(f"{host}:{port}") as client:
        failure = failure_of(lambda: balance_of(client))
    assert failure.outcome is Outcome.CONNECTION
    assert failure.reason == "the connection to the API failed: Connection refused"
    assert gives_nothing_away(failure, caplog)


@pytest.mark.parametrize("lacking", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_what_this_machine_lacks_is_not_looked_for_in_the_network(
    lacking: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_socket(*_args: object, **_named: object) -> NoReturn:
        raise OSError(lacking, os.strerror(lacking))

    monkeypatch.setattr("socket.socket", no_socket)
    with client_of("127.0.0.1:1") as client:
        failure = failure_of(client.dashboard)
    assert (failure.outcome, failure.remedy) == (Outcome.CONNECTION, "raise the limit on open files and memory")


def test_a_request_that_no_thread_can_be_started_for_is_not_looked_for_in_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_thread(*_args: object) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", no_thread)
    with client_of("127.0.0.1:1") as client:
        failure = failure_of(client.dashboard)
    assert (failure.outcome, failure.remedy) == (Outcome.CONNECTION, "raise the limit on threads and memory")


def test_a_request_that_meets_a_defect_of_the_exporter_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_body: bytes) -> NoReturn:
        raise KeyError(TOKEN)

    monkeypatch.setattr("exporter.api.client.parse_dashboard", parse)
    observed = Observed()
    with serving(always(answer(BODY))) as server, client_of(server.authority, observe=observed) as client:
        failure = failure_of(client.dashboard)
    assert [failure.outcome] == observed.outcomes == [Outcome.MALFORMED]
    assert failure.reason.startswith("a defect of the exporter: KeyError at ")
    assert TOKEN not in str(failure)


def test_a_name_that_cannot_be_resolved_is_named_as_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    def resolve(_host: str, _port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with client_of("api.example", resolve=resolve) as client:
        failure = failure_of(lambda: balance_of(client))
    assert failure.outcome is Outcome.CONNECTION
    assert failure.reason == "the host name of the API cannot be resolved: Name or service not known"
    assert gives_nothing_away(failure, caplog)


def test_a_name_without_an_address_is_a_failed_connection() -> None:
    with client_of("api.example", resolve=at()) as client:
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.CONNECTION


def test_a_resolver_that_does_not_answer_is_left_at_the_deadline() -> None:
    given_up = Event()

    def resolve(_host: str, _port: int) -> list[Address]:
        given_up.wait()
        return []

    with client_of("api.example", resolve=resolve, timeout=SHORT) as client:
        try:
            assert failure_of(lambda: balance_of(client)).outcome is Outcome.TIMEOUT
        finally:
            given_up.set()


def tls_failure(server: HostileServer, caplog: pytest.LogCaptureFixture) -> str:
    """The reason that TLS with this server fails for."""
    caplog.set_level(logging.DEBUG)
    observed = Observed()
    with client_of(server.authority, scheme="https", observe=observed) as client:
        failure = failure_of(lambda: balance_of(client))
    assert [failure.outcome] == observed.outcomes == [Outcome.TLS]
    assert gives_nothing_away(failure, caplog)
    assert server.heads == []
    return failure.reason


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(over_tls(authority.server(), always(answer(BODY)))) as server:
        reason = tls_failure(server, caplog)
    assert reason.startswith("the certificate of the API is not trusted: ")


@pytest.mark.parametrize(
    ("host", "expired", "words"),
    [("127.0.0.1", True, "expired"), ("127.0.0.2", False, "mismatch"), ("elsewhere.example", False, "mismatch")],
)
def test_a_certificate_that_has_expired_or_is_for_another_host_is_not_trusted(
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    host: str,
    expired: bool,
    words: str,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    with serving(over_tls(authority.server(host=host, expired=expired), always(answer(BODY)))) as server:
        assert words in tls_failure(server, caplog)


def test_a_server_that_speaks_no_tls_is_named_as_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    with serving(lambda peer: peer.send(answer(b"", status="400 Bad Request"))) as server:
        assert tls_failure(server, caplog).startswith("TLS with the API failed: ")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_authorities_of_the_environment_are_trusted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority.bundle))
    with (
        serving(over_tls(authority.server(), always(answer(BODY)))) as server,
        client_of(server.authority, scheme="https", proxies_from_environment=False) as client,
    ):
        assert balance_of(client) == BALANCE


def test_authorities_that_are_replaced_need_no_restart(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    (tmp_path / "other").mkdir()
    bundle.write_bytes(Authority(directory=tmp_path / "other").bundle.read_bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with (
        serving(over_tls(authority.server(), always(answer(BODY)))) as server,
        client_of(server.authority, scheme="https") as client,
    ):
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.TLS
        bundle.write_bytes(authority.bundle.read_bytes())
        assert balance_of(client) == BALANCE


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_fail_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with serving(always(answer(BODY))) as server:
        assert tls_failure(server, caplog).startswith("the CA bundle cannot be read: ")
