"""Every way in which a request can end, over a real socket; the daemon recovers from each without a restart."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from exporter.api.client import MAX_BODY
from exporter.api.errors import Outcome
from tests.metrics.test_golden_pages import documented_answers
from tests.rig.certificates import Authority
from tests.rig.exporter import Exporter, write_config
from tests.rig.raw_server import Peer, answer, serving
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

GOOD = documented_answers("dashboard.json", "analytics-today.json")


def good(peer: Peer, endpoint: str, query: dict[str, str]) -> None:
    status, body = GOOD(endpoint, query)
    assert status == 200
    peer.send(answer(body))


def says(status: str, body: bytes = b"{}", headers: str = "") -> Callable[[Peer, str, dict[str, str]], None]:
    return lambda peer, _endpoint, _query: peer.send(answer(body, status=status, headers=headers))


FAULTS: dict[Outcome, Callable[[Peer, str, dict[str, str]], None]] = {
    Outcome.TIMEOUT: lambda peer, _endpoint, _query: peer.drip(answer(b"{" + b" " * 5000)),
    Outcome.CONNECTION: lambda peer, _endpoint, _query: peer.send(answer(b"{}" * 500)[:200]),
    Outcome.REDIRECT: says("302 Found", headers="Location: https://elsewhere.example/\r\n"),
    Outcome.UNAUTHORIZED: says("401 Unauthorized"),
    Outcome.FORBIDDEN: says("403 Forbidden"),
    Outcome.NOT_FOUND: says("404 Not Found"),
    Outcome.RATE_LIMITED: says("429 Too Many Requests", headers="Retry-After: 1\r\n"),
    Outcome.CLIENT_ERROR: says("422 Unprocessable Entity"),
    Outcome.SERVER_ERROR: says("503 Service Unavailable"),
    Outcome.MALFORMED: says("200 OK", b"<html>welcome to the hotel's network</html>"),
    Outcome.TOO_LARGE: lambda peer, _endpoint, _query: peer.send(answer(b"{" + b" " * MAX_BODY + b"}")),
}


@dataclass
class Vobiz:
    """What the server does at the moment."""

    act: Callable[[Peer, str, dict[str, str]], None]
    tls: ssl.SSLContext

    def serve(self, peer: Peer) -> None:
        peer.encrypt(self.tls)
        target = peer.request().partition(" ")[2].partition(" ")[0]
        parts = urlsplit(target)
        self.act(peer, parts.path.rpartition("/")[2], dict(parse_qsl(parts.query)))


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Vobiz, Exporter, ssl.SSLContext]]:
    """One daemon for all faults, polling one server over TLS; and a certificate that it does not trust."""
    directory = tmp_path_factory.mktemp("outcomes")
    (directory / "stranger").mkdir()
    trusted, stranger = Authority(directory=directory), Authority(directory=directory / "stranger")
    vobiz = Vobiz(act=good, tls=trusted.server())
    with serving(vobiz.serve) as server:
        config = write_config(directory, f"https://{server.authority}/api/v1/partner", timeout="2s")
        with Exporter(f"--config.file={config}", environment={"REQUESTS_CA_BUNDLE": str(trusted.bundle)}) as daemon:
            assert recovered(daemon)
            yield vobiz, daemon, stranger.server()


def recovered(daemon: Exporter) -> bool:
    return wait_for(lambda: daemon.value("vobiz_up", endpoint="analytics") == 1)


def counted(daemon: Exporter, outcome: Outcome) -> float:
    return daemon.value("vobiz_api_requests_total", endpoint="dashboard", outcome=outcome.value) or 0.0


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.SUCCESS])
def test_each_outcome_is_counted_logged_once_and_recovered_from(
    outcome: Outcome, exchange: tuple[Vobiz, Exporter, ssl.SSLContext]
) -> None:
    vobiz, daemon, untrusted = exchange
    trusted, lines_before = vobiz.tls, len(daemon.lines)
    if outcome is Outcome.TLS:
        vobiz.tls = untrusted
    else:
        vobiz.act = FAULTS[outcome]
    before = counted(daemon, outcome)
    try:
        wait_for(lambda: counted(daemon, outcome) >= before + 2)
        assert daemon.value("vobiz_up", endpoint="dashboard") == 0
    finally:
        vobiz.act, vobiz.tls = good, trusted
    assert recovered(daemon)
    logged = [line for line in daemon.lines[lines_before:] if "endpoint=dashboard" in line and "poll failed" in line]
    assert len(logged) == 1
    assert f"outcome={outcome.value}" in logged[0]
    assert "action=" in logged[0]


def test_every_outcome_is_on_the_page_from_the_start_at_zero(tmp_path: Path) -> None:
    config = write_config(tmp_path, "http://127.0.0.1:1/api/v1/partner")
    with Exporter(f"--config.file={config}") as daemon:
        for endpoint in ("dashboard", "analytics"):
            for outcome in set(Outcome) - {Outcome.CONNECTION}:
                labels = {"endpoint": endpoint, "outcome": outcome.value, "partner": "acme"}
                assert daemon.value("vobiz_api_requests_total", **labels) == 0


def test_no_line_of_the_log_and_no_page_holds_the_token(exchange: tuple[Vobiz, Exporter, ssl.SSLContext]) -> None:
    _, daemon, _ = exchange
    shown = "\n".join([*daemon.lines, daemon.page(), daemon.page("/")])
    assert "t0ken-of-the-test" not in shown
    assert "customer.test" not in shown
