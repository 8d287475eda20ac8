"""Processor time of a scrape as the system counts it, asked as Prometheus asks: one connection, OpenMetrics, gzip."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from pathlib import Path

from bench.web.children import Child, nginx_child, python_child
from bench.web.pages import gzipped_page

SERIES = (50, 1_000, 10_000)
_REQUEST = (
    b"GET /metrics HTTP/1.1\r\nHost: bench\r\nUser-Agent: Prometheus/3.0.0\r\n"
    b"Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
    b"Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"
)
_MEASURED_CPU_SECONDS = 0.5
_MAX_SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Processor time of one scrape, in milliseconds: of kept bytes, and with the exporter's own metrics encoded.

    None where a server was not at hand.
    """

    series: int
    own: float
    exporter: float
    prometheus_client: float
    nginx: float | None


def measure(series: int, directory: Path) -> Cost:
    """One row of the table: the same page from each server, one after the other."""
    page = directory / f"page-{series}.gz"
    page.write_bytes(gzipped_page(series))
    with python_child("own", "--page", str(page)) as child:
        own = _milliseconds_per_scrape(child)
    with python_child("exporter", "--series", str(series)) as child:
        exporter = _milliseconds_per_scrape(child)
    with python_child("prometheus_client", "--series", str(series)) as child:
        theirs = _milliseconds_per_scrape(child)
    with nginx_child(page, directory) as nginx:
        static = None if nginx is None else _milliseconds_per_scrape(nginx)
    return Cost(series=series, own=own, exporter=exporter, prometheus_client=theirs, nginx=static)


def scrape(sock: socket.socket) -> int:
    """One scrape on an open connection; returns the length of the body. Raises OSError if it does not come whole."""
    sock.sendall(_REQUEST)
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(sock)
    head = bytes(received[:end]).decode("latin-1")
    if " 200 " not in head.splitlines()[0]:
        raise ConnectionError(head.splitlines()[0])
    lengths = [line.partition(":")[2] for line in head.splitlines() if line.lower().startswith("content-length:")]
    length = int(lengths[0]) if lengths else None
    body = len(received) - end - 4
    while length is not None and body < length:
        body += len(_some(sock))
    return body


def _some(sock: socket.socket) -> bytes:
    data = sock.recv(1 << 18)
    if not data:
        raise ConnectionError("the connection ended within a scrape")
    return data


def _milliseconds_per_scrape(child: Child) -> float:
    count = 0
    sock = child.connect()
    try:
        # prometheus_client speaks HTTP/1.0: one connection for each scrape.
        scrape(sock)
        started, used_before = time.monotonic(), child.cpu_seconds()
        while True:
            for _ in range(20):
                try:
                    scrape(sock)
                except OSError:
                    sock.close()
                    sock = child.connect()
                    scrape(sock)
            count += 20
            used = child.cpu_seconds() - used_before
            if used >= _MEASURED_CPU_SECONDS or time.monotonic() - started > _MAX_SECONDS:
                return used / count * 1000
    finally:
        sock.close()
