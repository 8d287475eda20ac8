"""The simulator on a socket: reads requests, sends replies, badly where an incident says so."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from . import control, partner_api
from .describe import describe_simulation
from .messages import Manner, Reply, Request, refusal
from .settings import DemoSettings
from .simulation import Simulation

_CLOSE_TIMEOUT = 5.0
MAX_BODY = 64 * 1024
DRIP_SECONDS = 0.5
DRIPS = 120
"""A dripping answer takes a minute: longer than any client's timeout."""


class DemoServer:
    """The simulated Vobiz: ``start()`` it, talk to ``url`` with one of ``partners``, ``close()`` it.

    ``clock`` gives real seconds since 1970. Usable in a ``with`` statement, which closes it.
    """

    def __init__(self, settings: DemoSettings, *, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self._simulation = Simulation(settings=settings, clock=clock)
        self._api = partner_api.PartnerApi(self._simulation)
        self._control = control.Control(self._simulation)
        self._closing = threading.Event()
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> DemoServer:
        """Listen and answer in threads of its own; OSError if the address cannot be had."""
        handler = type("_BoundHandler", (_Handler,), {"answer": staticmethod(self._answer), "closing": self._closing})
        self._listener = _Listener(self.settings.host, self.settings.port, handler)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, name="simulated-vobiz", daemon=True
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """End every connection, dripping ones too, and free the port. A second call does nothing."""
        self._closing.set()
        if self._listener is not None and self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._listener.end_connections()
            self._listener.server_close()
            self._thread = None

    def __enter__(self) -> DemoServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The base URL of the simulated Partner API, as ``api.base_url`` takes it."""
        return self._origin() + partner_api.BASE_PATH

    @property
    def control_url(self) -> str:
        """The base URL of the control side: the truth, incidents, pause and resume."""
        return self._origin() + control.BASE_PATH

    @property
    def partners(self) -> tuple[tuple[str, str], ...]:
        """The partners' credentials, as (X-Auth-ID, X-Auth-Token)."""
        with self._simulation.world() as world:
            return tuple((auth_id, world.token(auth_id) or "") for auth_id in world.auth_ids)

    def describe(self, *, max_partners: int = 3) -> str:
        """Return in words where it listens, who may ask, what will happen, and how to make something happen."""
        return describe_simulation(
            self._simulation, url=self.url, control_url=self.control_url, max_partners=max_partners
        )

    def _origin(self) -> str:
        if self._listener is None:
            raise RuntimeError("the simulated Vobiz has no address before start()")
        host, port = self._listener.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith(partner_api.BASE_PATH + "/"):
            return self._api.answer(request)
        if request.path.startswith(control.BASE_PATH + "/"):
            return self._control.answer(request)
        if request.path == "/":
            text = self.describe(max_partners=self.settings.partners)
            return Reply(status=200, body=text.encode(), content_type="text/plain; charset=utf-8")
        return refusal(404, "no such path; GET / explains this server")


class _Listener(ThreadingHTTPServer):
    """A threading server that knows its open connections, so that it can end them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[_Handler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._guard = threading.Lock()
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as the base class would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in a thread that is known until it ends."""
        thread = threading.Thread(
            target=self._serve_connection,
            args=(request, client_address),
            name="simulated-vobiz-connection",
            daemon=True,
        )
        with self._guard:
            self._connections[thread] = request
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a defect of the simulator as usual, but not that a client went away."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def end_connections(self) -> None:
        """Close every connection and wait until its thread has ended."""
        with self._guard:
            open_now = dict(self._connections)
        for connection in open_now.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in open_now:
            thread.join(_CLOSE_TIMEOUT)

    def _serve_connection(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._guard:
                del self._connections[threading.current_thread()]


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to ``answer``; ``closing`` ends an answer that drips. Both are set by a subclass."""

    answer: ClassVar[Callable[[Request], Reply]]
    closing: ClassVar[threading.Event]

    protocol_version = "HTTP/1.1"
    server_version = "simulated-vobiz"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 300
    server: ThreadingHTTPServer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a request is no news."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(refusal(413, f"send a body of at most {MAX_BODY} bytes, with its Content-Length"))
            return
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            auth_id=self.headers.get("X-Auth-ID"),
            token=self.headers.get("X-Auth-Token"),
            body=body,
        )
        self._send(type(self).answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - the base class's names

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return None
        if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _send(self, reply: Reply) -> None:
        if reply.manner is Manner.DROPPED:
            self.close_connection = True
            return
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self._write(reply)
        except OSError:
            self.close_connection = True

    def _write(self, reply: Reply) -> None:
        if reply.manner is not Manner.DRIPPING:
            self.wfile.write(reply.body)
            return
        for drip in range(DRIPS):
            share = slice(len(reply.body) * drip // DRIPS, len(reply.body) * (drip + 1) // DRIPS)
            self.wfile.write(reply.body[share])
            if self.closing.wait(DRIP_SECONDS):
                self.close_connection = True
                return
