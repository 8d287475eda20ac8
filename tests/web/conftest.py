"""A server on loopback, certificates made for the test, and web configuration files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from exporter.clock import Clock
from exporter.files import write_atomically
from exporter.web.http import Handler, Request, Response, plain
from exporter.web.server import SECONDS, WebServer
from tests.rig.certificates import Authority

Serve = Callable[..., WebServer]
WriteConfig = Callable[[str], Path]


def echo(request: Request) -> Response:
    """An app that says what it was asked."""
    if request.path != "/":
        return plain(404)
    if request.method not in ("GET", "HEAD", "POST"):
        return plain(405, ("Allow", "GET, HEAD, POST"))
    said = f"{request.method} {request.query}".encode()
    return Response(headers=(("Content-Type", "text/plain; charset=utf-8"),), body=(said, b"\n"))


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server, which ends with the test."""
    servers: list[WebServer] = []

    def start(
        app: Handler = echo,
        *,
        listen: tuple[str, ...] = ("127.0.0.1:0",),
        web_config_file: Path | None = None,
        room: int = 200,
        seconds: Mapping[str, float] = SECONDS,
        clock: Clock | None = None,
    ) -> WebServer:
        server = WebServer(
            app,
            listen_addresses=listen,
            web_config_file=web_config_file,
            room=room,
            seconds={**SECONDS, **seconds},
            clock=clock or Clock(),
        )
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def write_config(tmp_path: Path) -> WriteConfig:
    """Writes a web configuration file; a second call replaces it whole, as the server may look at any moment."""
    file = tmp_path / "web.yml"

    def write(text: str) -> Path:
        write_atomically(file, text.encode())
        return file

    return write


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority("Test Authority")


@pytest.fixture
def tls_config(authority: Authority, tmp_path: Path, write_config: WriteConfig) -> Path:
    """A web configuration file with TLS, its certificate for `localhost` beside it."""
    authority.issue("localhost").write(tmp_path, "server")
    return write_config("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n")
