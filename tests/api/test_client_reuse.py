"""Connections that are kept, and what is kept of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from exporter.api.errors import ApiError, Outcome
from tests.api.client_kit import BODY, Observed, body_of, client_of, failure_of, plain_environment
from tests.rig.certificates import make_authority
from tests.rig.raw_server import Peer, Script, always, answer, in_turn, over_tls, says, serving

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def answers_once_then(act: Script) -> Script:
    """Answers one request, reads a second one, and does this to it."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(answer(BODY))
        if peer.request():
            act(peer)

    return script


def test_one_connection_serves_all_requests() -> None:
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        for _ in range(5):
            body_of(client)
    assert server.connections == [1] * 5


def test_one_tls_connection_serves_all_requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    with (
        serving(over_tls(authority.server(), always(answer(BODY)))) as server,
        client_of(server.authority, scheme="https") as client,
    ):
        for _ in range(5):
            body_of(client)
    assert server.connections == [1] * 5


@pytest.mark.parametrize("act", [lambda peer: None, lambda peer: peer.reset()], ids=["closed", "reset"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
def test_a_kept_connection_that_goes_without_an_answer_costs_nothing(
    act: Callable[[Peer], None], encrypted: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    observed = Observed()
    script = in_turn(answers_once_then(act), always(answer(BODY)))
    if encrypted:
        authority = make_authority(tmp_path)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        script = over_tls(authority.server(), script)
    with (
        serving(script) as server,
        client_of(server.authority, scheme="https" if encrypted else "http", observe=observed) as client,
    ):
        for _ in range(3):
            body_of(client)
    assert server.connections == [1, 1, 2, 2]
    assert observed.outcomes == [Outcome.SUCCESS] * 3


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced() -> None:
    observed = Observed()
    with serving(says(answer(BODY))) as server, client_of(server.authority, observe=observed) as client:
        for _ in range(3):
            body_of(client)
    assert server.connections == [1, 2, 3]
    assert observed.outcomes == [Outcome.SUCCESS] * 3


def test_a_request_is_not_made_again_once_an_answer_has_begun() -> None:
    script = in_turn(answers_once_then(lambda peer: peer.send(b"HTTP/1.1 2")), always(answer(BODY)))
    with serving(script) as server, client_of(server.authority) as client:
        body_of(client)
        assert failure_of(lambda: body_of(client)).outcome is Outcome.CONNECTION
    assert server.connections == [1, 1]


def test_a_request_is_made_again_only_once() -> None:
    observed = Observed()
    script = in_turn(answers_once_then(lambda peer: None), says(b""))
    with serving(script) as server, client_of(server.authority, observe=observed) as client:
        body_of(client)
        assert failure_of(lambda: body_of(client)).outcome is Outcome.CONNECTION
    assert server.connections == [1, 1, 2]
    assert observed.outcomes == [Outcome.SUCCESS, Outcome.CONNECTION]


def test_a_client_works_again_after_any_failure() -> None:
    observed = Observed()
    script = in_turn(
        says(b""),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
        says(answer(b"", status="503 Busy")),
        says(answer(b"<html>")),
        lambda peer: peer.hang(),
        always(answer(BODY)),
    )
    with serving(script) as server, client_of(server.authority, observe=observed, timeout=4.0) as client:
        for _ in range(6):
            with suppress(ApiError):
                body_of(client)
    assert observed.outcomes == [
        Outcome.CONNECTION,
        Outcome.CONNECTION,
        Outcome.SERVER_ERROR,
        Outcome.MALFORMED,
        Outcome.TIMEOUT,
        Outcome.SUCCESS,
    ]


def test_cookies_are_not_kept() -> None:
    # The second one makes http.cookiejar warn of a bug in itself.
    cookies = "Set-Cookie: session=1\r\nSet-Cookie: a=b; expires=Thu, 01 Jyn 2026 00:00:00 GMT\r\n"
    with serving(always(answer(BODY, headers=cookies))) as server, client_of(server.authority) as client:
        body_of(client)
        body_of(client)
    assert ["cookie" in head.lower() for head in server.heads] == [False, False]


@pytest.mark.parametrize("variable", ["HOME", "NETRC"])
def test_passwords_in_netrc_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv(variable, str(netrc if variable == "NETRC" else tmp_path))
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        body_of(client)
    assert "authorization" not in server.heads[0].lower()
