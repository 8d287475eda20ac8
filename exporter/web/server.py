"""The web server: the standard library's, one thread a connection, held to limits from one place.

Each connection has a thread that blocks in its socket, TLS handshake included, and the accepting thread shuts down what
takes too long. That holds up under clients that idle, dawdle, stall a handshake or never read.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import logging
import resource
import select
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from http.server import ThreadingHTTPServer
from math import inf
from pathlib import Path
from socketserver import BaseServer

from exporter.clock import Clock
from exporter.web.connection import Connection
from exporter.web.http import Handler, Request, Response, plain
from exporter.web.listen import listen_on, url_of
from exporter.web.security import Security

log = logging.getLogger(__name__)

SECONDS: Mapping[str, float] = {"request": 10, "idle": 330, "answer": 60, "linger": 2, "close": 1}
"""How long a connection may stay in each phase, and how long `close` waits for answers under way.

The TLS handshake belongs to the first request. Prometheus drops idle connections after 300 s: so none is lost midway.
After the last answer a client may go on sending for a while, so that it reads the answer before the end.
"""


class WebServer(ThreadingHTTPServer):
    """Serves an app on one or more addresses, from `start` to `close`. What the library calls a request: a connection.

    `listen_addresses` are as Prometheus writes them (`:10147`, `127.0.0.1:0`, `[::1]:9000`); `web_config_file` is in
    the exporter-toolkit's format; `room` is for how many connections (a quarter of the open-file limit if that is
    less). Raises WebServerError if the file or an address cannot be used; then nothing is left open.
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
        self._app, self._seconds, self.clock, self.closing = app, seconds, clock.elapsed, False
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._room = room if files == resource.RLIM_INFINITY else min(room, max(4, files // 4))
        self._logged_at: dict[str, float] = {}
        self._changed = threading.Condition()
        self.connections: set[Connection] = set()
        """All that are open: as many as there is room for, and as many again whose threads are ending."""
        self._accepting = threading.Thread(target=self._accept, name="web-accept", daemon=True)
        self.security = Security(web_config_file, clock=clock)
        with contextlib.ExitStack() as opened:
            self._listening = [opened.enter_context(listen_on(address)) for address in listen_addresses]
            self._opened = opened.pop_all()
        scheme = "http" if self.security.tls() is None else "https"
        self.urls = [url_of(sock, scheme=scheme) for sock in self._listening]
        """Where the addresses are reached, in their order: real ports, no slash at the end."""
        self.url = next(iter(self.urls), "")

    def start(self) -> None:
        """Begins to serve."""
        self._accepting.start()

    def close(self) -> None:
        """Frees the ports and ends every connection; answers under way get a second. Calling it again does nothing."""
        if self.closing:
            return
        self.closing = True
        for sock in self._listening:
            sock.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
        if self._accepting.ident is not None:
            self._accepting.join()
        self._opened.close()
        with self._changed:
            for spared in (("answer", "linger"), ()):
                for connection in self.connections:
                    if connection.phase not in spared:
                        connection.end()
                self._changed.wait_for(lambda: not self.connections, timeout=self._seconds["close"])

    def page(self, request: Request) -> Response:
        """What the app answers; when it fails, a 500 that does not say why."""
        try:
            return self._app(request)
        except Exception:  # noqa: BLE001 - whatever goes wrong in a page, the connection goes on
            self._log_error("a request could not be answered")
            return plain(500)

    def _accept(self) -> None:
        """Serves until the server closes; a lack of memory ends no more than what it hits."""
        while not self.closing:
            with contextlib.suppress(MemoryError):
                ready, _, _ = select.select(self._listening, (), (), 0.5)
                for self.socket in ready:  # where the library accepts
                    self.handle_request()
                self.service_actions()

    def service_actions(self) -> None:
        """Ends every connection that has been in its phase for longer than its limit."""
        with self._changed:
            now = self.clock()
            for connection in self.connections:
                if now - connection.since > self._seconds[connection.phase]:
                    connection.end()

    def get_request(self) -> tuple[Connection, str]:  # type: ignore[override]
        try:
            sock, address = self.socket.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                self.handle_error(None, None)
            raise
        connection = self.add(sock, address[0])
        return connection, connection.client

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

    def process_request(self, request: Connection, client_address: str) -> None:  # type: ignore[override]
        # Not threading.Thread: where memory has run out its start may never return, and nobody be served again.
        _thread.start_new_thread(self.process_request_thread, (request, client_address))  # type: ignore[arg-type]

    def finish_request(self, request: Connection, client_address: str) -> None:  # type: ignore[override]
        request.serve()

    def shutdown_request(self, request: Connection) -> None:  # type: ignore[override]
        with self._changed:
            request.sock.close()
            self.connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs what is no client's doing: one that goes away or breaks the protocol is no error of ours."""
        if threading.current_thread() is self._accepting:  # files, threads or memory have run out
            self._evict()
            time.sleep(0.05)
            self._log_error("cannot take a connection in; one that waits is closed")
        elif not isinstance(sys.exc_info()[1], OSError):
            self._log_error("a request could not be answered")

    def _log_error(self, message: str) -> None:
        """Logs the exception that is being handled; the same message once a minute: clients cannot fill the log."""
        now = self.clock()
        if now - self._logged_at.get(message, -inf) >= 60:
            self._logged_at[message] = now
            log.exception(message)
