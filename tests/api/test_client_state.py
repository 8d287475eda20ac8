"""What is kept from one request to the next: nothing, no connection, cookie or password either."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from exporter.api.errors import ApiError, Outcome
from tests.api.client_kit import BODY, Observed, balance_of, client_of
from tests.rig.raw_server import always, answer, in_turn, says, serving

pytestmark = pytest.mark.timeout(60)


def test_each_request_has_a_connection_of_its_own_that_no_firewall_can_forget() -> None:
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        for _ in range(3):
            balance_of(client)
    assert server.connections == [1, 2, 3]
    assert all("\r\nConnection: close\r\n" in head for head in server.heads)


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
                balance_of(client)
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
        balance_of(client)
        balance_of(client)
    assert ["cookie" in head.lower() for head in server.heads] == [False, False]


@pytest.mark.parametrize("variable", ["HOME", "NETRC"])
def test_passwords_in_netrc_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv(variable, str(netrc if variable == "NETRC" else tmp_path))
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        balance_of(client)
    assert "authorization" not in server.heads[0].lower()
