"""The web server: the standard library's, one thread a connection, held to limits from one place.

Each connection has a thread that blocks in its socket, TLS handshake included, and the accepting thread shuts down what
takes too long. That holds up under clients that idle, dawdle, stall a handshake or never read.
"""

from __future__ import annotations

import _thread
import contextlib
import logging
import resource
import selectors
import socket
import socketserver
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

from exporter.clock import Clock
from exporter.web.connection import Connection
from exporter.web.http import Handler, Request, Response, WebServerError, plain
from exporter.web.listen import listen_on, url_of
from exporter.web.security import Security

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_LOG_AGAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many connections at a time (a quarter of the open-file limit if that is less), and seconds for each phase.

    The TLS handshake belongs to the first request. Prometheus drops idle connections after 300 s: so none is lost
    midway. After the last answer a client may go on sending for a while, so that it reads the answer before the end.
    `close` waits `closing_seconds` for answers under way.
    """

    connections: int = 200
    request_seconds: float = 10.0
    idle_seconds: float = 330.0
    answer_seconds: float = 60.0
    linger_seconds: float = 2.0
    closing_seconds: float = 1.0


class WebServer(ThreadingHTTPServer):
    """Serves an app on one or more addresses, from `start` to `close`. What the library calls a request: a connection.

    `listen_addresses` are as Prometheus writes them (`:10147`, `127.0.0.1:0`, `[::1]:9000`); `web_config_file` is in
    the exporter-toolkit's format. Raises WebServerError if that file cannot be used.
    """

    def __init__(
        self,
        app: Handler,
        *,
        listen_addresses: Sequence[str],
        web_config_file: Path | None = None,
        limits: Limits = Limits(),
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        # Not TCPServer's, which would make a socket of its own.
        socketserver.BaseServer.__init__(self, ("", 0), Connection)
        self._app, self._limits, self.clock = app, limits, clock.elapsed
        self._listen_addresses = tuple(listen_addresses)
        self._listening: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, name="web-accept", daemon=True)
        self._logged_at: dict[str, float] = {}
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        room = limits.connections if files == resource.RLIM_INFINITY else min(limits.connections, files // 4)
        self._room = max(4, room)
        self._changed = threading.Condition()
        self.closing = False
        self.connections: set[Connection] = set()
        """All that are open: at most `limits.connections` that stay, and as many again whose threads are ending."""
        self.security = Security(web_config_file, clock=clock)
        self.url, self.urls = "", tuple[str, ...]()
        """Where the first address is reached, and all in their order: real ports, no slash at the end."""

    def start(self) -> None:
        """Begins to serve. If it cannot, raises WebServerError and leaves nothing open."""
        if not self._listen_addresses:
            raise WebServerError("--web.listen-address: none given; name one, such as :10147")
        try:
            for address in self._listen_addresses:
                self._listening.append(listen_on(address))
            scheme = "http" if self.security.tls() is None else "https"
            self.url, *_ = self.urls = tuple(url_of(sock, scheme=scheme) for sock in self._listening)
            self._accepting.start()
        except RuntimeError as error:
            raise WebServerError(f"the web server cannot start: {error}; raise the limit on threads") from None
        finally:
            if self._accepting.ident is None:
                self.close()

    def reload(self) -> None:
        """Reads the web configuration now. Raises WebServerError, and keeps the old one, if it is bad."""
        self.security.reload()

    def close(self) -> None:
        """Frees the ports and ends every connection; answers under way get a second. Calling it again does nothing."""
        self.closing = True
        for sock in self._listening:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # wakes the thread
        if self._accepting.ident is not None:
            self._accepting.join()
        for sock in self._listening:
            sock.close()
        with self._changed:
            for spared in (("answer", "linger"), ()):
                for connection in self.connections:
                    if connection.phase not in spared:
                        connection.end()
                self._changed.wait_for(lambda: not self.connections, timeout=self._limits.closing_seconds)

    def page(self, request: Request) -> Response:
        """What the app answers. Never raises: a failing app is a 500 that does not say why."""
        try:
            return self._app(request)
        except Exception:  # noqa: BLE001 - whatever goes wrong in a handler, the server goes on
            self._log_error("a page could not be made")
            return plain(500)

    def add(self, sock: socket.socket, host: str) -> Connection:
        """Takes in a connection from an IP address; with no room left, another one is ended for it."""
        with self._changed:
            if sum(not connection.ended for connection in self.connections) >= self._room:
                self._evict()
            self._changed.wait_for(lambda: len(self.connections) < 2 * self._room or self.closing, timeout=1.0)
            connection = Connection(sock, host, self)
            self.connections.add(connection)
        return connection

    def _evict(self) -> None:
        """Ends the oldest connection of the largest group, those of one client in one phase: a flood evicts itself."""
        with self._changed:
            staying = [connection for connection in self.connections if not connection.ended]
            sizes = Counter((one.client, one.phase) for one in staying)
            if staying:
                min(staying, key=lambda one: (-sizes[one.client, one.phase], one.since)).end()

    def service_actions(self) -> None:
        """Ends every connection that has been in its phase for longer than its limit."""
        with self._changed:
            now = self.clock()
            for connection in self.connections:
                if now - connection.since > getattr(self._limits, f"{connection.phase}_seconds"):
                    connection.end()

    def _accept(self) -> None:
        """Serves until the server closes; a lack of memory ends no more than what it hits."""
        selector = selectors.PollSelector()
        for sock in self._listening:
            sock.settimeout(_LOOK_SECONDS)
            selector.register(sock, selectors.EVENT_READ)
        while not self.closing:
            with contextlib.suppress(MemoryError):
                for key, _ in selector.select(_LOOK_SECONDS):
                    self.socket = key.fileobj  # type: ignore[assignment]
                    self.handle_request()
                self.service_actions()

    def get_request(self) -> tuple[Connection, str]:  # type: ignore[override]
        try:
            sock, address = self.socket.accept()
        except OSError as error:
            if not isinstance(error, TimeoutError):  # then it is gone already
                self._make_room()
            raise
        connection = self.add(sock, address[0])
        return connection, connection.client

    def process_request(self, request: Connection, client_address: str) -> None:  # type: ignore[override]
        # Not threading.Thread: where memory has run out its start may never return, and nobody be served again.
        try:
            _thread.start_new_thread(self.process_request_thread, (request, client_address))  # type: ignore[arg-type]
        except RuntimeError:
            self._make_room()
            raise

    def _make_room(self) -> None:
        """Ends a connection, for when the process or the machine has run out of files or threads."""
        if not self.closing:
            self._log_error("cannot take a connection in; one that waits is closed")
            self._evict()
            time.sleep(0.05)

    def finish_request(self, request: Connection, client_address: str) -> None:  # type: ignore[override]
        request.serve()

    def shutdown_request(self, request: Connection) -> None:  # type: ignore[override]
        with self._changed:
            request.sock.close()
            self.connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs what is no client's doing; one that goes away or breaks the protocol is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            self._log_error("a connection failed")

    def _log_error(self, message: str) -> None:
        """Logs the exception that is being handled; the same message once a minute, so that clients cannot fill the log."""
        now = self.clock()
        if now - self._logged_at.get(message, -_LOG_AGAIN_SECONDS) >= _LOG_AGAIN_SECONDS:
            self._logged_at[message] = now
            log.exception(message)
