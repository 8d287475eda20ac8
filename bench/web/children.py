"""Servers in processes of their own, so that their processor time, memory and open files are not the client's.

`python -m bench.web.children KIND ...` is such a process; it prints its URL and serves until its stdin ends.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import start_http_server

from bench.web.pages import registry_of
from exporter.clock import Clock
from exporter.metrics.telemetry import Telemetry
from exporter.poll.snapshot import SnapshotStore
from exporter.web.http import Handler, Response, application
from exporter.web.metrics_page import MetricsPage
from exporter.web.server import WebServer
from tests.rig.process import free_port

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
OPEN_FILES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A server under test: where it listens and which process serves."""

    url: str
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        parts = urllib.parse.urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    @property
    def tls(self) -> bool:
        return self.url.startswith("https:")

    def connect(self, *, handshake: bool = True, timeout: float = 10.0) -> socket.socket:
        """A new connection; with TLS, after its handshake unless that is not wanted."""
        sock = socket.create_connection(self.address, timeout=timeout)
        if not (self.tls and handshake):
            return sock
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(sock)

    def cpu_seconds(self) -> float:
        """Processor time that the process has used, in user and kernel mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 2**20


@contextlib.contextmanager
def python_child(*arguments: str, module: str = "bench.web.children") -> Iterator[Child]:
    """A Python server; `arguments` are those of `main` below."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("the server did not start; see above")
            yield Child(url=url, pid=process.pid)
        finally:
            process.kill()


@contextlib.contextmanager
def nginx_child(page: Path, directory: Path) -> Iterator[Child | None]:
    """nginx with one worker, serving the page as a static file; None where nginx is not installed."""
    executable, port = shutil.which("nginx"), free_port()
    configuration = directory / "nginx.conf"
    encoding = " add_header Content-Encoding gzip;" if page.suffix == ".gz" else ""
    configuration.write_text(
        f"daemon off; master_process off; pid {directory}/nginx.pid; error_log {directory}/error.log;\n"
        "events { worker_connections 512; }\n"
        "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000;\n"
        + "".join(
            f"  {kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f'  server {{ listen 127.0.0.1:{port}; location = /metrics {{ alias {page}; default_type "{CONTENT_TYPE}";'
        f"{encoding} }} }} }}\n",
        encoding="utf-8",
    )
    with _program(executable, port, "-p", str(directory), "-c", str(configuration)) as child:
        yield child


@contextlib.contextmanager
def node_exporter_child() -> Iterator[Child | None]:
    """node_exporter without collectors: Go's HTTP server; None where it is not installed."""
    executable, port = shutil.which("prometheus-node-exporter"), free_port()
    flags = ("--collector.disable-defaults", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error")
    with _program(executable, port, *flags) as child:
        yield child


@contextlib.contextmanager
def _program(executable: str | None, port: int, *arguments: str) -> Iterator[Child | None]:
    if executable is None:
        yield None
        return
    with subprocess.Popen([executable, *arguments], stderr=subprocess.DEVNULL) as process:
        try:
            child = Child(url=f"http://127.0.0.1:{port}", pid=process.pid)
            _wait_for(child)
            yield child
        finally:
            process.kill()


def _wait_for(child: Child) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            child.connect().close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def install() -> None:
    """nginx and node_exporter from Debian, as root where there is apt; elsewhere their columns are left out."""
    packages = {"nginx": "nginx-light", "prometheus-node-exporter": "prometheus-node-exporter"}
    missing = [package for name, package in packages.items() if shutil.which(name) is None]
    if not missing or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", "--quiet", *command], check=False, env=environment, stdout=subprocess.DEVNULL)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.web.children")
    parser.add_argument("kind", choices=("own", "exporter", "prometheus_client"))
    parser.add_argument("--page", type=Path, help="own: the gzipped page to serve")
    parser.add_argument("--web-config", type=Path, help="own: a web configuration file")
    parser.add_argument("--series", type=int, default=0, help="exporter, prometheus_client: how many to render")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    if options.kind == "own":
        headers = (("Content-Type", CONTENT_TYPE), ("Content-Encoding", "gzip"))
        response = Response(headers=headers, body=options.page.read_bytes())
        _serve_own(lambda _: response, options.web_config)
    elif options.kind == "exporter":
        _serve_own(_metrics_page(options.series), None)
    else:
        _serve_prometheus_client(options.series)
    return 0


def _metrics_page(series: int) -> MetricsPage:
    """What the daemon serves: kept bytes of so many series, and the exporter's own metrics."""
    clock = Clock()
    return MetricsPage(
        store=SnapshotStore(), polls=registry_of(series), process=Telemetry().process, elapsed=clock.elapsed
    )


def _serve_own(handler: Handler, web_config: Path | None) -> None:
    app = application({"/metrics": handler})
    server = WebServer(app, listen_addresses=["127.0.0.1:0"], web_config_file=web_config)
    print(server.url, flush=True)
    sys.stdin.read()
    server.close()


def _serve_prometheus_client(series: int) -> None:
    server, _ = start_http_server(0, "127.0.0.1", registry_of(series))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    raise SystemExit(main())
