"""A web configuration, or a certificate, that changes while the server runs."""

from __future__ import annotations

import logging
import ssl
import time
from pathlib import Path

import bcrypt
import pytest

from exporter.clock import Clock
from exporter.files import write_atomically
from exporter.web.http import WebServerError
from exporter.web.server import WebServer
from tests.rig.certificates import Authority
from tests.rig.raw_client import call, fetch, get
from tests.rig.waiting import wait_for

from .conftest import Serve, WriteConfig

# Looks for changes ten times as often.
HASTY = Clock(elapsed=lambda: 10 * time.monotonic())
HEADERS = "http_server_config:\n  headers:\n    X-Frame-Options: {}\n"


def frame_options(server: WebServer) -> str | None:
    return fetch(server.url).headers.get("x-frame-options")


def serial_number(server: WebServer, authority: Authority) -> object:
    with call(server.url, context=authority.client_context()) as line:
        assert isinstance(line.sock, ssl.SSLSocket)
        return (line.sock.getpeercert() or {})["serialNumber"]


def test_a_changed_file_holds_from_the_next_requests_on(serve: Serve, write_config: WriteConfig) -> None:
    server = serve(clock=HASTY, web_config_file=write_config(HEADERS.format("deny")))
    assert frame_options(server) == "deny"
    write_config(HEADERS.format("sameorigin"))
    wait_for(lambda: frame_options(server) == "sameorigin")


def test_a_bad_change_is_logged_once_and_the_old_configuration_stays(
    serve: Serve, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(clock=HASTY, web_config_file=write_config(HEADERS.format("deny")))
    with caplog.at_level(logging.ERROR):
        write_config(HEADERS.format("maybe"))
        wait_for(lambda: frame_options(server) is not None and bool(caplog.records))
        write_config(HEADERS.format("perhaps"))
        wait_for(lambda: frame_options(server) is not None and len(caplog.records) == 2)
    assert frame_options(server) == "deny"
    for record in caplog.records:
        message = record.getMessage()
        assert message.startswith("web configuration not taken over, the old one stays: ")
        assert message.endswith("headers.X-Frame-Options: unknown value; known here: deny, sameorigin")


@pytest.mark.parametrize("text", ['"\\UFFFFFFFF": 1\n', "- " * 3000])
def test_a_change_that_the_yaml_library_stumbles_over_holds_up_no_request(
    text: str, serve: Serve, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(clock=HASTY, web_config_file=write_config(HEADERS.format("deny")))
    write_config(text)
    wait_for(lambda: frame_options(server) == "deny" and "not taken over" in caplog.text)
    assert frame_options(server) == "deny"
    assert "could not be answered" not in caplog.text


def test_reload_takes_a_change_over_at_once_and_reports_a_bad_one(serve: Serve, write_config: WriteConfig) -> None:
    server = serve(clock=HASTY, web_config_file=write_config(HEADERS.format("deny")))
    write_config(HEADERS.format("sameorigin"))
    server.security.reload()
    assert frame_options(server) == "sameorigin"
    write_config("nonsense: 1\n")
    with pytest.raises(WebServerError, match="nonsense: unknown key"):
        server.security.reload()
    assert frame_options(server) == "sameorigin"


def test_a_new_certificate_is_used_without_a_restart(serve: Serve, tls_config: Path, authority: Authority) -> None:
    server = serve(clock=HASTY, web_config_file=tls_config)
    old = serial_number(server, authority)
    authority.issue("localhost").write(tls_config.parent, "server")
    wait_for(lambda: serial_number(server, authority) != old)


def test_a_certificate_whose_key_comes_later_is_taken_with_it(
    serve: Serve, tls_config: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(clock=HASTY, web_config_file=tls_config)
    old = serial_number(server, authority)
    new = authority.issue("localhost")
    with caplog.at_level(logging.ERROR):
        write_atomically(tls_config.parent / "server.crt", new.certificate)
        wait_for(lambda: serial_number(server, authority) == old and bool(caplog.records))
    write_atomically(tls_config.parent / "server.key", new.key)
    wait_for(lambda: serial_number(server, authority) != old)
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == [
        "the key does not belong to the certificate"
    ]


def test_a_kept_connection_ends_with_its_next_answer_when_the_certificate_changes(
    serve: Serve, tls_config: Path, authority: Authority
) -> None:
    server = serve(clock=HASTY, web_config_file=tls_config)
    with call(server.url, context=authority.client_context()) as line:
        assert "connection" not in line.send(get()).answer().headers
        authority.issue("localhost").write(tls_config.parent, "server")
        server.security.reload()
        assert line.send(get()).answer().headers["connection"] == "close"
        assert line.is_at_its_end()


def test_a_password_asked_for_from_now_on_holds_for_kept_connections(serve: Serve, write_config: WriteConfig) -> None:
    server = serve(clock=HASTY, web_config_file=write_config(""))
    with call(server.url) as line:
        assert line.send(get()).answer().status == 200
        write_config(f"basic_auth_users:\n  alice: {bcrypt.hashpw(b'secret', bcrypt.gensalt(4)).decode()}\n")
        server.security.reload()
        assert line.send(get()).answer().status == 401


def test_a_deleted_file_leaves_the_configuration_as_it_was(
    serve: Serve, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    file = write_config(HEADERS.format("deny"))
    server = serve(clock=HASTY, web_config_file=file)
    with caplog.at_level(logging.ERROR):
        file.unlink()
        wait_for(lambda: frame_options(server) == "deny" and bool(caplog.records))
    assert frame_options(server) == "deny"


def test_a_file_in_the_middle_of_its_rewriting_opens_nothing(serve: Serve, tls_config: Path) -> None:
    password = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    (tls_config.parent / "ca.crt").write_bytes(Authority("Clients").pem)
    whole = (
        tls_config.read_text()
        + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
        + f"basic_auth_users:\n  alice: {password}\n"
    )
    tls_config.write_text(whole)
    server = serve(web_config_file=tls_config)
    for length in range(len(whole) - 1):
        tls_config.write_text(whole[:length])
        with pytest.raises(WebServerError):
            server.security.reload()
    tls_config.write_text(whole)
    server.security.reload()


def test_a_password_that_came_by_an_edit_does_not_go_by_one(
    serve: Serve, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(clock=HASTY, web_config_file=write_config(""))
    write_config(f"basic_auth_users:\n  alice: {bcrypt.hashpw(b'secret', bcrypt.gensalt(4)).decode()}\n")
    server.security.reload()
    write_config(HEADERS.format("deny"))
    wait_for(lambda: fetch(server.url).status == 401 and "basic_auth_users is gone" in caplog.text)
    assert fetch(server.url).status == 401


def test_scrapes_go_on_while_certificates_are_replaced(serve: Serve, tls_config: Path, authority: Authority) -> None:
    server = serve(web_config_file=tls_config)
    context = authority.client_context()
    line = call(server.url, context=context)
    for number in range(30):
        if number % 3 == 0:
            authority.issue("localhost").write(tls_config.parent, "server")
            server.security.reload()
        answer = line.send(get(f"/?{number}")).answer()
        assert answer.body == f"GET {number}\n".encode()
        if answer.headers.get("connection") == "close":
            line.__exit__()
            line = call(server.url, context=context)
    line.__exit__()


def test_a_bad_change_beside_certificates_is_logged_once(
    serve: Serve, tls_config: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    server = serve(clock=Clock(elapsed=lambda: now[0]), web_config_file=tls_config)
    authority.issue("localhost").write(tls_config.parent, "server")
    tls_config.write_text("nonsense: 1\n")
    for now[0] in range(1, 20):
        server.security.tls()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
