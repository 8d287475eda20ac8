"""The HTTP front door over a real socket: an answer or the end of the connection, and nobody else is held up."""

from __future__ import annotations

import logging
import re
import socket
from functools import partial
from pathlib import Path

from exporter.web import WebServer
from tests.fuzz.pages import pages
from tests.fuzz.requests import REQUESTS, WORDS
from tests.fuzz.target import Target
from tests.rig.waiting import PATIENCE

_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")


def target(_: Path) -> Target:
    """The target: all that a client sends on one connection to a server that runs as long as the fuzzer."""
    log = logging.getLogger("tests.fuzz.http_socket")
    log.propagate = False
    logged: list[logging.LogRecord] = []
    log.handlers = [_Keep(logged)]
    server = WebServer(pages(), listen_addresses=("127.0.0.1:0",), log=log)
    server.start()
    return Target(
        holds="answers or an end within seconds, no status of 500, nothing in the log, the next client is served",
        check=partial(_check, server, logged),
        seeds=REQUESTS,
        words=WORDS,
        close=server.close,
    )


class _Keep(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


def _check(server: WebServer, logged: list[logging.LogRecord], data: bytes) -> None:
    answer = _talk(server, data)
    if answer:
        status = _STATUS.match(answer)
        assert status is not None, "what came back is no answer"
        assert int(status[1]) != 500
    assert b" 200 " in _talk(server, b"GET /-/healthy HTTP/1.0\r\n\r\n")[:20], "the next client is not served"
    assert not logged, logged[0].getMessage()


def _talk(server: WebServer, data: bytes) -> bytes:
    """All that comes back for ``data``, after which no more is sent."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        came = b""
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while part := sock.recv(65536):
                came += part
        except (ConnectionResetError, BrokenPipeError):
            pass
        return came
