"""The web server: started, reloaded and closed as one thing.

Each connection has a thread that blocks in its socket, and one place (`crowd`) ends what takes too long or is too much.
That holds up under clients that idle, dawdle, stall a handshake or never read, with and without TLS, with less code
and memory than an asynchronous server needs once such bounds are added to it from outside.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from exporter.clock import Clock
from exporter.web.acceptor import Acceptor
from exporter.web.config_watch import ConfigWatch
from exporter.web.errors import WebServerError
from exporter.web.front import Front
from exporter.web.http import App
from exporter.web.limits import Limits
from exporter.web.listen import listen_on, url_of
from exporter.web.throttle import Throttle

_SAME_MESSAGE_SECONDS = 60.0
_DEFAULT_LIMITS = Limits()
_DEFAULT_CLOCK = Clock()
_DEFAULT_LOG = logging.getLogger(__name__)


class WebServer:
    """Serves an app on one or more addresses, from `start` to `close`.

    `listen_addresses` are as Prometheus writes them (`:10147`, `127.0.0.1:0`, `[::1]:9000`); `web_config_file` is in
    the exporter-toolkit's format.
    """

    def __init__(
        self,
        app: App,
        *,
        listen_addresses: Sequence[str],
        web_config_file: Path | None = None,
        limits: Limits = _DEFAULT_LIMITS,
        log: logging.Logger = _DEFAULT_LOG,
        clock: Clock = _DEFAULT_CLOCK,
    ) -> None:
        self._app = app
        self._listen_addresses = tuple(listen_addresses)
        self._web_config_file = web_config_file
        self._limits = limits
        self._log = log
        self._clock = clock
        self._watch: ConfigWatch | None = None
        self._acceptor: Acceptor | None = None
        self._urls: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where the first address is reached, with its real port and without a slash at the end."""
        return self.urls[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """Where each address is reached, in the order given; empty before the start."""
        return self._urls

    def start(self) -> None:
        """Begins to serve. If it cannot, raises WebServerError (one line, with what to do) and leaves nothing open."""
        if not self._listen_addresses:
            raise WebServerError("--web.listen-address: none given; name one, such as :10147")
        self._watch = ConfigWatch(self._web_config_file, clock=self._clock.elapsed, log=self._log)
        throttle = Throttle(seconds=_SAME_MESSAGE_SECONDS, clock=self._clock.elapsed)
        front = Front(self._app, watch=self._watch, log=self._log, throttle=throttle)
        listening = listen_on(self._listen_addresses)
        scheme = "http" if front.door() is None else "https"
        self._urls = tuple(url_of(sock, scheme=scheme) for sock in listening)
        try:
            acceptor = Acceptor(
                listening,
                front=front,
                limits=self._limits,
                clock=self._clock,
                log=self._log,
                throttle=throttle,
            )
            acceptor.start()
        except (OSError, RuntimeError) as error:
            for sock in listening:
                sock.close()
            raise WebServerError(
                f"the web server cannot start: {error}; raise the limits on files or threads"
            ) from None
        self._acceptor = acceptor

    def reload(self) -> None:
        """Reads the web configuration now. Raises WebServerError, and keeps the old one, if it is bad."""
        if self._watch is not None:
            self._watch.reload()

    def close(self) -> None:
        """Frees the ports and ends every connection; answers under way get a second. Calling it again does nothing."""
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.close()
