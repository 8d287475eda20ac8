"""Proxies from the environment, as users of requests know them, and proxies that fail."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

from exporter.api.errors import ApiError, Outcome
from tests.api.client_kit import (
    AUTH_ID,
    BALANCE,
    BODY,
    PROXY_PASSWORD,
    TOKEN,
    Observed,
    balance_of,
    client_of,
    failure_of,
)
from tests.rig.certificates import Authority
from tests.rig.proxy import forwards
from tests.rig.raw_server import HostileServer, Script, always, answer, drips, over_tls, says, serving

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def api() -> Iterator[HostileServer]:
    with serving(always(answer(BODY))) as server:
        yield server


@pytest.fixture
def api_over_tls(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    with serving(over_tls(authority.server(), always(answer(BODY)))) as server:
        yield server


def use_proxy(monkeypatch: pytest.MonkeyPatch, authority: str, *, scheme: str = "http") -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"{scheme}://user:{PROXY_PASSWORD}@{authority}")


def test_a_plain_request_goes_through_the_proxy(api: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(forwards) as proxy, client_of(api.authority) as client:
        use_proxy(monkeypatch, proxy.authority)
        assert balance_of(client) == BALANCE
    assert proxy.heads[0].startswith(f"GET http://{api.authority}/api/v1/partner/dashboard HTTP/1.1\r\n")
    assert "proxy-authorization: basic " in proxy.heads[0].lower()


def test_a_tls_request_goes_through_a_tunnel_and_the_proxy_sees_no_credential(
    api_over_tls: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(forwards) as proxy, client_of(api_over_tls.authority, scheme="https") as client:
        use_proxy(monkeypatch, proxy.authority)
        assert balance_of(client) == BALANCE
    assert len(proxy.heads) == 1
    assert proxy.heads[0].startswith(f"CONNECT {api_over_tls.authority} HTTP/1.")
    assert "proxy-authorization: basic " in proxy.heads[0].lower()
    assert TOKEN not in proxy.heads[0]
    assert "proxy-authorization" not in api_over_tls.heads[0].lower()


def test_a_tls_request_goes_through_a_proxy_that_speaks_tls_itself(
    authority: Authority, api_over_tls: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(over_tls(authority.server(), forwards)) as proxy,
        client_of(api_over_tls.authority, scheme="https") as client,
    ):
        use_proxy(monkeypatch, proxy.authority, scheme="https")
        assert balance_of(client) == BALANCE


def test_hosts_in_no_proxy_are_asked_directly(api: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(forwards) as proxy, client_of(api.authority) as client:
        use_proxy(monkeypatch, proxy.authority)
        monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
        assert balance_of(client) == BALANCE
    assert proxy.heads == []


def test_proxies_can_be_left_out_of_it(api: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(forwards) as proxy, client_of(api.authority, proxies_from_environment=False) as client:
        use_proxy(monkeypatch, proxy.authority)
        assert balance_of(client) == BALANCE
    assert proxy.heads == []


def failure_behind(
    proxy: str,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
    *,
    timeout: float = 20.0,
    **proxy_url: str,
) -> ApiError:
    """How a TLS request through this proxy fails, having made sure that it gives nothing away."""
    log.set_level(logging.DEBUG)
    use_proxy(monkeypatch, proxy, **proxy_url)
    observed = Observed()
    with client_of("127.0.0.1:1", scheme="https", observe=observed, timeout=timeout) as client:
        failure = failure_of(lambda: balance_of(client))
    assert observed.outcomes == [failure.outcome]
    shown = [str(failure), repr(vars(failure)), *traceback.format_exception(failure), log.text]
    assert failure.__context__ is None
    assert not any(secret in text for text in shown for secret in (TOKEN, AUTH_ID, PROXY_PASSWORD))
    return failure


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            says(f"HTTP/1.1 407 Not with {PROXY_PASSWORD}\r\n\r\n".encode()),
            "the proxy refused to connect, with HTTP 407",
        ),
        (says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), "the proxy refused to connect, with HTTP 502"),
        (says(b""), "the connection was closed before an answer came"),
        (says(f"{PROXY_PASSWORD}\r\n".encode()), "the answer is not valid HTTP"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_a_failed_connection(
    script: Script, reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(script) as proxy:
        failure = failure_behind(proxy.authority, monkeypatch, caplog)
    assert failure.outcome is Outcome.CONNECTION
    assert failure.reason == reason


def test_a_proxy_that_drips_is_ended_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(drips(b"HTTP/1.1 200 OK\r\n", b"X-Slow: slow\r\n" * 500)) as proxy:
        assert failure_behind(proxy.authority, monkeypatch, caplog, timeout=1.0).outcome is Outcome.TIMEOUT


def test_a_proxy_that_never_finishes_its_tls_handshake_is_ended_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(lambda peer: peer.hang()) as proxy:
        failure = failure_behind(proxy.authority, monkeypatch, caplog, timeout=1.0, scheme="https")
    assert failure.outcome is Outcome.TIMEOUT


def test_a_proxy_whose_certificate_is_not_trusted_is_named_as_the_cause(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(over_tls(authority.server(), forwards)) as proxy:
        failure = failure_behind(proxy.authority, monkeypatch, caplog, scheme="https")
    assert failure.outcome is Outcome.TLS
    assert failure.reason.startswith("the certificate of the proxy is not trusted: ")


def test_a_proxy_that_is_not_there_is_named_as_the_cause(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failure = failure_behind("127.0.0.1:1", monkeypatch, caplog)
    assert failure.outcome is Outcome.CONNECTION
    assert failure.reason == "the connection to the proxy failed: Connection refused"


@pytest.mark.parametrize(
    ("scheme", "authority"),
    [("socks5", "127.0.0.1:1"), ("ftp", "127.0.0.1:1"), ("http", "host:port"), ("http", "[::1"), ("http", "")],
)
def test_a_proxy_url_that_cannot_be_used_is_reported_without_repeating_it(
    scheme: str, authority: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failure = failure_behind(authority, monkeypatch, caplog, scheme=scheme)
    assert failure.outcome is Outcome.CONNECTION
    assert failure.reason == "api.base_url or the proxy's URL cannot be used"


def test_a_proxy_that_asks_for_credentials_is_named_as_the_cause(
    api: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(always(answer(b"", status="407 Proxy Authentication Required"))) as proxy,
        client_of(api.authority) as client,
    ):
        use_proxy(monkeypatch, proxy.authority)
        failure = failure_of(lambda: balance_of(client))
    assert failure.outcome is Outcome.CONNECTION
    assert failure.reason == "the proxy answered 407 Proxy Authentication Required"
