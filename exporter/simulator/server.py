"""The simulator on a socket."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from typing import Any

from . import control, partner_api
from .describe import describe_simulation
from .handler import Handler
from .messages import Reply, Request, refusal
from .settings import DemoSettings
from .simulation import Simulation

_PATIENCE = 5.0


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
        handler = type("_Handler", (Handler,), {"answer": staticmethod(self._answer), "closing": self._closing})
        self._listener = _Listener(self.settings.host, self.settings.port, handler)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, name="simulated-vobiz", daemon=True
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """End every conversation, dripping ones too, and free the port. A second call does nothing."""
        self._closing.set()
        if self._listener is not None and self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._listener.end_conversations()
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

    def describe(self, *, most_partners: int = 3) -> str:
        """Return in words where it listens, who may ask, what will happen, and how to make something happen."""
        return describe_simulation(
            self._simulation, url=self.url, control_url=self.control_url, most_partners=most_partners
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
            text = self.describe(most_partners=self.settings.partners)
            return Reply(status=200, body=text.encode(), content_type="text/plain; charset=utf-8")
        return refusal(404, "no such path; GET / explains this server")


class _Listener(ThreadingHTTPServer):
    """A threading server that knows its open connections, so that it can end them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[Handler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._conversations: dict[threading.Thread, socket.socket] = {}
        self._guard = threading.Lock()
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as the base class would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in a thread that is known until it ends."""
        thread = threading.Thread(
            target=self._converse, args=(request, client_address), name="simulated-vobiz-connection", daemon=True
        )
        with self._guard:
            self._conversations[thread] = request
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a defect of the simulator as usual, but not that a client went away."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def end_conversations(self) -> None:
        """Close every connection and wait until its thread has ended."""
        with self._guard:
            open_now = dict(self._conversations)
        for connection in open_now.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in open_now:
            thread.join(_PATIENCE)

    def _converse(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._guard:
                del self._conversations[threading.current_thread()]
