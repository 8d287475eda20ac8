"""The server side of a hostile socket: does to each connection what a script says, byte by byte."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from threading import Event, Lock, Thread


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket, *, number: int, server: HostileServer) -> None:
        self.sock = sock
        self.number = number
        self._server = server
        self._received = b""

    def request(self) -> str:
        """The head of the next request, kept for the test to look at; empty when the client has gone."""
        while b"\r\n\r\n" not in self._received:
            data = self.sock.recv(65536)
            if not data:
                return ""
            self._received += data
        head, end, self._received = self._received.partition(b"\r\n\r\n")
        text = (head + end).decode("latin-1")
        self._server.heads.append(text)
        self._server.connections.append(self.number)
        return text

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send it a byte at a time, each well within any timeout of a single read."""
        for position in range(len(data)):
            self.send(data[position : position + 1])
            if self._server.closing.wait(0.02):
                return

    def hang(self) -> None:
        """Say nothing until the client or the test has gone."""
        while not self._server.closing.is_set() and self.sock.recv(65536):
            pass

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def encrypt(self, context: ssl.SSLContext) -> None:
        self.sock = context.wrap_socket(self.sock, server_side=True)


Script = Callable[[Peer], None]
"""What the server does with one connection; the connection is closed when it returns."""


class HostileServer:
    """Runs a script for each connection, in a thread of its own. ``port`` 0 is one that is free."""

    def __init__(self, script: Script, *, port: int = 0) -> None:
        self.closing = Event()
        self.heads: list[str] = []
        self.connections: list[int] = []
        self._script = script
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[Thread] = []
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listening.getsockname()[1]
        self._acceptor = Thread(target=self._accept)
        self._acceptor.start()

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """End the server with all its connections. Nothing if that was done before."""
        if self.closing.is_set():
            return
        self.closing.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listening.close()
        with self._lock:
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        for number in count(1):
            try:
                sock, _ = self._listening.accept()
            except OSError:
                if self.closing.is_set():
                    return
                # a client may leave before it is accepted
                continue
            # The raw connection is shut down from outside by this duplicate, also while TLS is spoken on it. It is
            # known before its thread runs: closing ends all that were accepted.
            handle = sock.dup()
            with self._lock:
                self._open.add(handle)
            thread = Thread(target=self._serve, args=(sock, handle, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, handle: socket.socket, number: int) -> None:
        peer = Peer(sock, number=number, server=self)
        try:
            # The client ends connections as it likes; what that does to the server is not what is tested.
            with suppress(OSError):
                self._script(peer)
        finally:
            peer.sock.close()
            with self._lock:
                self._open.remove(handle)
            handle.close()


def serving(script: Script) -> closing[HostileServer]:
    """A server that runs this script for each connection, until the end of the block."""
    return closing(HostileServer(script))


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer of HTTP/1.1, with its length; ``headers`` are lines that end in CRLF."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode("latin-1") + body


def always(data: bytes) -> Script:
    """Gives this answer to each request of a connection that is kept open."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(data)

    return script


def in_turn(*scripts: Script) -> Script:
    """One script for each connection, the last one for all that follow."""

    def script(peer: Peer) -> None:
        scripts[min(peer.number, len(scripts)) - 1](peer)

    return script


def after_request(act: Script) -> Script:
    """Reads the request, then does this."""

    def script(peer: Peer) -> None:
        if peer.request():
            act(peer)

    return script


def says(data: bytes) -> Script:
    """Reads the request, sends this, and closes."""
    return after_request(lambda peer: peer.send(data))


def drips(prefix: bytes, rest: bytes) -> Script:
    """Reads the request, sends the first part at once and the rest a byte at a time."""

    def act(peer: Peer) -> None:
        peer.send(prefix)
        peer.drip(rest)

    return after_request(act)


def over_tls(context: ssl.SSLContext, script: Script) -> Script:
    """The same, inside TLS."""

    def encrypted(peer: Peer) -> None:
        peer.encrypt(context)
        script(peer)

    return encrypted
