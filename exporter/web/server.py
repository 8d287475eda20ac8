"""The web server: the standard library's, one thread a connection, held to limits from one place.

Each connection has a thread that blocks in its socket, TLS handshake included, and the accepting thread shuts down what
takes too long. That holds up under clients that idle, dawdle, stall a handshake or never read.
"""

from __future__ import annotations

import _thread
import contextlib
import logging
import re
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer

from exporter.clock import Clock
from exporter.web.connection import Connection
from exporter.web.http import Handler, OncePerMinute, WebServerError
from exporter.web.security import Security

log = logging.getLogger(__name__)

SECONDS: Mapping[str, float] = {"request": 10, "idle": 330, "answer": 60, "close": 1}
"""How long a connection may stay in each phase, and how long `close` waits for answers under way.

The TLS handshake belongs to the first request, and reading an answer to the answer. Prometheus drops idle connections
after 300 s: so none is lost midway.
"""
_ADDRESS = re.compile(r"(?:\[([!-~]+)\]|([!-9;-~]*)):([0-9]{1,5})")


def parse_listen_address(text: str) -> tuple[str, int]:
    """Host (empty: every interface) and port (0: a free one) of `:10147`, `[::1]:9000`. Raises WebServerError."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3]) > 65535:
        why = "is not an address; write HOST:PORT, [IPV6]:PORT, or :PORT for every interface"
        raise WebServerError(f"--web.listen-address: {text!r} {why}")
    return match[1] or match[2], int(match[3])


def listen_on(text: str) -> socket.socket:
    """A socket that listens on an address. Raises WebServerError."""
    host, port = parse_listen_address(text)
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024, dualstack_ipv6=both)
    except OSError as error:
        problem = f"{error.strerror}; choose another address or port"
        raise WebServerError(f"--web.listen-address: {text!r}: {problem}") from None
    listening.settimeout(0.5)  # a connection that is gone before it is accepted keeps nobody waiting
    # Accepted sockets take these over. Without a bound, a client that does not read costs 4 MiB and more.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class WebServer(ThreadingHTTPServer):
    """Serves an app on one or more addresses until `close`. What the library calls a request is a connection.

    `listen_addresses` are as Prometheus writes them (`:10147`, `[::1]:0`), `web_config_file` is the exporter-toolkit's,
    `room` is for how many connections. Raises WebServerError if one of them cannot be used; then nothing is left open.
    """

    def __init__(
        self,
        app: Handler,
        *,
        listen_addresses: Sequence[str],
        web_config_file: Path | None = None,
        room: int = 200,
        seconds: Mapping[str, float] = SECONDS,
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        BaseServer.__init__(self, ("", 0), Connection)  # not TCPServer's, which would make a socket of its own
        self.app, self._room, self._seconds, self.clock, self.closing = app, room, seconds, clock.elapsed, False
        self._may_log = OncePerMinute(clock.elapsed)
        self._changed = threading.Condition()
        self.connections: set[Connection] = set()
        """All that are open: as many as there is room for, and as many again whose threads are ending."""
        self.security = Security(web_config_file, clock=clock)
        with contextlib.ExitStack() as opened:
            self._listening = [opened.enter_context(listen_on(address)) for address in listen_addresses]
            scheme = "http" if self.security.tls() is None else "https"
            host = re.sub(r"^(0\.0\.0\.0|\[::\])?:", "localhost:", listen_addresses[0]).rpartition(":")[0]
            self.url = f"{scheme}://{host}:{self._listening[0].getsockname()[1]}"
            """Where the first address is reached: its real port, no slash at the end."""
            self._accepting = threading.Thread(target=self._accept, name="web-accept", daemon=True)
            self._accepting.start()
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Frees the ports and ends every connection; answers under way get a second. Calling it again does nothing."""
        if self.closing:
            return
        self.closing = True
        for sock in self._listening:
            sock.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
        self._accepting.join()
        self._opened.close()
        with self._changed:
            for spared in (("answer",), ()):
                for connection in self.connections:
                    if connection.phase not in spared:
                        connection.end()
                self._changed.wait_for(lambda: not self.connections, timeout=self._seconds["close"])

    def _accept(self) -> None:
        """Takes connections in until the server closes; what goes wrong with one of them ends no other."""
        while not self.closing:
            try:
                ready, _, _ = select.select(self._listening, (), (), 0.5)
                for listening in ready:
                    self.process_request(*listening.accept())
                self.service_actions()
            except Exception:  # noqa: BLE001 - files, threads or memory have run out
                if not self.closing:
                    self.handle_error(None, None)

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Serves a connection in a thread of its own; with no room left, another one is ended for it."""
        with self._changed:
            self._make_room(self._room)
            self._changed.wait_for(lambda: len(self.connections) < 2 * self._room, timeout=1.0)
            connection = Connection(request, client_address[0], self)
            self.connections.add(connection)
            try:
                # Not threading.Thread: where memory has run out its start may never return, and nobody be served again.
                _thread.start_new_thread(self.process_request_thread, (connection, client_address))  # type: ignore[arg-type]
            except Exception:
                self.shutdown_request(connection)
                raise

    def _make_room(self, room: int) -> None:
        """If so many are open, ends the oldest of the largest group, of one client and phase: a flood evicts itself."""
        with self._changed:
            staying = [connection for connection in self.connections if not connection.ended]
            if len(staying) >= room:
                sizes = Counter((one.client, one.phase) for one in staying)
                min(staying, key=lambda one: (-sizes[one.client, one.phase], one.since)).end()

    def service_actions(self) -> None:
        """Ends every connection that has been in its phase for longer than its limit."""
        with self._changed:
            now = self.clock()
            for connection in self.connections:
                limit = self._seconds[connection.phase]  # read first, as `enter` writes it last
                if now - connection.since > limit:
                    connection.end()

    def finish_request(self, request: Connection, client_address: object) -> None:  # type: ignore[override]
        with contextlib.suppress(OSError):  # a client that goes away or breaks the protocol is no error of ours
            request.serve()

    def shutdown_request(self, request: Connection) -> None:  # type: ignore[override]
        with self._changed:
            request.sock.close()
            self.connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs the exception that is being handled, at most once a minute."""
        with contextlib.suppress(Exception):  # where there is no memory, not even this is sure to work
            if threading.current_thread() is self._accepting:
                self._make_room(1)
                time.sleep(0.05)
            if self._may_log():
                log.exception("a connection could not be served")
