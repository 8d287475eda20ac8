"""The web server: the standard library's, one thread a connection, held to limits from one place.

Each connection has a thread that blocks in its socket, TLS handshake included, and the accepting thread shuts down what
takes too long. That holds up under clients that idle, dawdle, stall a handshake or never read.
"""

from __future__ import annotations

import _thread
import contextlib
import logging
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path

from exporter.clock import Clock
from exporter.web.connections import Connection, ConnectionTable, Limits
from exporter.web.handler import RequestHandler
from exporter.web.http import Handler, Request, Response, WebServerError, plain
from exporter.web.listen import listen_on, url_of
from exporter.web.security import Security

_LOG_AGAIN_SECONDS = 60.0


class WebServer:
    """Serves an app on one or more addresses, from `start` to `close`.

    `listen_addresses` are as Prometheus writes them (`:10147`, `127.0.0.1:0`, `[::1]:9000`); `web_config_file` is in
    the exporter-toolkit's format. Raises WebServerError if that file cannot be used.
    """

    def __init__(
        self,
        app: Handler,
        *,
        listen_addresses: Sequence[str],
        web_config_file: Path | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        log: logging.Logger = logging.getLogger(__name__),  # noqa: B008 - one for the module
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self._app, self._log, self._clock = app, log, clock
        self._listen_addresses = tuple(listen_addresses)
        self._listeners: list[tuple[_Listener, threading.Thread]] = []
        self._logged_at: dict[str, float] = {}
        self.connections = ConnectionTable(limits, clock=clock.elapsed)
        self.security = Security(web_config_file, clock=clock, log=log)
        self.urls: tuple[str, ...] = ()
        """Where each address is reached, in the order given; empty before the start."""

    @property
    def url(self) -> str:
        """Where the first address is reached, with its real port and without a slash at the end."""
        return self.urls[0]

    def start(self) -> None:
        """Begins to serve. If it cannot, raises WebServerError and leaves nothing open."""
        if not self._listen_addresses:
            raise WebServerError("--web.listen-address: none given; name one, such as :10147")
        sockets = listen_on(self._listen_addresses)
        scheme = "http" if self.security.tls() is None else "https"
        self.urls = tuple(url_of(sock, scheme=scheme) for sock in sockets)
        listeners = [_Listener(sock, self) for sock in sockets]
        self._listeners = [(one, threading.Thread(target=one.run, name="web-accept", daemon=True)) for one in listeners]
        try:
            for _, thread in self._listeners:
                thread.start()
        except RuntimeError as error:
            self.close()
            raise WebServerError(f"the web server cannot start: {error}; raise the limit on threads") from None

    def reload(self) -> None:
        """Reads the web configuration now. Raises WebServerError, and keeps the old one, if it is bad."""
        self.security.reload()

    def close(self) -> None:
        """Frees the ports and ends every connection; answers under way get a second. Calling it again does nothing."""
        self.connections.closing = True
        for listener, thread in self._listeners:
            with contextlib.suppress(OSError):
                listener.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread
            if thread.ident is not None:
                thread.join()
            listener.server_close()
        self.connections.close()

    def answer(self, request: Request, connection: Connection) -> Response:
        """The response to a request on a connection. Never raises: a failing app is a 500 that does not say why."""
        return self.security.answer(request, self._call_app, connection)

    def _call_app(self, request: Request) -> Response:
        try:
            return self._app(request)
        except Exception:  # noqa: BLE001 - whatever goes wrong in a handler, the server goes on
            self.log_error("a page could not be made")
            return plain(500)

    def log_error(self, message: str) -> None:
        """Logs the exception that is being handled; the same message once a minute, lest clients fill the log."""
        now = self._clock.elapsed()
        if now - self._logged_at.get(message, -_LOG_AGAIN_SECONDS) >= _LOG_AGAIN_SECONDS:
            self._logged_at[message] = now
            self._log.exception(message)


class _Listener(ThreadingHTTPServer):
    """Serves the connections that come to one socket. What the library calls a request is a connection here."""

    def __init__(self, listening: socket.socket, web: WebServer) -> None:
        # Not TCPServer's, which would make a socket of its own.
        socketserver.BaseServer.__init__(self, listening.getsockname(), RequestHandler)  # type: ignore[arg-type]
        self.socket, self._web, self._connections = listening, web, web.connections

    def run(self) -> None:
        """Serves until the server closes; a lack of memory ends no more than what it hits."""
        while not self._connections.closing:
            with contextlib.suppress(MemoryError):
                self.handle_request()
                self._connections.end_overdue()

    def get_request(self) -> tuple[Connection, str]:  # type: ignore[override]
        try:
            sock, address = self.socket.accept()
        except TimeoutError:
            raise  # it is gone already
        except OSError:
            self._make_room()
            raise
        connection = self._connections.add(sock, address[0])
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
        if not self._connections.closing:
            self._web.log_error("cannot take a connection in; one that waits is closed")
            self._connections.evict()
            time.sleep(0.05)

    def finish_request(self, request: Connection, client_address: str) -> None:  # type: ignore[override]
        """Serves the connection, in its thread: handshake, requests, and an end that the client can read.

        A socket closed with unread bytes resets the connection, and the client may lose the answer that it was sent.
        """
        tls = self._web.security.tls()
        if tls is None or tls.secure(request):
            RequestHandler(request, self._web, tls)
        request.enter("linger")
        if tls is not None:
            tls.close_notify(request)
        socket.socket.shutdown(request.sock, socket.SHUT_WR)
        while socket.socket.recv(request.sock, 16 * 1024):
            pass

    def shutdown_request(self, request: Connection) -> None:  # type: ignore[override]
        request.sock.close()
        self._connections.remove(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs what is no client's doing; one that goes away or breaks the protocol is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            self._web.log_error("a connection failed")
