"""TLS: versions, client certificates, and the error when a certificate cannot be used."""

from __future__ import annotations

import ssl
import textwrap
import time
from pathlib import Path

import pytest

from exporter.clock import Clock
from exporter.web.http import WebServerError
from exporter.web.security import Security
from tests.rig.certificates import Authority
from tests.rig.raw_client import call, fetch, get

from .conftest import Serve, WriteConfig


def test_pages_are_served_over_tls(serve: Serve, tls_config: Path, authority: Authority) -> None:
    url = serve(web_config_file=tls_config).url
    assert url.startswith("https://127.0.0.1:")
    with call(url, context=authority.client_context()) as line:
        assert line.send(get("/?1")).answer().body == b"GET 1\n"
        assert line.send(get("/?2", "Connection: close")).answer().body == b"GET 2\n"
        assert line.is_at_its_end()


def test_clients_that_offer_http2_get_http11(serve: Serve, tls_config: Path, authority: Authority) -> None:
    context = authority.client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with call(serve(web_config_file=tls_config).url, context=context) as line:
        assert isinstance(line.sock, ssl.SSLSocket)
        assert line.sock.selected_alpn_protocol() == "http/1.1"
        assert line.send(get()).answer().status == 200


def test_who_speaks_http_to_the_tls_port_gets_a_hint(serve: Serve, tls_config: Path) -> None:
    with call(serve(web_config_file=tls_config).url) as line:
        answer = line.send(get()).answer()
        assert (answer.status, answer.body) == (400, b"This port speaks HTTPS. Use an https:// address.\n")
        assert line.is_at_its_end()


def test_who_speaks_tls_to_the_plain_port_is_sent_away(serve: Serve, authority: Authority) -> None:
    with pytest.raises(ssl.SSLError):
        call(serve().url, context=authority.client_context())


def test_versions_outside_the_bounds_are_refused(
    serve: Serve, tls_config: Path, write_config: WriteConfig, authority: Authority
) -> None:
    url = serve(web_config_file=write_config(tls_config.read_text() + "  min_version: TLS13\n")).url
    old = authority.client_context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        fetch(url, context=old)
    assert fetch(url, context=authority.client_context()).status == 200


def test_the_named_cipher_suite_is_used(
    serve: Serve, tls_config: Path, write_config: WriteConfig, authority: Authority
) -> None:
    suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    chosen = f"max_version: TLS12\ncipher_suites: [{suite}]\n"
    url = serve(web_config_file=write_config(tls_config.read_text() + textwrap.indent(chosen, "  "))).url
    with call(url, context=authority.client_context()) as line:
        assert isinstance(line.sock, ssl.SSLSocket)
        assert line.sock.cipher() == ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256)


@pytest.fixture
def client_policy(tls_config: Path, write_config: WriteConfig, authority: Authority) -> WriteConfig:
    """Writes a configuration file with this policy on clients, its authority in `ca.crt`."""
    (tls_config.parent / "ca.crt").write_bytes(authority.pem)
    base = tls_config.read_text()
    return lambda policy: write_config(base + textwrap.indent(policy, "  "))


REQUIRE = "client_auth_type: RequireAndVerifyClientCert\nclient_ca_file: ca.crt\n"


def admits(url: str, context: ssl.SSLContext) -> bool:
    """Whether a page is served. In TLS 1.3 a client learns of its refusal only when it reads."""
    try:
        return fetch(url, context=context).status == 200
    except OSError:
        return False


def test_only_clients_with_a_certificate_of_the_authority_are_served(
    serve: Serve, client_policy: WriteConfig, authority: Authority, tmp_path: Path
) -> None:
    url = serve(web_config_file=client_policy(REQUIRE)).url
    stranger = Authority("Another Authority")
    authority.issue("known").write(tmp_path, "known")
    stranger.issue("known").write(tmp_path, "stranger")
    assert admits(url, authority.client_context(presenting=tmp_path / "known"))
    assert not admits(url, authority.client_context(presenting=tmp_path / "stranger"))
    assert not admits(url, authority.client_context())


def test_a_certificate_that_need_not_be_shown_is_verified_if_it_is(
    serve: Serve, client_policy: WriteConfig, authority: Authority, tmp_path: Path
) -> None:
    url = serve(
        web_config_file=client_policy(REQUIRE.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"))
    ).url
    Authority("Another Authority").issue("known").write(tmp_path, "stranger")
    assert admits(url, authority.client_context())
    assert not admits(url, authority.client_context(presenting=tmp_path / "stranger"))


def test_a_missing_certificate_is_reported_with_its_field(serve: Serve, tls_config: Path) -> None:
    (tls_config.parent / "server.crt").unlink()
    with pytest.raises(
        WebServerError, match=r"tls_server_config\.cert_file: .*server\.crt: cannot be read \(No such fi"
    ):
        serve(web_config_file=tls_config)


def test_a_key_of_another_certificate_is_reported(serve: Serve, tls_config: Path, authority: Authority) -> None:
    (tls_config.parent / "server.key").write_bytes(authority.issue("other").key)
    with pytest.raises(WebServerError, match="the key does not belong to the certificate"):
        serve(web_config_file=tls_config)


def test_an_encrypted_key_is_reported_and_no_pass_phrase_asked_for(
    serve: Serve, tls_config: Path, authority: Authority
) -> None:
    authority.issue("localhost", passphrase=b"secret").write(tls_config.parent, "server")
    with pytest.raises(WebServerError, match="the key is encrypted; give one without a pass phrase"):
        serve(web_config_file=tls_config)


@pytest.mark.parametrize("file", ["server.crt", "server.key"])
def test_a_file_that_is_no_certificate_is_reported(serve: Serve, tls_config: Path, file: str) -> None:
    (tls_config.parent / file).write_text("nothing of the kind")
    with pytest.raises(WebServerError, match="not a certificate chain and its key in PEM"):
        serve(web_config_file=tls_config)


def test_a_client_authority_that_is_no_certificate_is_reported(serve: Serve, client_policy: WriteConfig) -> None:
    file = client_policy(REQUIRE)
    (file.parent / "ca.crt").write_text("nothing of the kind")
    with pytest.raises(WebServerError, match=r"tls_server_config\.client_ca_file: .*ca\.crt: not certificates in PEM"):
        serve(web_config_file=file)


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "has ended, at 20"), (6.9, "ends within 7 days, at 20"), (7.1, None), (365 * 40, None)]
)
def test_a_certificate_near_its_end_is_a_warning(
    serve: Serve,
    tls_config: Path,
    authority: Authority,
    caplog: pytest.LogCaptureFixture,
    days: float,
    state: str | None,
) -> None:
    authority.issue("localhost", days=days).write(tls_config.parent, "server")
    serve(web_config_file=tls_config)
    expected = [] if state is None else [f"server.crt: the certificate {state}"]
    logged = [record.getMessage() for record in caplog.records]
    for found in (Security(tls_config).warnings(), logged):
        assert len(found) == len(expected)
        assert all(text in message for text, message in zip(expected, found, strict=True))


def test_a_running_server_warns_again_as_its_certificate_nears_its_end(
    serve: Serve, tls_config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    days = [0.0]
    clock = Clock(wall=lambda: time.time() + 86_400 * days[0], elapsed=lambda: 86_400 * days[0])
    server = serve(web_config_file=tls_config, clock=clock)
    for day in range(20, 26):
        days[0] = day
        server.security.tls()
    assert [record.getMessage().partition("certificate ")[2][:20] for record in caplog.records] == [
        "ends within 7 days, "
    ] * 3
