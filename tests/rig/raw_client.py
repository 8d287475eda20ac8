"""The client side of a hostile socket: bytes out, answers in."""

from __future__ import annotations

import contextlib
import socket
import ssl
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from tests.rig.waiting import PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """An open connection; use it in a `with` statement."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._file: BinaryIO = sock.makefile("rb")

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.sock.close()

    def send(self, data: bytes) -> Line:
        self.sock.sendall(data)
        return self

    def answer(self, *, to_head: bool = False) -> Answer:
        """The next answer. Raises ConnectionError at the end of the stream."""
        first = self._file.readline()
        if not first:
            raise ConnectionError("no answer")
        version, status, _ = first.decode("latin-1").split(" ", 2)
        assert version == "HTTP/1.1"
        headers: dict[str, str] = {}
        while (line := self._file.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        length = 0 if to_head else int(headers.get("content-length", "0"))
        return Answer(status=int(status), headers=headers, body=self._file.read(length))

    def is_at_its_end(self) -> bool:
        """Whether the server closes now, rather than wait for more. Waits for it."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True


def call(url: str, *, context: ssl.SSLContext | None = None, source: str = "") -> Line:
    """A connection to the server at `url`, from an address; with a context, after the TLS handshake."""
    parts = urllib.parse.urlsplit(url)
    address = (str(parts.hostname), int(parts.port or 0))
    sock = socket.create_connection(address, timeout=PATIENCE, source_address=(source, 0) if source else None)
    return Line(sock if context is None else context.wrap_socket(sock, server_hostname="localhost"))


def get(path: str = "/", *fields: str, method: str = "GET") -> bytes:
    """A well-formed request as bytes."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode("latin-1")


def fetch(
    url: str, path: str = "/", *fields: str, method: str = "GET", context: ssl.SSLContext | None = None
) -> Answer:
    """One request on a connection of its own."""
    with call(url, context=context) as line:
        return line.send(get(path, *fields, method=method)).answer()


@contextlib.contextmanager
def many(count: int, make: Callable[[], Line]) -> Iterator[list[Line]]:
    """That many connections, held open together. One that the server ends while it is made does not count."""
    with contextlib.ExitStack() as stack:
        lines = []
        for _ in range(count):
            with contextlib.suppress(OSError):
                lines.append(stack.enter_context(make()))
        yield lines
